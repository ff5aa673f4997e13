// How saving goes: a word in the bar, a banner where something needs the planner, and what could not be saved.
import { button, byId, fill, h } from "../dom.js";

export class OutboxPanel {
  constructor(editor) {
    Object.assign(this, editor);
    this.editor = editor;
    this.state = byId("save-state");
    this.banner = byId("editor-banner");
    this.refused = byId("refused");
    const { sync } = this;
    for (const event of ["outbox", "connection", "saved"]) sync.addEventListener(event, () => this.render());
    sync.addEventListener("refused", ({ detail }) => this.#tellRefused(detail.change));
    sync.addEventListener("others", ({ detail }) => this.#tellOthers(detail));
    sync.addEventListener("closed", () => this.#showBanner(this.t("draftClosed"), []));
    byId("undo").addEventListener("click", () => this.undo());
    byId("redo").addEventListener("click", () => this.redo());
    // The browser asks before it closes the page; the changes are kept in any case.
    addEventListener("beforeunload", (event) => sync.waiting.length && !sync.online && event.preventDefault());
    this.render();
  }

  async undo() {
    if (!this.sync.canUndo) return;
    const what = this.draft.undo;
    await this.sync.undo();
    this.editor.say(this.sync.online ? this.t("undoing", { what: what?.comment ?? "" }) : this.t("stepWaits"), "done");
  }

  async redo() {
    if (!this.sync.canRedo) return;
    await this.sync.redo();
    this.editor.say(this.sync.online ? this.t("redoing") : this.t("stepWaits"), "done");
  }

  render() {
    const { t, words, sync, draft } = this;
    const waiting = sync.waiting.length;
    const conflicts = sync.conflicts.length;
    const name = conflicts ? "stateConflict" : !sync.online ? "stateOffline" : waiting ? "stateSaving" : "stateSaved";
    const text = t(name, { n: words.number(waiting) });
    if (this.state.textContent !== text) this.state.textContent = text;
    this.state.dataset.state = name;
    const undo = byId("undo");
    const redo = byId("redo");
    undo.disabled = !this.editor.mayEdit || !sync.canUndo;
    redo.disabled = !this.editor.mayEdit || !sync.canRedo;
    undo.title = draft.undo?.comment ? t("undoWhat", { what: draft.undo.comment }) : "";
    redo.title = draft.redo?.comment ? t("redoWhat", { what: draft.redo.comment }) : "";
    if (sync.signedOut) this.#showBanner(t("signedOut"), [h("a", { class: "govuk-link", href: this.settings.signIn, target: "_blank", rel: "noopener" }, t("signInAgain")), button(t("tryAgain"), () => sync.signedInAgain())]);
    else if (!sync.online) this.#showBanner(t("offline", { n: words.number(waiting) }), [button(t("tryAgain"), () => sync.wake())]);
    else this.#showBanner(null, []);
    this.#listRefused();
  }

  #showBanner(text, actions) {
    if (this.bannerText === text) return;
    this.bannerText = text;
    this.banner.hidden = !text;
    fill(this.banner, ...(text ? [h("p", {}, text), h("div", { class: "editor-buttons" }, actions)] : []));
  }

  #tellRefused(change) {
    this.canvas.placeMark(change.problem.place ?? null);
    const why = [change.problem.detail, change.problem.hint].filter(Boolean).join(" ");
    this.editor.say(this.t("notSaved", { why }), "warn");
  }

  // Nothing is thrown away without the planner: what was refused stays in a list with its reason.
  #listRefused() {
    const { t } = this;
    const list = this.sync.refused;
    this.refused.hidden = !list.length;
    fill(
      this.refused,
      ...(list.length
        ? [
            h("h2", {}, t("refusedTitle")),
            h("ul", {}, list.map((change) =>
              h(
                "li",
                {},
                h("p", {}, h("strong", {}, this.editor.nameOfKind(change.body.op?.kind ?? change.request)), `: ${[change.problem.detail, change.problem.hint].filter(Boolean).join(" ")}`),
                h("div", { class: "editor-buttons" }, change.problem.place && button(t("zoomTo"), () => this.#showPlace(change.problem)), button(t("discard"), () => this.#discard(change))),
              ),
            )),
          ]
        : []),
    );
  }

  #showPlace({ place, zones }) {
    this.canvas.placeMark(place);
    this.canvas.show([...place, ...place], { maxZoom: 18 });
    if (zones?.length) this.selection.set(zones);
  }

  #discard(change) {
    this.canvas.placeMark(null);
    this.sync.discard(change);
  }

  #tellOthers({ changesets }) {
    const names = [...new Set(changesets.map(({ author }) => author))];
    this.editor.say(this.t("othersDid", { who: names.join(", "), what: changesets.at(-1).comment || this.editor.nameOfKind(changesets.at(-1).kind), n: this.words.number(changesets.length) }), "note");
  }
}
