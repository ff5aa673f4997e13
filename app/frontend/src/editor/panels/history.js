// Who changed what in this draft, newest first.
import { ApiError } from "../api.js";
import { button, fill, h } from "../dom.js";
import { joinBounds } from "../geometry.js";

export class HistoryPanel {
  constructor(editor, root) {
    Object.assign(this, editor);
    this.editor = editor;
    this.root = root;
  }

  async load(before = null) {
    const { t } = this;
    try {
      const { changesets } = await this.api.get(`/changesets${before ? `?before=${before}` : ""}`);
      const entries = changesets.map((changeset) => this.#entry(changeset));
      const more = changesets.length ? button(t("older"), (event) => {
        event.target.remove();
        this.load(changesets.at(-1).id);
      }) : null;
      if (before) this.list.append(...entries);
      else {
        this.list = h("ol", { class: "editor-history" }, entries);
        fill(this.root, changesets.length ? this.list : h("p", {}, t("noChanges")));
      }
      if (more && changesets.length >= 50) this.root.append(more);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      fill(this.root, h("p", { class: "editor-error", role: "alert" }, error.status ? error.message : t("needsConnection")));
    }
  }

  #entry({ at, author, kind, comment, zones, undone, mine }) {
    const { t, words } = this;
    const there = zones.filter((id) => this.draft.has(id));
    return h(
      "li",
      { class: undone ? "editor-undone" : null },
      h("p", {}, h("strong", {}, comment || this.editor.nameOfKind(kind)), undone ? ` (${t("undone")})` : ""),
      h("p", { class: "editor-hint" }, `${mine ? t("you") : author}, ${words.time(at)}`),
      there.length ? button(t("zoomTo"), () => {
        this.selection.set(there.slice(0, 200));
        this.canvas.show(joinBounds(there.map((id) => this.draft.bounds(id))));
      }, { kind: "link" }) : null,
    );
  }
}
