// Layers with opacity, the legend that filters, plan versions, and the list of zones in view.
import { swatch } from "../swatch.js";
import { LAYERS } from "./state.js";
import { labelTiles, STYLE_LAYERS, ZONE_OPACITY, zoneTiles } from "./style.js";

const OPACITY_OF_TYPE = { fill: ["fill-opacity"], line: ["line-opacity"], symbol: ["text-opacity"], circle: ["circle-opacity", "circle-stroke-opacity"] };

export class LayersPanel {
  constructor(map, settings, state, versions) {
    Object.assign(this, { map, settings, versions, texts: settings.texts });
    this.shown = new Set(state.layers);
    this.hidden = new Set(state.hidden);
    this.subzones = new Map();
    this.onChange = () => {};
    this.panel = document.getElementById("layers");
    this.button = document.getElementById("tool-layers");
    this.button.addEventListener("click", () => this.toggle());
    document.getElementById("layers-close").addEventListener("click", () => this.toggle(false));
    this.panel.addEventListener("keydown", (event) => event.key === "Escape" && this.toggle(false));
    document.getElementById("legend-all").addEventListener("click", () => this.#hideOnly([]));
    document.getElementById("legend-none").addEventListener("click", () => this.#hideOnly([...this.subzones.keys()]));
    this.#fillSwitches();
    this.#fillVersions();
    map.once("load", () => this.#apply());
    map.on("idle", () => this.#listVisible());
    this.#fetchLegend();
  }

  toggle(open = this.panel.hidden) {
    this.panel.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (open) {
      this.#listVisible();
      document.getElementById("layers-title").focus();
    } else {
      this.button.focus();
    }
  }

  shownLayers() {
    return LAYERS.filter((name) => this.shown.has(name));
  }

  hiddenSubzones() {
    return [...this.hidden];
  }

  versionChanged() {
    const { version } = this.versions;
    this.map.getSource("zones").setTiles(zoneTiles(this.settings, version.id));
    this.map.getSource("zone_labels").setTiles(labelTiles(this.settings, version.id));
    this.#fillVersions();
    this.#fetchLegend();
  }

  #fillVersions() {
    const select = document.getElementById("version");
    const date = document.getElementById("map-on");
    select.replaceChildren(
      ...this.versions.plans.flatMap((plan) =>
        plan.versions.map((version) => {
          const option = new Option(`${plan.name}, ${version.label}`, `${plan.code}/${version.id}`);
          option.selected = version === this.versions.version;
          option.disabled = version.withdrawn;
          return option;
        }),
      ),
    );
    date.value = this.versions.on || this.versions.today;
    select.onchange = () => {
      const [plan, id] = select.value.split("/");
      this.versions.chooseVersion(plan, Number(id));
    };
    const problem = document.getElementById("map-on-problem");
    problem.textContent = "";
    date.onchange = () => {
      // Said beside the field: on a phone the panel covers the place where the map speaks.
      problem.textContent = this.versions.chooseDate(date.value) ? "" : this.texts.noVersion;
    };
  }

  #fillSwitches() {
    document.getElementById("switches").replaceChildren(
      ...LAYERS.map((name) => {
        const item = document.createElement("li");
        const box = Object.assign(document.createElement("input"), { type: "checkbox", id: `layer-${name}`, checked: this.shown.has(name) });
        const words = Object.assign(document.createElement("label"), { htmlFor: box.id, textContent: this.texts[name] });
        const range = Object.assign(document.createElement("input"), { type: "range", min: "0", max: "100", value: name === "zones" ? String(ZONE_OPACITY * 100) : "100" });
        range.setAttribute("aria-label", this.texts.opacity.replace("{layer}", this.texts[name]));
        box.addEventListener("change", () => {
          this.shown[box.checked ? "add" : "delete"](name);
          this.#apply();
          this.onChange();
        });
        range.addEventListener("input", () => this.#setOpacity(name, Number(range.value) / 100));
        item.append(box, words, range);
        return item;
      }),
    );
  }

  #setOpacity(name, opacity) {
    for (const id of STYLE_LAYERS[name]) {
      for (const property of OPACITY_OF_TYPE[this.map.getLayer(id).type]) this.map.setPaintProperty(id, property, opacity);
    }
  }

  #apply() {
    for (const name of LAYERS) {
      for (const id of STYLE_LAYERS[name]) this.map.setLayoutProperty(id, "visibility", this.shown.has(name) ? "visible" : "none");
    }
    const filter = this.hidden.size ? ["!", ["in", ["get", "code"], ["literal", [...this.hidden]]]] : null;
    for (const id of ["zones-fill", "zones-line", "zone-labels"]) this.map.setFilter(id, filter);
  }

  #hideOnly(codes) {
    this.hidden = new Set(codes);
    for (const box of document.querySelectorAll("#legend input")) box.checked = !this.hidden.has(box.value);
    this.#apply();
    this.onChange();
  }

  // The code list of the version shown, with the sub-zones that have zones in it.
  async #fetchLegend() {
    const { version } = this.versions;
    if (!version) return;
    const response = await fetch(this.settings.legend.replace("{version}", version.id));
    if (!response.ok || version !== this.versions.version) return;
    const { subzones } = await response.json();
    this.subzones = new Map(subzones.map((subzone) => [subzone.code, subzone]));
    this.#fillLegend();
  }

  #fillLegend() {
    document.getElementById("legend").replaceChildren(
      ...[...this.subzones.values()].map(({ code, name, colour, official }) => {
        const item = document.createElement("li");
        const box = Object.assign(document.createElement("input"), { type: "checkbox", id: `legend-${code}`, value: code, checked: !this.hidden.has(code) });
        const label = Object.assign(document.createElement("label"), { htmlFor: box.id });
        label.append(swatch(colour), Object.assign(document.createElement("strong"), { textContent: code }), ` ${name ?? ""}${official ? "" : ` (${this.texts.ownColour})`}`);
        box.addEventListener("change", () => {
          this.hidden[box.checked ? "delete" : "add"](code);
          this.#apply();
          this.onChange();
        });
        item.append(box, label);
        return item;
      }),
    );
  }

  visible() {
    const seen = new Map();
    for (const { id, properties } of this.map.queryRenderedFeatures({ layers: ["zones-fill"] })) {
      const entry = seen.get(properties.code) ?? { ...properties, ids: new Set() };
      entry.ids.add(id);
      seen.set(properties.code, entry);
    }
    return [...seen.values()].sort((a, b) => b.ids.size - a.ids.size);
  }

  #listVisible() {
    if (this.panel.hidden) return;
    document.getElementById("visible-zones").replaceChildren(
      ...this.visible().map(({ code, name, ids }) =>
        Object.assign(document.createElement("li"), { textContent: `${code} ${name ?? ""}: ${this.texts.inView.replace("{n}", ids.size)}` }),
      ),
    );
  }
}
