// What the check of the draft found: a list, shapes on the map, and repairs that a planner may accept.
import { ApiError } from "../api.js";
import { feature, point } from "../canvas.js";
import { button, byId, field, fill, h } from "../dom.js";
import { boundsOf, joinBounds } from "../geometry.js";
import { gains } from "../operations.js";
import { gainsTable } from "./operation.js";

export class FindingsPanel {
  constructor(editor, root) {
    Object.assign(this, editor);
    this.editor = editor;
    this.root = root;
    this.head = null;
    this.findings = [];
    editor.sync.addEventListener("saved", ({ detail }) => this.#afterRepair(detail));
    editor.sync.addEventListener("refused", ({ detail }) => this.#refused(detail.change));
  }

  // Called when the panel is opened, and by its button.
  async check() {
    const { t } = this;
    if (this.checking) return;
    this.checking = true;
    fill(this.root, h("p", { role: "status" }, t("checking")));
    try {
      const answer = await this.api.get("/findings");
      // The gravest come first; beyond a limit of the server the rest is only counted.
      const { findings, head, blocks, errors, warnings } = answer;
      Object.assign(this, { findings, head, blocks, errors, warnings });
      this.render();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      fill(this.root, h("p", { class: "editor-error", role: "alert" }, error.status ? error.message : t("needsConnection")), button(t("checkAgain"), () => this.check()));
    } finally {
      this.checking = false;
    }
  }

  get isStale() {
    return this.head === null || this.head !== this.draft.head;
  }

  render() {
    const { t, words } = this;
    const { errors, warnings } = this;
    const all = errors + warnings;
    byId("findings-count").textContent = all ? ` ${words.number(all)}` : "";
    const summary = all ? t("findingsSummary", { errors: words.number(errors), warnings: words.number(warnings) }) : t("noFindings");
    fill(
      this.root,
      h("div", { class: `notice ${this.blocks ? "notice--stop" : ""}` }, h("p", { role: "status" }, summary), this.blocks && h("p", {}, t("blocksPublishing"))),
      h("div", { class: "editor-buttons" }, button(t("checkAgain"), () => this.check())),
      h("ul", { class: "editor-findings" }, this.findings.map((finding) => this.#entry(finding))),
      all > this.findings.length && h("p", { class: "editor-hint" }, t("moreFindings", { n: words.number(this.findings.length), all: words.number(all) })),
    );
    this.draw();
  }

  draw() {
    const features = this.findings.map((finding) => {
      const { severity } = finding;
      return finding.geometry ? feature(finding.geometry, { severity }) : finding.lon === null || finding.lon === undefined ? null : point([finding.lon, finding.lat], { severity });
    });
    this.canvas.set("findings", features.filter(Boolean));
  }

  hide() {
    this.canvas.set("findings", []);
  }

  #entry(finding) {
    const { t, words } = this;
    const details = h("div");
    const size = finding.size_m2 === null || finding.size_m2 === undefined ? "" : ` · ${words.area(finding.size_m2)}`;
    return h(
      "li",
      { class: `editor-finding editor-finding--${finding.severity}` },
      h("h3", {}, h("span", { class: "editor-severity" }, t(finding.severity)), ` ${t(`finding_${finding.kind}`)}${size}`),
      h("p", {}, finding.text),
      h("div", { class: "editor-buttons" }, button(t("zoomTo"), () => this.#zoom(finding)), finding.repair && this.editor.mayEdit && button(t("showRepair"), () => this.#showRepair(finding, details))),
      details,
    );
  }

  #zoom(finding) {
    const bounds = finding.geometry ? boundsOf(finding.geometry.coordinates) : joinBounds(finding.zones.map((id) => this.draft.bounds(id)));
    this.canvas.show(bounds ?? [finding.lon, finding.lat, finding.lon, finding.lat], { maxZoom: 19 });
    this.selection.set(finding.zones);
  }

  // What the repair does; where several zones could gain the land, the planner chooses among them.
  #showRepair(finding, root) {
    this.#showProposal(finding, root, finding.repair);
    this.#zoom(finding);
  }

  #showProposal(finding, root, { to, changes, transfers = [], legal_area_ha: legal }) {
    const { t, words } = this;
    const given = transfers.map(({ from, to: taker, area_m2: area }) => h("li", {}, t("transfer", { area: words.area(area), from: this.#called(from, "landWithoutZone"), to: this.#called(taker, "nobody") })));
    const choices = finding.repair.choices ?? [];
    const select = h("select", { onchange: () => this.#choose(finding, root, Number(select.value)) }, choices.map((id) => h("option", { value: String(id), selected: id === to }, this.editor.nameOf(id))));
    fill(
      root,
      h("h4", {}, t("proposal")),
      choices.length > 1 && field(t("taker"), select),
      legal !== null && legal !== undefined && h("p", {}, t("newLegalArea", { area: words.number(legal, 2) })),
      changes.length > 0 && gainsTable(this.editor, gains(changes)),
      given.length > 0 && h("ul", {}, given),
      h("div", { class: "editor-buttons" }, button(t("acceptRepair"), () => this.#accept(finding, root, to), { kind: "main" }), button(t("cancel"), () => root.replaceChildren())),
    );
  }

  #called(zone, nobody) {
    return zone === null ? this.t(nobody) : this.editor.nameOf(zone);
  }

  // Another zone gains: the server says what that comes to.
  async #choose(finding, root, to) {
    try {
      const { changes } = await this.api.send("POST", `/findings/${encodeURIComponent(finding.id)}/repair`, { key: crypto.randomUUID(), head: this.head, to, dry_run: true });
      this.#showProposal(finding, root, { to, changes });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#showProposal(finding, root, finding.repair);
      this.editor.say(error.status ? error.message : this.t("needsConnection"), "warn");
    }
  }

  async #accept(finding, root, to) {
    fill(root, this.t("saving"));
    this.pending = await this.sync.repair(finding, this.head, to ?? undefined);
  }

  // It may have been mended by somebody else meanwhile: the list is made anew.
  #refused(change) {
    if (change.key !== this.pending) return;
    this.pending = null;
    this.sync.discard(change);
    this.check();
  }

  #afterRepair({ change }) {
    if (change.key !== this.pending) return;
    this.pending = null;
    this.editor.say(this.t("repaired"), "done");
    this.check();
  }
}
