// Which zones are chosen, and the exact outlines of them and of all that touch them.
import { ApiError } from "./api.js";

const MOST_WITH_OUTLINE = 60;

export class Selection extends EventTarget {
  constructor(api, draft, canvas) {
    super();
    Object.assign(this, { api, draft, canvas });
    this.ids = [];
    // Zones whose neighbours are known too.
    this.surrounded = new Set();
    this.loading = false;
    draft.addEventListener("rows", () => {
      if (this.ids.some((id) => !draft.has(id))) this.set(this.ids.filter((id) => draft.has(id)));
    });
  }

  has(id) {
    return this.ids.includes(id);
  }

  // Zones that were chosen and whose outline is known.
  zones() {
    return this.ids.map((id) => this.draft.zone(id)).filter(Boolean);
  }

  get isExact() {
    return this.ids.length > 0 && this.ids.length <= MOST_WITH_OUTLINE && this.ids.every((id) => this.surrounded.has(id) && this.draft.exact.has(id));
  }

  toggle(id) {
    this.set(this.has(id) ? this.ids.filter((other) => other !== id) : [...this.ids, id]);
  }

  add(ids) {
    this.set([...new Set([...this.ids, ...ids])]);
  }

  set(ids) {
    this.ids = ids.filter((id) => this.draft.has(id));
    this.canvas.select(this.ids);
    this.#tell();
    this.#fetch();
  }

  clear() {
    if (this.ids.length) this.set([]);
  }

  async #fetch() {
    const missing = this.ids.filter((id) => !this.surrounded.has(id) || !this.draft.exact.has(id));
    if (!missing.length || this.ids.length > MOST_WITH_OUTLINE) return;
    this.loading = true;
    try {
      const { clock } = this.draft;
      const answer = await this.api.get(`/features?ids=${missing.join(",")}&around=true`);
      this.draft.learn(answer.features, clock);
      missing.forEach((id) => this.surrounded.add(id));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.dispatchEvent(new CustomEvent("failed", { detail: error }));
    } finally {
      this.loading = false;
    }
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
