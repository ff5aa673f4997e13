// What the page says: to ears by live regions, to eyes by a note over the map, a hint, and figures beside the pointer.
import { button, byId, h } from "./dom.js";

const SHOWN_MS = { done: 6000, note: 12000, warn: 0 };

export class Messages {
  constructor(canvas) {
    this.canvas = canvas;
    this.toast = byId("editor-toast");
    this.hint = byId("editor-hint-line");
    this.figures = byId("readout");
    this.box = byId("rubber");
  }

  functions() {
    return {
      say: (text, kind) => this.say(text, kind),
      setHint: (name) => this.setHint(name),
      readout: (lines, pixel) => this.readout(lines, pixel),
      rubber: (box) => this.rubber(box),
    };
  }

  // kind: "spoken" for ears only, "done", "note" or "warn"; a warning stays until it is closed or followed.
  say(text, kind = "done") {
    clearTimeout(this.timer);
    const region = byId(kind === "warn" ? "spoken-now" : "spoken");
    // The same words again are said again.
    region.textContent = "";
    requestAnimationFrame(() => {
      region.textContent = text;
    });
    if (kind === "spoken") return;
    this.toast.dataset.kind = kind;
    this.toast.replaceChildren(h("p", {}, text), button(this.canvas.settings.texts.close, () => this.#hide(), { kind: "link" }));
    this.toast.hidden = false;
    if (SHOWN_MS[kind]) this.timer = setTimeout(() => this.#hide(), SHOWN_MS[kind]);
  }

  setHint(name) {
    const text = name ? this.canvas.settings.texts[name] : "";
    if (this.hint.textContent !== text) this.hint.textContent = text;
  }

  readout(lines, pixel) {
    this.figures.hidden = !lines;
    if (!lines) return;
    this.figures.replaceChildren(...lines.map((line) => h("div", {}, line)));
    const { clientWidth } = this.canvas.map.getCanvas();
    this.figures.style.left = `${Math.min(pixel[0] + 18, clientWidth - this.figures.offsetWidth - 8)}px`;
    this.figures.style.top = `${pixel[1] + 18}px`;
  }

  rubber(box) {
    this.box.hidden = !box;
    if (!box) return;
    ["left", "top", "width", "height"].forEach((side, index) => {
      this.box.style[side] = `${box[index]}px`;
    });
  }

  #hide() {
    this.toast.hidden = true;
  }
}
