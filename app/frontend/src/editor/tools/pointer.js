// The first tool: choose zones, and move, insert and delete nodes of the chosen ones in every zone that shares them.
import { point } from "../canvas.js";
import { measure } from "../geometry.js";
import { crossesItself, degreeOf, insertNode, junctionEdges, moveNodes, nodeKey, nodesOf, ownersOf, rounded, sameNode, targetOf } from "../topology.js";

const REACH = { mouse: 10, pen: 14, touch: 24 };
const MOVED_PX = 4;
const MOST_HANDLES = 3000;
// A little more than a pixel's worth of land around a place, in degrees.
const around = ([lon, lat], by = 2e-5) => [lon - by, lat - by, lon + by, lat + by];

export class PointerTool {
  constructor(editor) {
    Object.assign(this, editor);
    this.editor = editor;
    this.handles = [];
    this.active = null;
    this.drag = null;
    this.frame = 0;
    const container = this.canvas.map.getCanvasContainer();
    container.addEventListener("pointerdown", (event) => this.#down(event), true);
    addEventListener("pointermove", (event) => this.#move(event));
    addEventListener("pointerup", (event) => this.#up(event));
    addEventListener("pointercancel", () => this.cancel());
    container.addEventListener("dblclick", (event) => this.#insertAtMiddle(event));
    this.canvas.map.on("moveend", () => this.drawHandles());
    this.selection.addEventListener("change", () => this.drawHandles());
    this.draft.addEventListener("zones", () => this.drawHandles());
  }

  get isOn() {
    return this.editor.tool === "select" && this.editor.mayEdit;
  }

  // Nodes of the chosen zones within the map, and the middles of their edges.
  drawHandles() {
    if (this.drag) return;
    const before = this.handles.length;
    this.handles = this.isOn && this.selection.isExact ? this.#handlesInView() : [];
    if (this.active && !this.handles.some(({ at }) => sameNode(at, this.active))) this.activate(null);
    else if (before !== this.handles.length) this.selection.dispatchEvent(new Event("node"));
    this.#showHandles();
  }

  #handlesInView() {
    const box = this.canvas.box();
    const seen = new Set();
    const handles = [];
    const add = (kind, at, edge) => {
      const key = `${kind}${nodeKey(at)}`;
      if (seen.has(key) || at[0] < box[0] || at[1] < box[1] || at[0] > box[2] || at[1] > box[3]) return;
      seen.add(key);
      handles.push({ kind, at, edge });
    };
    for (const zone of this.selection.zones()) {
      for (const { node, part, ring, position } of nodesOf(zone)) {
        const next = zone.geometry.coordinates[part][ring][position + 1];
        add("node", node);
        add("middle", [(node[0] + next[0]) / 2, (node[1] + next[1]) / 2], [node, next]);
      }
    }
    const nodes = handles.filter(({ kind }) => kind === "node").length;
    this.editor.setHint(nodes > MOST_HANDLES ? "zoomForNodes" : null);
    return nodes > MOST_HANDLES ? [] : handles;
  }

  #showHandles() {
    this.canvas.set("handles", this.handles.map(({ kind, at }) => point(at, { kind, active: kind === "node" && Boolean(this.active && sameNode(at, this.active)) })));
  }

  // The node that keys and the form of the panel work on.
  activate(node) {
    if (node === this.active || (node && this.active && sameNode(node, this.active))) return;
    this.active = node;
    this.#showHandles();
    this.selection.dispatchEvent(new Event("node"));
  }

  #pixel(event) {
    const box = this.canvas.map.getCanvas().getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #handleAt(pixel, reach) {
    const { project } = this.canvas.screen();
    const middles = this.canvas.map.getZoom() >= 14.5;
    let best = null;
    for (const handle of this.handles) {
      if (handle.kind === "middle" && !middles) continue;
      const [x, y] = project(handle.at);
      // A node goes before the middle of an edge that lies as near.
      const distance = Math.hypot(x - pixel[0], y - pixel[1]) + (handle.kind === "middle" ? 3 : 0);
      if (distance <= reach && (!best || distance < best.distance)) best = { ...handle, distance };
    }
    return best;
  }

  #down(event) {
    if (event.button !== 0 || this.editor.tool !== "select" || !event.isPrimary) return;
    const pixel = this.#pixel(event);
    const handle = this.isOn && this.#handleAt(pixel, REACH[event.pointerType] ?? REACH.mouse);
    this.press = { pixel, shift: event.shiftKey, pointer: event.pointerId };
    if (handle) {
      this.canvas.map.dragPan.disable();
      this.#begin(handle, pixel);
    } else if (event.shiftKey) {
      this.canvas.map.dragPan.disable();
      this.box = { from: pixel };
    }
  }

  #begin(handle, pixel) {
    const node = handle.kind === "node" ? handle.at : rounded(handle.at);
    const near = this.draft.near(around(node, 1e-6));
    const start = handle.edge
      ? { zones: replaced(near, insertNode(near, handle.edge, node)), inserts: [{ edge: handle.edge, fresh: true }] }
      : withJunctions(near, node);
    const owners = ownersOf(start.zones, node);
    const ids = new Set(owners.map(({ id }) => id));
    this.drag = { ...start, node, owners, ids, handle, pixel, to: node, moved: false, neighbours: neighboursOf(owners, node) };
  }

  #move(event) {
    if (this.box) this.#stretchBox(this.#pixel(event));
    if (!this.drag) {
      if (event.pointerType === "mouse" && this.isOn && !this.box) this.#hover(event);
      return;
    }
    const pixel = this.#pixel(event);
    if (!this.drag.moved && Math.hypot(pixel[0] - this.drag.pixel[0], pixel[1] - this.drag.pixel[1]) < MOVED_PX) return;
    event.preventDefault();
    this.drag.moved = true;
    this.drag.pointer = pixel;
    this.drag.off = event.altKey;
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.#follow());
  }

  #hover(event) {
    if (event.target !== this.canvas.map.getCanvas()) return;
    const over = this.#handleAt(this.#pixel(event), REACH.mouse);
    this.canvas.map.getCanvas().style.cursor = over ? "move" : "";
  }

  // All zones that share the node follow it; area and border are counted on the way.
  #follow() {
    const { drag } = this;
    if (!drag) return;
    const place = this.canvas.screen().unproject(drag.pointer);
    const found = this.surroundings.find(place, { skipZones: drag.ids, onlyNodes: drag.neighbours, skipNode: drag.node, off: drag.off });
    drag.to = found?.what === "node" && found.kind === "zone" ? found.at : rounded(found?.at ?? place);
    const changed = moveNodes(drag.owners, [{ from: drag.node, to: drag.to }]);
    drag.after = drag.owners.map((zone) => ({ ...zone, geometry: { type: "MultiPolygon", coordinates: changed.get(zone.id) ?? zone.geometry.coordinates } }));
    drag.wrong = new Set(drag.after.filter((zone) => crossesItself(zone.geometry.coordinates, drag.to)).map(({ id }) => id));
    this.canvas.drag(drag.after, drag.wrong);
    this.canvas.set("handles", [point(drag.to, { kind: "node", active: true })]);
    this.editor.readout(this.#figures(drag), drag.pointer);
  }

  #figures({ after, wrong }) {
    const { words, plane } = this.editor;
    if (wrong.size) return [words.t("wouldCross")];
    const shown = after.filter(({ id }) => this.selection.has(id));
    return (shown.length ? shown : after).slice(0, 4).map((zone) => {
      const { areaM2, perimeterM } = measure(zone.geometry.coordinates, plane);
      return words.t("figures", { code: zone.properties.subzone_code ?? "", area: words.area(areaM2), change: words.signed(areaM2 - (zone.properties.area_m2 ?? areaM2)), border: words.length(perimeterM) });
    });
  }

  async #up(event) {
    const { press } = this;
    this.press = null;
    if (this.box) return this.#chooseBox(press);
    if (!press || event.pointerId !== press.pointer) return;
    const { drag } = this;
    if (!drag) {
      const pixel = this.#pixel(event);
      if (Math.hypot(pixel[0] - press.pixel[0], pixel[1] - press.pixel[1]) < MOVED_PX) this.#click(pixel, press.shift);
      return;
    }
    cancelAnimationFrame(this.frame);
    this.canvas.map.dragPan.enable();
    if (!drag.moved) {
      this.drag = null;
      if (drag.handle.kind === "node") this.activate(drag.node);
      return;
    }
    drag.pointer = this.#pixel(event);
    this.#follow();
    this.editor.readout(null);
    this.canvas.snapMark(null);
    this.drag = null;
    await this.#drop(drag);
  }

  async #drop(drag) {
    if (drag.wrong.size) {
      this.canvas.drag([]);
      this.drawHandles();
      this.editor.say(this.editor.words.t("crossRefused"), "warn");
      return;
    }
    const to = targetOf(this.draft.near(around(drag.to, 1e-6)), drag.to, [drag.node]);
    if (await this.move(drag, to)) this.active = to;
    this.canvas.endDrag();
    this.drawHandles();
  }

  // Keep what a drag or a typed place means: nodes put into edges first, then the move in all owners.
  async move({ node, inserts, ids }, to) {
    const zones = [...ids];
    if (inserts.length === 1 && inserts[0].fresh) {
      // A new node may be put anywhere at once.
      await this.sync.operate({ kind: "insert_node", edge: inserts[0].edge, at: to }, zones);
      return true;
    }
    if (sameNode(node, to)) return false;
    for (const { edge } of inserts) await this.sync.operate({ kind: "insert_node", edge, at: node }, zones);
    await this.sync.operate({ kind: "move_nodes", moves: [{ from: node, to }] }, zones);
    return true;
  }

  // The same by coordinates, for the form of the panel.
  moveActive(to) {
    const node = this.active;
    const near = this.draft.near(around(node, 1e-6));
    const start = withJunctions(near, node);
    const target = targetOf(this.draft.near(around(to, 1e-6)), to, [node]);
    const owners = ownersOf(start.zones, node);
    this.active = target;
    return this.move({ node, inserts: start.inserts, ids: new Set(owners.map(({ id }) => id)) }, target);
  }

  async deleteActive() {
    const node = this.active;
    if (!node || !this.isOn) return;
    const owners = ownersOf(this.draft.near(around(node, 1e-6)), node);
    if (degreeOf(owners, node) > 2) {
      this.editor.say(this.editor.words.t("junctionNotDeleted"), "warn");
      return;
    }
    this.activate(null);
    await this.sync.operate({ kind: "delete_node", node }, owners.map(({ id }) => id));
  }

  // Put a node in the middle of the edge that begins at the active node.
  async insertAfterActive() {
    const middle = this.handles.find(({ kind, edge }) => kind === "middle" && this.active && sameNode(edge[0], this.active));
    if (middle) await this.#insert(middle);
  }

  async #insertAtMiddle(event) {
    const handle = this.isOn && this.#handleAt(this.#pixel(event), REACH.mouse);
    if (handle?.kind === "middle") await this.#insert(handle);
  }

  async #insert({ edge, at }) {
    const near = this.draft.near(around(at, 1e-6));
    const node = rounded(at);
    const zones = [...insertNode(near, edge, node).keys()];
    this.active = node;
    await this.sync.operate({ kind: "insert_node", edge, at: node }, zones);
    this.drawHandles();
  }

  #click(pixel, shift) {
    const [id] = this.canvas.zonesAt(pixel);
    this.activate(null);
    if (id === undefined) {
      if (!shift) this.selection.clear();
    } else if (shift) this.selection.toggle(id);
    else this.selection.set([id]);
    this.#showChosen();
  }

  #showChosen() {
    if (this.selection.ids.length) this.editor.tabs.open("zone", { quiet: true });
  }

  #stretchBox(pixel) {
    const [x, y] = this.box.from;
    this.box.to = pixel;
    this.editor.rubber([Math.min(x, pixel[0]), Math.min(y, pixel[1]), Math.abs(x - pixel[0]), Math.abs(y - pixel[1])]);
  }

  #chooseBox(press) {
    const { from, to } = this.box;
    this.box = null;
    this.editor.rubber(null);
    this.canvas.map.dragPan.enable();
    if (!to || Math.hypot(to[0] - from[0], to[1] - from[1]) < MOVED_PX) this.#click(press.pixel, true);
    else this.selection.add(this.canvas.zonesAt([from, to]));
    this.#showChosen();
  }

  // Give up what is going on; true when something was.
  cancel() {
    const busy = Boolean(this.drag || this.box);
    cancelAnimationFrame(this.frame);
    this.drag = null;
    this.box = null;
    this.press = null;
    this.editor.rubber(null);
    this.editor.readout(null);
    this.canvas.snapMark(null);
    this.canvas.map.dragPan.enable();
    if (busy) this.canvas.drag([]);
    this.drawHandles();
    return busy;
  }
}

// Where zones touch the node with an edge only, they get it first, so that they follow as well.
function withJunctions(near, node) {
  const inserts = junctionEdges(near, node).map(({ edge }) => ({ edge, fresh: false }));
  let zones = near;
  for (const { edge } of inserts) zones = replaced(zones, insertNode(zones, edge, node));
  return { zones, inserts };
}

function replaced(zones, changed) {
  return zones.map((zone) => (changed.has(zone.id) ? { ...zone, geometry: { type: "MultiPolygon", coordinates: changed.get(zone.id) } } : zone));
}

// Keys of the nodes next to a node: the only ones of its own zones that it may be dropped on.
function neighboursOf(owners, node) {
  const keys = new Set();
  for (const zone of owners) {
    for (const ring of zone.geometry.coordinates.flat()) {
      ring.forEach((place, index) => {
        if (!sameNode(place, node)) return;
        const last = ring.length - 1;
        keys.add(nodeKey(ring[index ? index - 1 : last - 1]));
        keys.add(nodeKey(ring[index < last ? index + 1 : 1]));
      });
    }
  }
  return keys;
}
