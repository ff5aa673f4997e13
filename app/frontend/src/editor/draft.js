// The draft as this page knows it: the table of all zones, exact features where they were fetched, and on top of them
// what the planner changed and the server has not answered yet.
import { boundsMeet, boundsOf } from "./geometry.js";
import { foretell } from "./operations.js";

export class Draft extends EventTarget {
  constructor(info) {
    super();
    this.rows = new Map();
    this.exact = new Map();
    this.ahead = new Map();
    this.boxes = new WeakMap();
    // Zones that differ from the tiles that are shown: drawn from features, hidden in the tiles.
    this.changed = new Set();
    // Counts what came in, so that an answer that was on its way meanwhile does not bring back older outlines.
    this.clock = 0;
    this.takenAt = new Map();
    this.setInfo(info);
    this.tilesHead = info.head;
  }

  setInfo(info) {
    this.info = info;
    this.head = info.head;
    this.undo = info.undo;
    this.redo = info.redo;
    this.subzones = new Map(info.subzones.map((subzone) => [subzone.code, subzone]));
  }

  setRows({ columns, rows }) {
    this.rows = new Map(rows.map((values) => [values[0], Object.fromEntries(columns.map((name, index) => [name, values[index]]))]));
    this.#tell("rows");
  }

  has(id) {
    return this.rows.has(id);
  }

  row(id) {
    return this.rows.get(id);
  }

  // A zone as the planner sees it: with what waits to be saved. Undefined where it was not fetched.
  zone(id) {
    return this.ahead.get(id) ?? this.exact.get(id);
  }

  // Zones with a known outline whose box meets one, as [west, south, east, north].
  near(box) {
    return [...this.exact.keys()].map((id) => this.zone(id)).filter((zone) => boundsMeet(this.#boundsOf(zone), box));
  }

  #boundsOf(zone) {
    if (!this.boxes.has(zone)) this.boxes.set(zone, boundsOf(zone.geometry.coordinates));
    return this.boxes.get(zone);
  }

  colourOf(code) {
    return this.subzones.get(code)?.colour ?? "#9aa0a6";
  }

  bounds(id) {
    const zone = this.zone(id);
    if (zone) return this.#boundsOf(zone);
    const row = this.rows.get(id);
    return row ? [row.west, row.south, row.east, row.north] : null;
  }

  // Features that were asked for when the clock stood at ``asked``.
  learn(features, asked) {
    for (const feature of features) {
      if ((this.takenAt.get(feature.id) ?? 0) > asked) continue;
      const row = this.rows.get(feature.id);
      if (!row || row.revision_id !== feature.properties.revision_id) this.#keepRow(feature);
      this.exact.set(feature.id, feature);
    }
  }

  // What a saved operation or another planner changed. Returns the ids of the zones that differ from what was known.
  take({ zones, removed }, asked = this.clock) {
    this.clock += 1;
    const fresh = (id) => (this.takenAt.get(id) ?? 0) <= asked;
    const taken = [];
    for (const feature of zones.features.filter(({ id }) => fresh(id))) {
      this.takenAt.set(feature.id, this.clock);
      if (this.exact.get(feature.id)?.properties.revision_id === feature.properties.revision_id) continue;
      this.exact.set(feature.id, feature);
      this.#keepRow(feature);
      taken.push(feature.id);
    }
    for (const id of removed.filter(fresh)) {
      this.takenAt.set(id, this.clock);
      if (!this.rows.has(id)) continue;
      this.exact.delete(id);
      this.rows.delete(id);
      taken.push(id);
    }
    taken.forEach((id) => this.changed.add(id));
    if (taken.length) this.#tell("rows");
    return taken;
  }

  // Put the waiting changes on top again.
  foretell(changes) {
    const before = new Set(this.ahead.keys());
    this.ahead = new Map();
    for (const { request, body, zones, state } of changes) {
      if (request !== "operations" || state !== "waiting") continue;
      const concerned = new Map(zones.map((id) => [id, this.zone(id)]).filter(([, zone]) => zone));
      for (const zone of foretell(concerned, body.op)) this.ahead.set(zone.id, zone);
    }
    for (const id of this.ahead.keys()) this.changed.add(id);
    this.#tell("zones");
    return new Set([...before, ...this.ahead.keys()]);
  }

  // New tiles hold everything up to a head: only what waits differs from them.
  renewTiles(head) {
    this.tilesHead = head;
    this.changed = new Set(this.ahead.keys());
    this.#tell("zones");
  }

  revisions(ids) {
    return Object.fromEntries(ids.map((id) => [id, (this.exact.get(id)?.properties ?? this.rows.get(id))?.revision_id]).filter(([, revision]) => revision));
  }

  #keepRow({ id, properties, geometry }) {
    const [west, south, east, north] = boundsOf(geometry.coordinates);
    const { zone_id, revision_id, subzone_code, block, sub_block, area_m2, legal_area_ha, remark } = properties;
    this.rows.set(id, { zone_id, revision_id, subzone_code, block, sub_block, area_m2, legal_area_ha, remark, west, south, east, north });
  }

  #tell(type) {
    this.dispatchEvent(new Event(type));
  }
}
