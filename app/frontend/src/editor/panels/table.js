// All zones as a table: filter, sort, choose, zoom to. A page of rows at a time, so that it stays light.
import { button, byId, fill, h } from "../dom.js";
import { subzoneMark } from "./subzones.js";

const ROWS = 60;
const COLUMNS = [
  ["subzone_code", (row) => row.subzone_code ?? ""],
  ["block", (row) => [row.block, row.sub_block].filter(Boolean).join(" / ")],
  ["area_m2", (row) => row.area_m2],
];

export class TablePanel {
  constructor(editor, root) {
    Object.assign(this, editor);
    this.editor = editor;
    this.root = root;
    this.sort = { name: "subzone_code", down: false };
    this.page = 0;
    this.words_ = "";
    const { t } = this;
    this.count = h("p", { class: "editor-hint", role: "status" });
    this.body = h("tbody");
    this.heads = COLUMNS.map(([name]) => h("th", { scope: "col" }, h("button", { type: "button", class: "editor-sort", onclick: () => this.#sortBy(name) }, t(`column_${name}`), h("span", { "aria-hidden": "true" }))));
    this.pager = h("div", { class: "editor-buttons" });
    byId("zone-filter").addEventListener("input", (event) => {
      this.page = 0;
      this.words_ = event.target.value;
      this.render();
    });
    root.append(this.count, h("table", { class: "editor-table" }, h("thead", {}, h("tr", {}, this.heads, h("th", { scope: "col" }, h("span", { class: "govuk-visually-hidden" }, t("zoomTo"))))), this.body), this.pager);
    this.draft.addEventListener("rows", () => this.#later());
    this.selection.addEventListener("change", () => this.#later());
  }

  // Shown only when somebody looks at it.
  #later() {
    if (!this.root.closest("[hidden]")) this.render();
  }

  found() {
    const wanted = this.words_.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const pick = COLUMNS.find(([name]) => name === this.sort.name)[1];
    const text = (row) => `${row.subzone_code ?? ""} ${row.block ?? ""} ${row.sub_block ?? ""} ${row.remark ?? ""} #${row.zone_id}`.toLowerCase();
    const rows = [...this.draft.rows.values()].filter((row) => wanted.every((word) => text(row).includes(word)));
    const compare = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;
    const order = (a, b) => (typeof pick(a) === "number" ? pick(a) - pick(b) : compare(pick(a), pick(b))) || a.zone_id - b.zone_id;
    return rows.sort((a, b) => (this.sort.down ? order(b, a) : order(a, b)));
  }

  render() {
    const { t, words } = this;
    const rows = this.found();
    const pages = Math.max(1, Math.ceil(rows.length / ROWS));
    this.page = Math.min(this.page, pages - 1);
    const shown = rows.slice(this.page * ROWS, (this.page + 1) * ROWS);
    fill(this.count, t("zonesFound", { n: words.number(rows.length), all: words.number(this.draft.rows.size) }), " ", rows.length && rows.length <= 500 ? button(t("chooseThese"), () => this.selection.set(rows.map((row) => row.zone_id)), { kind: "link" }) : "");
    this.heads.forEach((head, index) => {
      const on = COLUMNS[index][0] === this.sort.name;
      head.setAttribute("aria-sort", on ? (this.sort.down ? "descending" : "ascending") : "none");
      head.querySelector("span").textContent = on ? (this.sort.down ? " ▼" : " ▲") : "";
    });
    fill(this.body, shown.map((row) => this.#row(row)));
    const turn = (by) => () => {
      this.page += by;
      this.render();
    };
    fill(
      this.pager,
      button(t("before"), turn(-1), { disabled: this.page === 0 }),
      h("span", {}, t("pageOf", { n: this.page + 1, all: pages })),
      button(t("next"), turn(1), { disabled: this.page >= pages - 1 }),
    );
  }

  #row(row) {
    const chosen = this.selection.has(row.zone_id);
    const choose = (event) => {
      if (event.shiftKey || event.ctrlKey || event.metaKey) this.selection.toggle(row.zone_id);
      else this.selection.set([row.zone_id]);
    };
    return h(
      "tr",
      { class: chosen ? "editor-chosen" : null },
      h("td", {}, h("button", { type: "button", class: "editor-row", "aria-pressed": String(chosen), onclick: choose }, subzoneMark(this.editor, row.subzone_code))),
      h("td", {}, COLUMNS[1][1](row)),
      h("td", { class: "editor-number" }, this.words.number(row.area_m2)),
      h("td", {}, button(this.t("zoom"), () => this.#zoom(row), { kind: "link", "aria-label": this.t("zoomToZone", { name: this.editor.nameOf(row.zone_id) }) })),
    );
  }

  #zoom(row) {
    this.selection.set([row.zone_id]);
    this.editor.zoomTo([row.zone_id]);
  }

  #sortBy(name) {
    this.sort = { name, down: this.sort.name === name && !this.sort.down };
    this.render();
  }
}
