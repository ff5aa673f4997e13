// The editor's map: what is drawn from tiles, what from features, and the marks of the tools.
import { Map as LibreMap, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import { draftTiles, editorStyle } from "./layers.js";
import { screenOf } from "./snapping.js";

const collection = (features) => ({ type: "FeatureCollection", features });
export const feature = (geometry, properties = {}, id) => ({ type: "Feature", id, geometry, properties });
export const point = (coordinates, properties) => feature({ type: "Point", coordinates }, properties);
const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
// About a second: a map that is slower than that shows the saved outlines late, and no harm is done.
const MOST_FRAMES = 60;

export class Canvas {
  constructor(app, settings, draft, view) {
    Object.assign(this, { settings, draft });
    this.tilesHead = draft.tilesHead;
    this.hidden = new Set();
    this.selected = new Set();
    this.dragging = new Set();
    setWorkerUrl(new URL(app.dataset.worker, location.href).href);
    const [west, south, east, north] = settings.bounds;
    this.map = new LibreMap({
      container: "map",
      style: editorStyle(settings, app.dataset.font, draft.tilesHead),
      ...(view ?? { bounds: draft.info.bbox, fitBoundsOptions: { padding: 30 } }),
      minZoom: 9,
      maxZoom: 22,
      maxBounds: [west - 0.25, south - 0.25, east + 0.25, north + 0.25],
      attributionControl: false,
      boxZoom: false,
      doubleClickZoom: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      locale: { "Map.Title": settings.texts.mapLabel, "NavigationControl.ZoomIn": settings.texts.zoomIn, "NavigationControl.ZoomOut": settings.texts.zoomOut },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new NavigationControl({ showCompass: false }), "bottom-right");
    this.map.addControl(new ScaleControl({ unit: "metric" }), "bottom-left");
    // The style is enough to draw on; tiles of a large plan may go on arriving while the planner begins.
    this.ready = new Promise((resolve) => this.map.once("style.load", resolve));
    draft.addEventListener("zones", () => this.drawZones());
  }

  // Places to pixels and back without rounding, for snapping.
  screen() {
    const { lng: lon, lat } = this.map.getCenter();
    const { clientWidth: width, clientHeight: height } = this.map.getCanvas();
    return screenOf({ lon, lat, zoom: this.map.getZoom(), width, height });
  }

  box() {
    const bounds = this.map.getBounds();
    return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  }

  // Zones drawn at a pixel, or in a box of two: their ids.
  zonesAt(where) {
    const found = this.map.queryRenderedFeatures(where, { layers: ["draft-fill", "changed-fill"] });
    return [...new Set(found.filter(({ source, id }) => source === "changed" || !this.hidden.has(id)).map(({ id }) => id))].filter((id) => this.draft.has(id));
  }

  drawZones() {
    this.zonesDrawn = this.ready.then(() => this.#drawZones());
    return this.zonesDrawn;
  }

  async #drawZones() {
    if (this.tilesHead !== this.draft.tilesHead) this.#renewTiles();
    const shown = [...this.draft.changed].map((id) => this.draft.zone(id)).filter(Boolean);
    const drawn = this.set("changed", shown.map((zone) => this.#drawn(zone)));
    this.#mark();
    await drawn;
  }

  select(ids) {
    this.selected = new Set(ids);
    this.#mark();
  }

  // Draw some zones as they move; the same zones elsewhere are hidden meanwhile. wrong: ids drawn as impossible.
  drag(zones, wrong = new Set()) {
    this.dragging = new Set(zones.map((zone) => zone.id));
    this.set("drag", zones.map((zone) => this.#drawn(zone, { wrong: wrong.has(zone.id), chosen: this.selected.has(zone.id) })));
    this.#mark();
  }

  // The moved outlines stay until the new ones are drawn in their place, so that nothing flickers.
  async endDrag() {
    const mine = this.dragging;
    await this.zonesDrawn;
    for (let frame = 0; frame < MOST_FRAMES && !this.map.isSourceLoaded("changed"); frame += 1) await nextFrame();
    if (this.dragging === mine) this.drag([]);
  }

  // The result of an operation that is not kept yet. labelOf: what is written into each zone.
  preview(features, labelOf = () => "") {
    this.set("preview", features.map((zone) => this.#drawn(zone, { label: labelOf(zone) })));
  }

  // Outlines of a conflict by side, and points with a word where they differ: {side: {geometries, places, word}}.
  conflict(sides) {
    const drawn = Object.entries(sides).flatMap(([side, { geometries, places, word }]) => [
      ...geometries.map((geometry) => feature(geometry, { side })),
      ...places.map((place) => point(place, { side, word })),
    ]);
    this.set("conflict", drawn);
  }

  showSide(side, visible) {
    for (const part of ["line", "place", "word"]) this.map.setLayoutProperty(`conflict-${side}-${part}`, "visibility", visible ? "visible" : "none");
  }

  snapMark(found, word) {
    this.set("snap", found ? [point(found.at, { word })] : []);
  }

  placeMark(place) {
    this.set("place", place ? [point(place)] : []);
  }

  set(name, features) {
    return this.map.getSource(name)?.setData(collection(features));
  }

  show(bounds, { maxZoom = 18 } = {}) {
    if (!bounds) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.map.fitBounds([bounds.slice(0, 2), bounds.slice(2)], { padding: 70, maxZoom, duration: still ? 0 : 400 });
  }

  #drawn(zone, more = {}) {
    const code = zone.properties.subzone_code;
    return feature(zone.geometry, { code, colour: this.draft.colourOf(code), ...more }, zone.id);
  }

  #renewTiles() {
    this.tilesHead = this.draft.tilesHead;
    this.map.removeFeatureState({ source: "draft", sourceLayer: "zones" });
    this.hidden.clear();
    this.map.getSource("draft").setTiles(draftTiles(this.settings, this.tilesHead));
  }

  // Which zones are hidden and selected, told to the map as states: no tile is read again.
  async #mark() {
    await this.ready;
    const hidden = new Set([...this.draft.changed, ...this.dragging]);
    const all = new Set([...hidden, ...this.selected, ...this.hidden, ...(this.marked ?? [])]);
    for (const id of all) {
      const selected = this.selected.has(id);
      this.map.setFeatureState({ source: "draft", sourceLayer: "zones", id }, { hidden: hidden.has(id), selected });
      this.map.setFeatureState({ source: "changed", id }, { hidden: this.dragging.has(id), selected });
    }
    this.hidden = hidden;
    this.marked = new Set(this.selected);
  }
}
