// What a comment is about: a zone, a place or an area, chosen on the map and put into the form's fields.
// Keyboard: with the map focused, Enter takes the middle of the map, where a cross stands.

export class Subject {
  constructor(map, settings, status) {
    this.map = map;
    this.texts = settings.texts;
    this.status = status;
    this.mode = "zone";
    this.corners = [];
    this.tools = document.getElementById("hearing-tools");
    this.zone = document.getElementById("zone");
    this.place = document.getElementById("place");
    this.coordinates = document.getElementById("coordinates");
  }

  start() {
    // Without a form (nobody signed in) there is nothing to put a choice into.
    if (!this.zone) return;
    this.tools.hidden = false;
    for (const button of this.tools.querySelectorAll("[data-mode]")) {
      button.addEventListener("click", () => this.choose(button.dataset.mode));
    }
    this.finish = this.tools.querySelector("[data-finish]");
    this.finish.addEventListener("click", () => this.closeArea());
    this.tools.querySelector("[data-clear]").addEventListener("click", () => this.clear());
    this.map.on("click", (event) => this.take(event.lngLat, event.point));
    this.map.getCanvas().addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      const centre = this.map.getCenter();
      this.take(centre, this.map.project(centre));
    });
    this.zone.addEventListener("input", () => this.mark(Number(this.zone.value)));
    if (this.zone.value) this.mark(Number(this.zone.value));
  }

  choose(mode) {
    this.mode = mode;
    this.corners = [];
    for (const button of this.tools.querySelectorAll("[data-mode]")) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    }
    this.finish.hidden = mode !== "area";
    this.status.textContent = mode === "area" ? this.texts.drawing : "";
  }

  take(lngLat, point) {
    const place = [Number(lngLat.lng.toFixed(6)), Number(lngLat.lat.toFixed(6))];
    if (this.mode === "zone") this.takeZone(point);
    else if (this.mode === "point") this.takePoint(place);
    else this.addCorner(place);
  }

  takeZone(point) {
    const [found] = this.map.queryRenderedFeatures(point, { layers: ["draft-fill"] });
    if (!found) return;
    this.empty();
    this.zone.value = String(found.id);
    this.mark(found.id);
    this.status.textContent = this.texts.chosenZone.replace("{zone}", found.id).replace("{code}", found.properties.code);
  }

  takePoint(place) {
    this.empty();
    this.coordinates.value = `${place[1]}, ${place[0]}`;
    this.put({ type: "Point", coordinates: place });
    this.status.textContent = this.texts.chosenPlace;
  }

  addCorner(place) {
    if (this.corners.length === 0) this.empty();
    this.corners.push(place);
    const line = this.corners.length > 1 ? { type: "LineString", coordinates: this.corners } : { type: "Point", coordinates: place };
    this.draw(line);
    this.status.textContent = this.texts.drawing;
  }

  closeArea() {
    if (this.corners.length < 3) return;
    this.put({ type: "Polygon", coordinates: [[...this.corners, this.corners[0]]] });
    this.corners = [];
    this.status.textContent = this.texts.chosenArea;
  }

  put(geometry) {
    this.place.value = JSON.stringify(geometry);
    this.draw(geometry);
  }

  draw(geometry) {
    const features = geometry ? [{ type: "Feature", properties: {}, geometry }] : [];
    this.map.getSource("subject").setData({ type: "FeatureCollection", features });
  }

  mark(zone) {
    this.map.setFilter("draft-chosen", ["in", ["id"], ["literal", zone ? [zone] : []]]);
  }

  empty() {
    this.zone.value = "";
    this.place.value = "";
    this.coordinates.value = "";
    this.mark(0);
    this.draw(null);
  }

  clear() {
    this.corners = [];
    this.empty();
    this.status.textContent = this.texts.nothing;
  }
}
