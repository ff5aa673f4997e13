// What a pointer may snap to in the part of the map that is shown: zones, parcels, roads, administrative lines.
import { ApiError } from "./api.js";
import { candidatesOf, snap } from "./snapping.js";

const CLOSE_ENOUGH = 14.5;
const KIND_OF = { parcels: "parcel", roads: "road", areas: "area" };

export class Surroundings {
  constructor(api, draft, canvas, words) {
    Object.assign(this, { api, draft, canvas, words });
    this.active = false;
    this.lines = [];
    this.cache = new WeakMap();
    this.off = false;
    canvas.map.on("moveend", () => this.#load());
    addEventListener("keydown", (event) => event.key === "Alt" && this.#switch(true, event));
    addEventListener("keyup", (event) => event.key === "Alt" && this.#switch(false, event));
    addEventListener("blur", () => this.#switch(false));
  }

  // Fetch what lies around from now on (true), or no longer.
  watch(active) {
    if (active === this.active) return;
    this.active = active;
    if (active) this.#load();
    else this.canvas.snapMark(null);
  }

  // Where a pointer at a place snaps, marked on the map; null where it does not. Options as in snapping.js.
  find(place, options = {}) {
    const found = this.off || options.off ? null : snap(place, this.#candidates(), this.canvas.screen(), options);
    this.canvas.snapMark(found, found && this.words.t(`snap_${found.kind}_${found.what}`));
    return found;
  }

  #switch(off, event) {
    if (event && this.active) event.preventDefault();
    this.off = off;
  }

  #candidates() {
    const zones = this.draft.near(this.canvas.box()).flatMap((zone) => {
      if (!this.cache.has(zone)) this.cache.set(zone, candidatesOf("zone", zone.geometry, zone.id));
      return this.cache.get(zone);
    });
    return [...zones, ...this.lines];
  }

  async #load() {
    if (!this.active || this.canvas.map.getZoom() < CLOSE_ENOUGH) return;
    const box = this.canvas.box();
    if (this.loaded && within(box, this.loaded)) return;
    // Half a screen more on each side, so that small moves need nothing new.
    const [w, s, e, n] = box;
    const wide = [w - (e - w) / 2, s - (n - s) / 2, e + (e - w) / 2, n + (n - s) / 2].map((value) => value.toFixed(6));
    this.loaded = wide.map(Number);
    await Promise.all([this.#loadZones(wide.join(",")), this.#loadLines(wide.join(","))]);
  }

  async #loadZones(box) {
    const { clock } = this.draft;
    const answer = await this.#ask(`/features?bbox=${box}`);
    if (answer) this.draft.learn(answer.features, clock);
  }

  async #loadLines(box) {
    const others = await this.#ask(`/snap?bbox=${box}`);
    if (others) this.lines = Object.entries(KIND_OF).flatMap(([name, kind]) => (others[name] ?? []).flatMap((geometry) => candidatesOf(kind, geometry)));
  }

  // Null where there is no answer: then there is less to snap to, and all else goes on.
  async #ask(path) {
    try {
      return await this.api.get(path);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.loaded = null;
      return null;
    }
  }
}

function within(inner, outer) {
  return inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3];
}
