// The tabs of the panel, by mouse and by arrow keys.
import { byId } from "../dom.js";

export class Tabs {
  // openers: what each tab does when it is opened, by name.
  constructor(openers) {
    this.openers = openers;
    this.current = "zone";
    this.onLeave = () => {};
    this.tabs = Object.keys(openers).map((name) => byId(`tab-${name}`));
    this.tabs.forEach((tab, index) => {
      tab.addEventListener("click", () => this.open(tab.dataset.tab));
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        const next = this.tabs[(index + step + this.tabs.length) % this.tabs.length];
        this.open(next.dataset.tab);
        next.focus();
      });
    });
  }

  is(name) {
    return this.current === name;
  }

  // quiet: nothing happens when it is open already.
  open(name, { quiet = false } = {}) {
    if (quiet && this.is(name)) return;
    if (!this.is(name)) this.onLeave(this.current);
    this.current = name;
    for (const tab of this.tabs) {
      const on = tab.dataset.tab === name;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      byId(tab.getAttribute("aria-controls")).hidden = !on;
    }
    this.openers[name]();
  }
}
