// The form of an operation on land: typed or drawn places, what else it needs, the preview, and saving.
import { ApiError } from "../api.js";
import { button, checkbox, field, fill, h } from "../dom.js";
import { readPlaces, writePlaces } from "../coordinates.js";
import { boundsOf } from "../geometry.js";
import { gains } from "../operations.js";
import { nodeKey, stretch } from "../topology.js";
import { bordersBetween, largest, OPERATIONS } from "../tools/operations.js";
import { subzoneSelect } from "./subzones.js";

const PICK_PX = 24;

export class OperationPanel {
  constructor(editor, root) {
    Object.assign(this, editor);
    this.editor = editor;
    this.root = root;
    this.name = null;
    editor.drawing.addEventListener("change", () => this.#drawn());
    editor.drawing.addEventListener("finish", () => this.#preview());
    editor.selection.addEventListener("change", () => this.name && this.#chosen());
    editor.sync.addEventListener("saved", ({ detail }) => this.#saved(detail));
    editor.sync.addEventListener("refused", ({ detail }) => this.#refused(detail.change));
  }

  get operation() {
    return OPERATIONS[this.name];
  }

  open(name) {
    this.name = name;
    this.values = {};
    this.latitudeFirst = false;
    this.zones = null;
    this.canvas.preview([]);
    const { shape } = this.operation;
    if (shape) this.drawing.begin(shape, (event) => this.#pickNode(event));
    else this.drawing.end();
    this.#chosen();
  }

  close() {
    if (!this.name) return;
    this.name = null;
    this.pending = null;
    this.drawing.end();
    this.canvas.preview([]);
    this.canvas.placeMark(null);
    this.root.replaceChildren();
  }

  // The zones that were chosen changed: what was previewed no longer holds.
  #chosen() {
    const zones = this.selection.zones();
    const { fewest, most } = this.operation;
    const fits = zones.length >= fewest && zones.length <= most;
    const key = zones.map(({ id }) => id).join();
    if (fits && this.zones === key) return;
    this.zones = fits ? key : null;
    this.saved = null;
    this.#render(fits ? zones : null);
    if (fits && !this.operation.shape) this.#preview();
  }

  #render(zones) {
    const { t } = this;
    this.result = h("div", { class: "editor-result", role: "status" });
    this.save = button(t("save"), () => this.#keep(), { kind: "main", disabled: true });
    const body = zones
      ? [this.#fields(zones), this.result, h("div", { class: "editor-buttons" }, button(t("preview"), () => this.#preview()), this.save, button(t("cancel"), () => this.editor.setTool("select")))]
      : [h("p", { class: "editor-ask" }, t(this.operation.most === 1 ? "chooseOne" : this.operation.fewest > 1 ? "chooseTwo" : "chooseSome")), button(t("cancel"), () => this.editor.setTool("select"))];
    fill(
      this.root,
      h("form", { class: "editor-form", onsubmit: (event) => this.#submit(event) }, h("h2", { tabindex: "-1" }, t(`tool_${this.name}`)), h("p", { class: "editor-hint" }, t(`how_${this.name}`)), ...body),
    );
    this.#tellDrawn();
  }

  #submit(event) {
    event.preventDefault();
    if (this.save.disabled) this.#preview();
    else this.#keep();
  }

  #fields(zones) {
    const own = { merge: () => this.#keepFields(zones), carve: () => this.#carveFields(), give: () => this.#pairFields(zones), border: () => this.#borderFields(zones) };
    const places = this.operation.shape === "line" || this.operation.shape === "area" ? this.#placesField() : null;
    return h("div", {}, own[this.name]?.(), places);
  }

  #placesField() {
    const { t } = this;
    this.text = h("textarea", { rows: "4", spellcheck: "false", autocomplete: "off", onchange: () => this.#typed(), onkeydown: (event) => event.key === "Enter" && event.ctrlKey && this.#preview() });
    this.text.value = writePlaces(this.drawing.places);
    this.textError = h("p", { class: "editor-error", role: "alert" });
    return h(
      "div",
      {},
      field(t("places"), this.text, t("placesHint")),
      this.textError,
      checkbox(t("latitudeFirst"), this.latitudeFirst, (checked) => {
        this.latitudeFirst = checked;
        this.#typed();
      }),
    );
  }

  #typed() {
    const { places, wrong } = readPlaces(this.text.value, { latitudeFirst: this.latitudeFirst });
    const outside = !wrong && places.find((place) => !this.#isInRegion(place));
    this.textError.textContent = wrong ? this.t("placeWrong", { line: wrong.line, text: wrong.text }) : outside ? this.t("placeOutside", { place: writePlaces([outside]) }) : "";
    this.text.setAttribute("aria-invalid", String(Boolean(wrong || outside)));
    if (wrong || outside) return false;
    this.drawing.set(places);
    this.#changed();
    if (places.length) this.canvas.show(boundsOf(places), { maxZoom: Math.max(this.canvas.map.getZoom(), 16) });
    return true;
  }

  #isInRegion([lon, lat]) {
    const [w, s, e, n] = this.draft.info.plan.region;
    return lon >= w && lon <= e && lat >= s && lat <= n;
  }

  #drawn() {
    if (!this.name || !this.text) return;
    this.text.value = writePlaces(this.drawing.places);
    this.textError.textContent = "";
    this.#changed();
  }

  // Something of the form changed: the preview is of yesterday.
  #changed() {
    this.saved = null;
    this.canvas.preview([]);
    this.save.disabled = true;
    this.result.replaceChildren();
    this.#tellDrawn();
  }

  #tellDrawn() {
    if (this.operation.shape === "line" || this.operation.shape === "area") this.editor.setHint(this.drawing.places.length ? "finishDrawing" : "startDrawing");
    else this.editor.setHint(this.operation.shape === "nodes" ? "pickNodes" : null);
  }

  #keepFields(zones) {
    this.values.keep ??= largest(zones).id;
    const options = zones.map((zone) => h("option", { value: String(zone.id), selected: zone.id === this.values.keep }, this.editor.nameOf(zone.id)));
    const select = h("select", {
      onchange: () => {
        this.values.keep = Number(select.value);
        this.#preview();
      },
    }, options);
    return field(this.t("keepIdentity"), select, this.t("keepIdentityHint"));
  }

  #carveFields() {
    const select = subzoneSelect(this.editor, this.values.subzone ?? "", (code) => {
      this.values.subzone = code;
      this.#changed();
    });
    const cut = checkbox(this.t("cutOutside"), Boolean(this.values.cut), (checked) => {
      this.values.cut = checked;
      this.#changed();
    });
    return h("div", {}, field(this.t("newSubzone"), select), cut);
  }

  // Two zones, of those chosen and those around them; for giving, also land that has no zone.
  #pairFields(zones) {
    const neighbours = this.draft.near(boundsOf(zones.map((zone) => zone.geometry.coordinates))).filter((zone) => !zones.includes(zone));
    const all = [...zones, ...neighbours];
    this.values.first = this.values.first === undefined || !all.some(({ id }) => id === this.values.first) ? zones[0].id : this.values.first;
    if (!all.some(({ id }) => id === this.values.second)) this.values.second = (zones[1] ?? neighbours.find((zone) => bordersBetween(zones[0], zone, this.plane).length))?.id;
    const choose = (label, name, extra = null) => {
      const options = all.map((zone) => h("option", { value: String(zone.id), selected: zone.id === this.values[name] }, this.editor.nameOf(zone.id)));
      const select = h("select", {
        onchange: () => {
          this.values[name] = select.value === "" ? null : Number(select.value);
          this.#changed();
          if (this.name === "border") this.#render(this.selection.zones());
        },
      }, extra, options);
      return field(label, select);
    };
    if (this.name === "border") return h("div", {}, choose(this.t("firstZone"), "first"), choose(this.t("secondZone"), "second"));
    const nobody = h("option", { value: "", selected: this.values.first === null }, this.t("landWithoutZone"));
    return h("div", {}, choose(this.t("giver"), "first", nobody), choose(this.t("taker"), "second"));
  }

  #borderFields(zones) {
    const pair = this.#pairFields(zones);
    const [first, second] = [this.values.first, this.values.second].map((id) => this.draft.zone(id));
    this.borders = first && second && first !== second ? bordersBetween(first, second, this.plane) : [];
    this.values.border = Math.min(this.values.border ?? 0, Math.max(0, this.borders.length - 1));
    this.ends = [];
    this.#showLine();
    if (!this.borders.length) return h("div", {}, pair, h("p", { class: "editor-error" }, this.t("noBorder")));
    const which = h("select", {
      onchange: () => {
        this.values.border = Number(which.value);
        this.ends = [];
        this.#changed();
        this.#showLine();
      },
    }, this.borders.map(({ metres }, index) => h("option", { value: String(index), selected: index === this.values.border }, this.t("borderChoice", { n: index + 1, length: this.words.length(metres) }))));
    const distance = h("input", { type: "number", min: "0.01", step: "any", inputmode: "decimal", value: String(this.values.distance ?? ""), oninput: () => {
      this.values.distance = Math.abs(Number(distance.value)) || null;
      this.#changed();
    } });
    const giver = h("select", { onchange: () => {
      this.values.giver = giver.value;
      this.#changed();
    } }, ["first", "second"].map((side) => h("option", { value: side, selected: side === (this.values.giver ?? "first") }, this.editor.nameOf(this.values[side]))));
    return h("div", {}, pair, field(this.t("whichBorder"), which, this.t("whichBorderHint")), field(this.t("distance"), distance), field(this.t("givesLand"), giver));
  }

  // Clicks on nodes of the border bound the stretch that moves.
  #pickNode(event) {
    const border = this.borders?.[this.values.border];
    if (!border) return;
    const box = this.canvas.map.getCanvas().getBoundingClientRect();
    const pixel = [event.clientX - box.left, event.clientY - box.top];
    const { project } = this.canvas.screen();
    const far = (node) => Math.hypot(project(node)[0] - pixel[0], project(node)[1] - pixel[1]);
    const nearest = border.line.reduce((best, node) => (far(node) < far(best) ? node : best));
    if (far(nearest) > PICK_PX) return;
    this.ends = this.ends.length > 1 ? [nearest] : [...this.ends.filter((node) => nodeKey(node) !== nodeKey(nearest)), nearest];
    this.#changed();
    this.#showLine();
  }

  #line() {
    const border = this.borders?.[this.values.border];
    if (!border) return null;
    return this.ends.length === 2 ? stretch(border.line, ...this.ends) : border.line;
  }

  #showLine() {
    this.drawing.set(this.#line() ?? []);
  }

  #state() {
    return { zones: this.selection.zones(), places: this.drawing.places, ring: this.drawing.ring(), values: this.values, line: this.name === "border" ? this.#line() : null };
  }

  async #preview() {
    if (!this.name || this.zones === null) return;
    const state = this.#state();
    if (!this.operation.isComplete(state)) {
      this.#fault(this.t(`incomplete_${this.name}`));
      return;
    }
    const op = this.operation.build(state);
    const asked = (this.asked = Symbol(op.kind));
    fill(this.result, this.t("trying"));
    try {
      const saved = await this.sync.preview(op, this.#touched(op));
      if (asked !== this.asked || !this.name) return;
      this.#show(op, saved);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (asked === this.asked && this.name) this.#problem(error);
    }
  }

  // Zones whose present state the planner saw: those named and all around what is drawn.
  #touched(op) {
    const box = boundsOf([...(this.drawing.places.length ? [this.drawing.places] : []), ...this.selection.zones().map((zone) => zone.geometry.coordinates)]);
    return [...new Set([...(op.zones ?? []), ...(box ? this.draft.near(box).map(({ id }) => id) : [])])];
  }

  #show(op, saved) {
    this.saved = { op, zones: [...saved.zones.features.map(({ id }) => id), ...saved.removed] };
    const changes = gains(saved.changes);
    const change = new Map(changes.shown.map((entry) => [entry.zone, entry.change]));
    const concerned = saved.zones.features.filter(({ id }) => change.has(id));
    this.canvas.preview(concerned, (zone) => `${zone.properties.subzone_code ?? ""} ${this.words.signed(change.get(zone.id))}`);
    this.canvas.placeMark(null);
    fill(this.result, h("h3", {}, this.t("wouldChange")), gainsTable(this.editor, changes));
    this.save.disabled = false;
    this.editor.say(this.t("previewReady", { n: changes.shown.length }), "spoken");
  }

  #problem(error) {
    if (error.status === 0) this.#fault(this.t("needsConnection"));
    else if (error.status === 409) this.#fault(this.t("othersChanged"));
    else this.#fault([error.problem.detail ?? error.message, error.problem.hint].filter(Boolean).join(" "));
    this.canvas.placeMark(error.problem.place ?? null);
  }

  #fault(text) {
    this.saved = null;
    this.save.disabled = true;
    fill(this.result, h("p", { class: "editor-error" }, text));
  }

  async #keep() {
    if (!this.saved) return;
    const { op, zones } = this.saved;
    this.save.disabled = true;
    fill(this.result, this.t("saving"));
    const touched = [...new Set([...zones, ...this.#touched(op)])].filter((id) => this.draft.has(id));
    this.pending = await this.sync.operate(op, touched);
  }

  #saved({ change, saved }) {
    if (!this.pending || change.key !== this.pending) return;
    this.pending = null;
    this.editor.setTool("select");
    const { shown } = gains(saved.changes);
    this.selection.set(shown.map(({ zone }) => zone));
    this.editor.say(this.t("operationSaved", { n: shown.length }), "done");
  }

  #refused(change) {
    if (!this.pending || change.key !== this.pending) return;
    this.pending = null;
    this.#problem(new ApiError(change.problem.status, change.problem));
    this.sync.discard(change);
  }
}

// Who gains and who loses how much.
export function gainsTable(editor, changes) {
  const { t, words } = editor;
  const rows = changes.shown.map(({ zone, before, after, change }) => {
    const note = before === null ? t("newZone") : after === null ? t("goneZone") : "";
    return h("tr", {}, h("th", { scope: "row" }, zone < 0 || !editor.draft.has(zone) ? t("newZone") : editor.nameOf(zone), note && zone > 0 && editor.draft.has(zone) ? ` (${note})` : ""), h("td", { class: change < 0 ? "editor-loss" : "editor-gain" }, words.signed(change)), h("td", {}, after === null ? "0 m²" : words.area(after)));
  });
  const head = h("tr", {}, ["zone", "change", "afterwards"].map((name) => h("th", { scope: "col" }, t(name))));
  return h(
    "div",
    {},
    rows.length ? h("table", { class: "editor-gains" }, h("thead", {}, head), h("tbody", {}, rows)) : null,
    changes.others ? h("p", { class: "editor-hint" }, t("onlyNodes", { n: changes.others })) : null,
  );
}
