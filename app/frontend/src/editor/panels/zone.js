// What is chosen: figures, the node in hand, and the attributes of one or several zones.
import { button, field, fill, h } from "../dom.js";
import { readPlaces, writePlaces } from "../coordinates.js";
import { measure } from "../geometry.js";
import { subzoneMark, subzoneSelect } from "./subzones.js";

const SIMPLE = ["block", "sub_block", "remark"];
// Below this share the drawn and the legal area count as equal.
const NOTABLE_SHARE = 0.01;

export class ZonePanel {
  constructor(editor, root) {
    Object.assign(this, editor);
    this.editor = editor;
    this.root = root;
    this.changes = {};
    this.shownFor = "";
    this.selection.addEventListener("change", () => this.render());
    this.selection.addEventListener("node", () => this.#renderNode());
    this.draft.addEventListener("zones", () => this.#refresh());
    this.render();
  }

  get isDirty() {
    return Object.keys(this.changes).length > 0;
  }

  render() {
    const { ids } = this.selection;
    const key = ids.join();
    // The same zones again, with something typed: what is typed stays.
    if (key === this.shownFor && this.isDirty) return;
    this.shownFor = key;
    this.changes = {};
    const { t } = this;
    this.figures = h("div");
    this.node = h("div");
    if (!ids.length) {
      fill(this.root, h("div", { class: "editor-empty" }, h("h2", {}, t("nothingChosen")), h("p", {}, t("howToChoose")), h("p", {}, t("howToFind"))));
      return;
    }
    const title = ids.length === 1 ? this.editor.nameOf(ids[0]) : t("severalZones", { n: this.words.number(ids.length) });
    const head = h("div", { class: "editor-zone-head" }, h("h2", { tabindex: "-1", id: "zone-title" }, title), button(t("zoomTo"), () => this.editor.zoomTo(ids)));
    fill(this.root, head, this.figures, this.node, this.#attributes(ids));
    this.#renderFigures();
    this.#renderNode();
  }

  // A zone changed shape or was saved: the figures follow, the form only when nothing was typed.
  #refresh() {
    if (this.isDirty || this.root.contains(document.activeElement)) {
      this.#renderFigures();
      return;
    }
    this.shownFor = "";
    this.render();
  }

  #renderFigures() {
    const { t, words } = this;
    const rows = this.selection.ids.map((id) => this.draft.row(id)).filter(Boolean);
    if (!rows.length) return;
    const zones = this.selection.zones();
    const known = zones.length === rows.length;
    const figures = zones.map((zone) => this.#figuresOf(zone));
    const area = known ? sum(figures.map(({ areaM2 }) => areaM2)) : sum(rows.map((row) => row.area_m2));
    const list = [[t("area"), words.area(area)]];
    if (rows.length === 1) {
      if (known) list.push([t("perimeter"), words.length(figures[0].perimeterM)]);
      const legal = (zones[0]?.properties ?? rows[0]).legal_area_ha;
      if (legal !== null && legal !== undefined) {
        const difference = area - legal * 10000;
        const notable = Math.abs(difference) > legal * 10000 * NOTABLE_SHARE;
        list.push([t("legalArea"), `${words.number(legal, 2)} ha (${t("difference")} ${words.signed(difference)})`, notable]);
      }
      if (zones[0]?.geometry.coordinates.length > 1) list.push([t("parts"), words.number(zones[0].geometry.coordinates.length)]);
    }
    fill(this.figures, h("dl", { class: "editor-figures" }, list.map(([name, value, notable]) => h("div", { class: notable ? "editor-notable" : null }, h("dt", {}, name), h("dd", {}, value)))));
  }

  // The server's exact figures where the outline is as saved, else counted here.
  #figuresOf(zone) {
    const saved = this.draft.exact.get(zone.id);
    if (saved.geometry === zone.geometry) return { areaM2: saved.properties.area_m2, perimeterM: saved.properties.perimeter_m };
    return measure(zone.geometry.coordinates, this.plane);
  }

  // The node in hand as coordinates: everything that the mouse does, typed.
  #renderNode() {
    const { t, pointer } = this;
    if (!this.node || !this.selection.isExact || !this.editor.mayEdit) {
      this.node?.replaceChildren();
      return;
    }
    const nodes = pointer.handles.filter(({ kind }) => kind === "node");
    const index = pointer.active ? nodes.findIndex(({ at }) => at[0] === pointer.active[0] && at[1] === pointer.active[1]) : -1;
    const step = (by) => () => {
      if (!nodes.length) return;
      const next = nodes[(index + by + nodes.length) % nodes.length];
      pointer.activate(next.at);
      this.editor.say(t("nodeChosen", { place: writePlaces([next.at]) }), "spoken");
    };
    const open = this.node.querySelector("details")?.open ?? false;
    const focused = document.activeElement?.dataset.step;
    const content = pointer.active ? this.#nodeForm(pointer.active) : h("p", { class: "editor-hint" }, nodes.length ? t("howToNode", { n: nodes.length }) : t("noNodesInView"));
    fill(
      this.node,
      h(
        "details",
        { class: "editor-node", open: open || Boolean(pointer.active) },
        h("summary", {}, t("node")),
        h("div", { class: "editor-buttons" }, button(t("previousNode"), step(index < 0 ? 0 : -1), { "data-step": "previous" }), button(t("nextNode"), step(1), { "data-step": "next" })),
        content,
      ),
    );
    if (focused) this.node.querySelector(`[data-step=${focused}]`)?.focus();
  }

  #nodeForm(node) {
    const { t, pointer } = this;
    const input = h("input", { type: "text", value: writePlaces([node]), spellcheck: "false", autocomplete: "off" });
    const error = h("p", { class: "editor-error", role: "alert" });
    const submit = (event) => {
      event.preventDefault();
      const { places, wrong } = readPlaces(input.value);
      const place = places[0];
      const [w, s, e, n] = this.draft.info.plan.region;
      const fits = !wrong && places.length === 1 && place[0] >= w && place[0] <= e && place[1] >= s && place[1] <= n;
      error.textContent = fits ? "" : t("nodePlaceWrong");
      if (fits) pointer.moveActive(place);
      else input.focus();
    };
    return h(
      "form",
      { onsubmit: submit },
      field(t("nodePlace"), input),
      error,
      h("div", { class: "editor-buttons" }, h("button", { type: "submit", class: "editor-button editor-button--main" }, t("moveNode")), button(t("insertNode"), () => pointer.insertAfterActive()), button(t("deleteNode"), () => pointer.deleteActive())),
    );
  }

  #attributes(ids) {
    const { t } = this;
    const rows = ids.map((id) => this.draft.zone(id)?.properties ?? this.draft.row(id));
    const common = (name, of = (row) => row[name]) => (rows.every((row) => (of(row) ?? "") === (of(rows[0]) ?? "")) ? of(rows[0]) ?? "" : undefined);
    const read = !this.editor.mayEdit;
    this.save = h("button", { type: "submit", class: "editor-button editor-button--main", disabled: true }, t("saveAttributes"));
    const keep = (name, value) => {
      this.changes[name] = value;
      this.save.disabled = false;
    };
    const code = common("subzone_code");
    const mark = h("span", {}, code === undefined ? t("different") : subzoneMark(this.editor, code || null));
    const select = subzoneSelect(this.editor, code ?? "", (value) => {
      if (value) keep("subzone_code", value);
      fill(mark, subzoneMark(this.editor, value));
    }, code === undefined ? t("different") : t("chooseSubzone"));
    const text = (name, value, onvalue, tag = "input") => {
      const control = h(tag, { value: value ?? "", placeholder: value === undefined ? t("different") : null, maxlength: "500", autocomplete: "off", disabled: read, oninput: (event) => onvalue(event.target.value.trim() || null) });
      return field(name, control);
    };
    const area = common("legal_area_ha");
    const legal = h("input", { type: "text", inputmode: "decimal", value: area === undefined || area === "" ? "" : String(area), placeholder: area === undefined ? t("different") : null, disabled: read, oninput: (event) => keep("legal_area_ha", event.target.value) });
    select.disabled = read;
    this.error = h("p", { class: "editor-error", role: "alert" });
    return h(
      "form",
      { class: "editor-form", onsubmit: (event) => this.#send(event) },
      h("h3", {}, t("attributes"), " ", mark),
      field(t("subzone"), select),
      h("div", { class: "editor-pair" }, SIMPLE.slice(0, 2).map((name) => text(t(name), common(name), (value) => keep(name, value)))),
      field(t("legalAreaHa"), legal, t("legalAreaHint")),
      text(t("remark"), common("remark"), (value) => keep("remark", value), "textarea"),
      this.#overlays(common, text),
      this.error,
      !read && h("div", { class: "editor-buttons" }, this.save),
    );
  }

  #overlays(common, text) {
    const kinds = this.draft.info.overlay_kinds;
    if (!kinds.length) return null;
    if (this.selection.zones().length < this.selection.ids.length) return h("p", { class: "editor-hint" }, this.t("overlaysLater"));
    const set = kinds.filter(({ kind }) => common("overlays", (row) => row.overlays?.[kind])).length;
    return h(
      "details",
      { class: "editor-overlays" },
      h("summary", {}, `${this.t("overlays")} (${set})`),
      kinds.map(({ kind, name }) =>
        text(name, common("overlays", (row) => row.overlays?.[kind]), (value) => {
          this.changes.overlays = { ...this.changes.overlays, [kind]: value };
          this.save.disabled = false;
        }),
      ),
    );
  }

  async #send(event) {
    event.preventDefault();
    if (!this.isDirty) return;
    const values = { ...this.changes };
    if ("legal_area_ha" in values) {
      const plain = String(values.legal_area_ha).trim().replace(",", ".");
      const number = plain === "" ? null : Number(plain);
      if (number !== null && !(number >= 0 && Number.isFinite(number))) {
        this.error.textContent = this.t("legalAreaWrong");
        return;
      }
      values.legal_area_ha = number;
    }
    this.error.textContent = "";
    const ids = [...this.selection.ids];
    this.changes = {};
    this.save.disabled = true;
    await this.sync.operate({ kind: "attributes", zones: ids, values }, ids);
    this.editor.say(this.t("attributesKept", { n: this.words.number(ids.length) }), "done");
  }
}

const sum = (values) => values.reduce((total, value) => total + value, 0);
