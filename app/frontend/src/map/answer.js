// The answer to a tap: the server's card in a sheet at the bottom of a phone, beside the map on a desktop.
import { hitAddress } from "../search.js";
import { NO_ZONE } from "./style.js";

const WIDE = "(min-width: 900px)";
const ZOOM_OF_KIND = { parcel: 18, coordinates: 17, landmark: 17, street: 16, rt: 16, kelurahan: 14, kecamatan: 12.5 };

export class Answer {
  constructor(app, map, settings, versions, say) {
    Object.assign(this, { map, settings, versions, say });
    this.address = app.dataset.card;
    this.sheet = document.getElementById("sheet");
    this.body = document.getElementById("sheet-body");
    this.size = document.getElementById("sheet-size");
    this.empty = this.body.innerHTML;
    this.point = null;
    this.activity = "";
    this.accuracy = 0;
    this.pending = null;
    this.onChange = () => {};
    document.getElementById("sheet-close").addEventListener("click", () => this.close());
    this.size.addEventListener("click", () => this.#setState(this.sheet.dataset.state === "full" ? "half" : "full"));
    this.body.addEventListener("click", (event) => this.#followLink(event));
    this.body.addEventListener("submit", (event) => this.#askActivity(event));
    this.sheet.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    this.#enhanceDrag();
  }

  // Ask about a point {lng, lat}. focus: move the keyboard's focus to the answer.
  async ask(point, { activity = "", use = "", accuracy = 0, focus = false } = {}) {
    this.point = point;
    this.activity = activity;
    this.accuracy = accuracy;
    this.#mark();
    if (this.sheet.dataset.state === "closed") this.#setState("half");
    this.sheet.setAttribute("aria-busy", "true");
    this.say(this.settings.texts.asking);
    this.pending?.abort();
    this.pending = new AbortController();
    const query = new URLSearchParams({ lon: point.lng.toFixed(7), lat: point.lat.toFixed(7) });
    for (const [name, value] of Object.entries({ activity, use, accuracy_m: accuracy, on: this.versions.on })) if (value) query.set(name, value);
    if (this.versions.planChosen) query.set("plan", this.versions.plan.code);
    try {
      const response = await fetch(`${this.address}?${query}`, { signal: this.pending.signal });
      this.#show(await response.text(), focus, Boolean(activity || use));
    } catch (error) {
      if (error.name === "AbortError") return;
      this.#showFailure();
    }
    this.sheet.removeAttribute("aria-busy");
    this.onChange();
  }

  again() {
    if (this.point) this.ask(this.point, { activity: this.activity, accuracy: this.accuracy });
  }

  // A search hit: fly there; a parcel has a page of its own with its shares.
  goTo(hit) {
    if (hit.kind === "parcel" && !this.map) return;
    const zoom = ZOOM_OF_KIND[hit.kind] ?? 16;
    const isArea = ["kelurahan", "kecamatan", "rt", "street"].includes(hit.kind);
    if (isArea && hit.bbox) {
      const [west, south, east, north] = hit.bbox;
      this.map.fitBounds([[west, south], [east, north]], { padding: 40, maxZoom: 17 });
      this.say(hit.label);
      this.map.getCanvas().focus();
      return;
    }
    this.map.jumpTo({ center: [hit.lon, hit.lat], zoom });
    if (!isArea) this.ask({ lng: hit.lon, lat: hit.lat }, { focus: true });
  }

  async search(form) {
    const words = form.elements.q.value.trim();
    const response = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(words)}`);
    const found = response.ok ? await response.json() : { results: [] };
    if (found.results.length === 1 && !found.notice) this.goTo(found.results[0]);
    else location.assign(`${form.dataset.answer}?q=${encodeURIComponent(words)}`);
  }

  pageAddress(hit, form) {
    return hitAddress(hit, form.dataset, this.versions.on);
  }

  close() {
    this.pending?.abort();
    this.point = null;
    this.activity = "";
    this.#setState("closed");
    this.body.innerHTML = this.empty;
    this.#mark();
    this.map.setFilter("zone-asked", NO_ZONE);
    this.say("");
    this.map.getCanvas().focus();
    this.onChange();
  }

  #show(html, focus, toActivity) {
    this.body.innerHTML = html;
    const card = this.body.querySelector("[data-zones]");
    const zones = (card?.dataset.zones ?? "").split(",").filter(Boolean).map(Number);
    this.map.setFilter("zone-asked", ["in", ["id"], ["literal", zones]]);
    const title = this.body.querySelector("[data-card-title]");
    const short = this.body.querySelector(".sheet-zone")?.textContent ?? "";
    this.say(`${title.textContent.trim()} ${short.trim()}`, { onlySpoken: true });
    this.#uncover();
    this.body.scrollTop = 0;
    if (focus) title.focus();
    if (toActivity) this.body.querySelector("#activity")?.scrollIntoView({ block: "start" });
  }

  // On a phone the sheet lies over the map: move a point that it hides into what is left.
  #uncover() {
    if (!this.point || matchMedia(WIDE).matches) return;
    const canvas = this.map.getCanvas().getBoundingClientRect();
    const free = this.sheet.getBoundingClientRect().top - canvas.top;
    const { y } = this.map.project(this.point);
    if (y > free - 40 && free > 160) this.map.panBy([0, y - (free + 76) / 2], { duration: 250 });
  }

  #showFailure() {
    const notice = document.createElement("div");
    notice.className = "notice notice--stop";
    notice.textContent = this.settings.texts.failed;
    this.body.replaceChildren(notice);
    this.say(this.settings.texts.failed);
  }

  #mark() {
    const features = this.point
      ? [{ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [this.point.lng, this.point.lat] } }]
      : [];
    this.map.getSource("asked")?.setData({ type: "FeatureCollection", features });
  }

  #followLink(event) {
    const link = event.target.closest("a[data-activity], a[data-point]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.dataset.activity) {
      this.ask(this.point, { activity: link.dataset.activity, accuracy: this.accuracy });
      return;
    }
    const [lng, lat] = link.dataset.point.split(",").map(Number);
    this.map.jumpTo({ center: [lng, lat] });
    this.ask({ lng, lat }, { activity: this.activity, focus: true });
  }

  #askActivity(event) {
    if (!event.target.matches("[data-ask]")) return;
    event.preventDefault();
    this.ask(this.point, { use: event.target.elements.use.value, accuracy: this.accuracy });
  }

  #setState(state) {
    this.sheet.dataset.state = state;
    this.sheet.style.height = "";
    const full = state === "full";
    this.size.setAttribute("aria-expanded", String(full));
    document.getElementById("sheet-size-text").textContent = full ? this.settings.texts.less : this.settings.texts.more;
  }

  // The handle may be dragged; the button itself does the same for keyboards and screen readers.
  #enhanceDrag() {
    let startY = null;
    let startHeight = 0;
    this.size.addEventListener("pointerdown", (event) => {
      if (matchMedia(WIDE).matches) return;
      startY = event.clientY;
      startHeight = this.sheet.offsetHeight;
      this.size.setPointerCapture(event.pointerId);
    });
    this.size.addEventListener("pointermove", (event) => {
      if (startY === null || Math.abs(event.clientY - startY) < 6) return;
      this.sheet.style.height = `${startHeight + startY - event.clientY}px`;
    });
    this.size.addEventListener("pointerup", (event) => {
      const moved = startY === null ? 0 : startY - event.clientY;
      startY = null;
      if (Math.abs(moved) < 24) {
        this.sheet.style.height = "";
        return;
      }
      // A drag also ends in a click, which would undo it.
      this.size.addEventListener("click", (click) => click.stopImmediatePropagation(), { capture: true, once: true });
      if (moved > 0) this.#setState("full");
      else if (this.sheet.dataset.state === "full") this.#setState("half");
      else this.close();
    });
  }
}
