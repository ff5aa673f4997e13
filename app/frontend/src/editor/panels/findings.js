// What the check of the draft found: a list, shapes on the map, and repairs that a planner may accept.
import { ApiError } from "../api.js";
import { feature, point } from "../canvas.js";
import { button, byId, fill, h } from "../dom.js";
import { boundsOf } from "../geometry.js";
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
  }

  // Called when the panel is opened, and by its button.
  async check() {
    const { t } = this;
    if (this.checking) return;
    this.checking = true;
    fill(this.root, h("p", { role: "status" }, t("checking")));
    try {
      const answer = await this.api.get("/findings");
      this.findings = answer.findings;
      this.head = answer.head;
      this.blocks = answer.blocks;
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
    const errors = this.findings.filter(({ severity }) => severity === "error").length;
    byId("findings-count").textContent = this.findings.length ? ` ${words.number(this.findings.length)}` : "";
    const summary = this.findings.length ? t("findingsSummary", { errors: words.number(errors), warnings: words.number(this.findings.length - errors) }) : t("noFindings");
    fill(
      this.root,
      h("div", { class: `notice ${this.blocks ? "notice--stop" : ""}` }, h("p", { role: "status" }, summary), this.blocks && h("p", {}, t("blocksPublishing"))),
      h("div", { class: "editor-buttons" }, button(t("checkAgain"), () => this.check())),
      h("ul", { class: "editor-findings" }, this.findings.map((finding) => this.#entry(finding))),
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
    const bounds = finding.geometry ? boundsOf(finding.geometry.coordinates) : [finding.lon, finding.lat, finding.lon, finding.lat];
    this.canvas.show(bounds, { maxZoom: 19 });
    this.selection.set(finding.zones);
  }

  #showRepair(finding, root) {
    const { t, words } = this;
    const transfers = (finding.repair.transfers ?? []).map(({ from, to, area_m2: area }) => h("li", {}, t("transfer", { area: words.area(area), from: from === null ? t("landWithoutZone") : this.editor.nameOf(from), to: to === null ? t("nobody") : this.editor.nameOf(to) })));
    fill(
      root,
      h("h4", {}, t("proposal")),
      gainsTable(this.editor, gains(finding.repair.changes)),
      transfers.length ? h("ul", {}, transfers) : "",
      h("div", { class: "editor-buttons" }, button(t("acceptRepair"), () => this.#accept(finding, root), { kind: "main" }), button(t("cancel"), () => root.replaceChildren())),
    );
    this.#zoom(finding);
  }

  async #accept(finding, root) {
    fill(root, this.t("saving"));
    this.pending = await this.sync.repair(finding, this.head);
  }

  #afterRepair({ change }) {
    if (change.key !== this.pending) return;
    this.pending = null;
    this.editor.say(this.t("repaired"), "done");
    this.check();
  }
}
