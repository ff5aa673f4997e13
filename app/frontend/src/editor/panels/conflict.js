// Two planners changed the same place: what it was, what I made of it and what is there now, on the map, and a decision.
// Everything else goes on being sent meanwhile.
import { button, byId, checkbox, fill, h } from "../dom.js";
import { boundsOf, joinBounds, measure } from "../geometry.js";
import { differingNodes } from "../topology.js";

const SIDES = ["base", "mine", "theirs"];
const COMPARED = ["subzone_code", "block", "sub_block", "legal_area_ha", "remark"];

export class ConflictPanel {
  constructor(editor) {
    Object.assign(this, editor);
    this.editor = editor;
    this.root = byId("conflict");
    this.shown = null;
    editor.sync.addEventListener("outbox", () => this.#look());
    editor.sync.addEventListener("conflict", () => this.editor.say(this.t("conflictArose"), "warn"));
  }

  // The oldest conflict is decided first.
  #look() {
    const change = this.sync.conflicts[0] ?? null;
    if (change?.key === this.shown?.key) return;
    this.shown = change;
    if (!change) {
      this.root.hidden = true;
      this.root.replaceChildren();
      this.canvas.conflict({});
      return;
    }
    this.canvas.ready.then(() => this.#show(change));
  }

  #show(change) {
    const { t } = this;
    const { conflicts } = change;
    const drawings = SIDES.map((side) => conflicts.map((conflict) => conflict[side]).filter(Boolean));
    const places = differingNodes(drawings);
    this.canvas.conflict(Object.fromEntries(SIDES.map((side, index) => [side, { geometries: drawings[index].map(({ geometry }) => geometry), places: places[index], word: t(`short_${side}`) }])));
    SIDES.forEach((side) => this.canvas.showSide(side, true));
    this.selection.clear();
    const others = this.sync.changes.length - 1;
    fill(
      this.root,
      h("h2", { id: "conflict-title", tabindex: "-1" }, t("conflictTitle")),
      h("p", {}, t("conflictText", { what: this.editor.nameOfKind(change.body.op?.kind ?? change.request) })),
      others > 0 && h("p", { class: "editor-hint" }, t("conflictRest", { n: others })),
      h("fieldset", { class: "editor-sides" }, h("legend", {}, t("showOnMap")), SIDES.map((side) => this.#side(side))),
      h(
        "div",
        { class: "editor-buttons" },
        button(t("takeMine"), () => this.#takeMine(change), { kind: "main" }),
        button(t("takeTheirs"), () => this.#takeTheirs(change), { kind: "main" }),
        button(t("editAgain"), () => this.#editAgain(change)),
      ),
      h("ul", { class: "editor-conflicts" }, conflicts.map((conflict) => this.#entry(conflict))),
    );
    this.root.hidden = false;
    // Where the outlines differ, else the zones as a whole.
    const where = places.flat();
    this.canvas.show(boundsOf(where) ?? joinBounds(drawings.flat().map(({ geometry }) => boundsOf(geometry.coordinates))), { maxZoom: 18.5 });
    this.root.querySelector("h2").focus();
  }

  #side(side) {
    const entry = checkbox(this.t(`side_${side}`), true, (checked) => this.canvas.showSide(side, checked));
    entry.classList.add(`editor-side--${side}`);
    return entry;
  }

  // What differs, in words and figures.
  #entry(conflict) {
    const { t, words } = this;
    const zone = conflict.theirs ?? conflict.mine ?? conflict.base;
    const value = (side, name) => conflict[side]?.properties[name] ?? "–";
    const differing = COMPARED.filter((name) => new Set(SIDES.map((side) => JSON.stringify(value(side, name)))).size > 1);
    const area = (side) => (conflict[side] ? words.area(measure(conflict[side].geometry.coordinates, this.plane).areaM2) : t("goneZone"));
    const row = (name, of) => h("tr", {}, h("th", { scope: "row" }, name), SIDES.map((side) => h("td", {}, String(of(side)))));
    return h(
      "li",
      {},
      h("h3", {}, this.editor.nameOf(conflict.zone_id, zone.properties)),
      h("table", { class: "editor-gains" }, h("thead", {}, h("tr", {}, h("td"), SIDES.map((side) => h("th", { scope: "col" }, t(`short_${side}`))))), h("tbody", {}, row(t("area"), area), differing.map((name) => row(t(name), (side) => value(side, name))))),
    );
  }

  // My outlines and attributes on top of what is there now.
  async #takeMine(change) {
    const { conflicts } = change;
    const base = Object.fromEntries(conflicts.filter(({ theirs }) => theirs).map(({ zone_id: id, theirs }) => [id, theirs.properties.revision_id]));
    const upserts = conflicts.map(({ mine }) => mine).filter(Boolean);
    const deletes = conflicts.filter(({ mine, theirs }) => !mine && theirs).map(({ zone_id: id }) => id);
    await this.sync.upsert({ upserts, deletes, base, comment: this.t("conflictMineComment"), zones: conflicts.map(({ zone_id: id }) => id), instead: change });
    this.editor.say(this.t("mineTaken"), "done");
  }

  async #takeTheirs(change) {
    await this.sync.discard(change);
    this.editor.say(this.t("theirsTaken"), "done");
  }

  // Theirs stays, mine is drawn as a dashed line to go by.
  async #editAgain(change) {
    const ghosts = change.conflicts.map(({ mine }) => mine).filter(Boolean);
    await this.sync.discard(change);
    this.canvas.set("ghost", ghosts.map(({ geometry }) => ({ type: "Feature", properties: {}, geometry })));
    this.editor.setTool("select");
    this.selection.set(change.conflicts.filter(({ theirs }) => theirs).map(({ zone_id: id }) => id));
    this.editor.say(this.t("editAgainHint"), "done");
  }
}
