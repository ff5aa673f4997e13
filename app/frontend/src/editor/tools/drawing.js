// Drawing a line or an area by clicks; the places stand in the panel as text as well, and either changes the other.
import { feature, point } from "../canvas.js";
import { rounded } from "../topology.js";

const CLICK_PX = 5;

export class Drawing extends EventTarget {
  constructor(editor) {
    super();
    Object.assign(this, editor);
    this.editor = editor;
    this.shape = null;
    this.places = [];
    const { map } = this.canvas;
    const container = map.getCanvasContainer();
    container.addEventListener("pointerdown", (event) => {
      this.pressed = event.isPrimary && event.button === 0 ? [event.clientX, event.clientY] : null;
    });
    container.addEventListener("pointerup", (event) => this.#up(event));
    container.addEventListener("pointermove", (event) => this.#hover(event));
    container.addEventListener("dblclick", () => this.shape && this.finish());
  }

  // shape: "line", "area", or "nodes" (single places that the tool picks itself by ``pick``).
  begin(shape, pick = null) {
    this.shape = shape;
    this.pick = pick;
    this.set([]);
    this.canvas.map.getCanvas().style.cursor = "crosshair";
  }

  end() {
    this.shape = null;
    this.set([]);
    this.canvas.snapMark(null);
    this.canvas.map.getCanvas().style.cursor = "";
  }

  set(places) {
    this.places = places;
    this.pointer = null;
    this.#draw();
  }

  undoLast() {
    if (!this.shape || !this.places.length) return false;
    this.set(this.places.slice(0, -1));
    this.#tell("change");
    return true;
  }

  finish() {
    this.pointer = null;
    this.#draw();
    this.#tell("finish");
  }

  // The area as a closed ring.
  ring() {
    return this.places.length ? [...this.places, this.places[0]] : [];
  }

  #place(event) {
    const box = this.canvas.map.getCanvas().getBoundingClientRect();
    const at = this.canvas.screen().unproject([event.clientX - box.left, event.clientY - box.top]);
    const found = this.surroundings.find(at, { reach: event.pointerType === "touch" ? 22 : 12, off: event.altKey });
    // A zone's node keeps its exact place, so that the drawn line ends on it and not beside it.
    return found?.what === "node" && found.kind === "zone" ? found.at : rounded(found?.at ?? at);
  }

  #hover(event) {
    if (!this.shape || this.shape === "nodes" || event.pointerType === "touch") return;
    this.pointer = this.#place(event);
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.#draw());
  }

  #up(event) {
    if (!this.shape || !this.pressed) return;
    const [x, y] = this.pressed;
    this.pressed = null;
    if (Math.hypot(event.clientX - x, event.clientY - y) > CLICK_PX) return;
    if (this.shape === "nodes") {
      this.pick(event);
      return;
    }
    const place = this.#place(event);
    const last = this.places.at(-1);
    // The second click of a double click adds nothing.
    if (last && last[0] === place[0] && last[1] === place[1]) return;
    this.set([...this.places, place]);
    this.#tell("change");
  }

  #draw() {
    const places = this.pointer && this.shape !== "nodes" ? [...this.places, this.pointer] : this.places;
    const shapes = this.places.map((place) => point(place));
    if (places.length > 1) shapes.push(feature({ type: "LineString", coordinates: this.shape === "area" ? [...places, places[0]] : places }));
    if (this.shape === "area" && places.length > 2) shapes.push(feature({ type: "Polygon", coordinates: [[...places, places[0]]] }));
    this.canvas.set("drawing", shapes);
  }

  #tell(type) {
    this.dispatchEvent(new Event(type));
  }
}
