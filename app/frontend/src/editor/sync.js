// Sends what waits in the outbox, in order and each once; takes in what others changed; tells the page what happens.
// Events: "outbox" (what waits changed), "saved", "conflict", "refused", "connection", "others".
import { ApiError } from "./api.js";
import { backOff, nextToSend, rebased, redoableHere, undoableHere } from "./outbox_rules.js";

const POLL_MS = 5000;
// Beyond this many zones drawn from features, new tiles are lighter than the features.
const MOST_CHANGED = 400;

export class Sync extends EventTarget {
  // describe: the words for an operation on zones, kept with it for people.
  constructor(api, draft, store, describe) {
    super();
    Object.assign(this, { api, draft, store, describe });
    this.changes = [];
    this.online = true;
    this.signedOut = false;
    this.lock = `ruang-editor ${store.draft}`;
    this.channel = new BroadcastChannel(this.lock);
    this.channel.onmessage = () => this.reload();
    addEventListener("online", () => this.wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.wake());
  }

  // Take up what an earlier visit left, and keep watching.
  async start() {
    this.changes = await this.store.all();
    const zones = [...new Set(this.changes.flatMap((change) => change.zones))].filter((id) => !this.draft.exact.has(id) && this.draft.has(id));
    const { clock } = this.draft;
    if (zones.length) this.draft.learn((await this.api.get(`/features?ids=${zones.join(",")}&around=true`)).features, clock);
    this.#redraw();
    this.wake();
    this.#poll();
  }

  get waiting() {
    return this.changes.filter((change) => change.state === "waiting");
  }

  get conflicts() {
    return this.changes.filter((change) => change.state === "conflict");
  }

  get refused() {
    return this.changes.filter((change) => change.state === "refused");
  }

  // Another tab of this planner changed the outbox.
  async reload() {
    this.changes = await this.store.all();
    this.#redraw();
    this.wake();
  }

  // Keep an operation and send it when its turn comes. zones: ids that it touches or is bounded by.
  async operate(op, zones, { footprint } = {}) {
    const body = { base: this.draft.revisions(zones), op, comment: this.describe(op, zones), footprint };
    return this.#keep("operations", body, zones);
  }

  async upsert({ upserts, deletes, base, comment, zones, instead }) {
    await this.#keep("changesets", { base, upserts, deletes, comment }, zones, instead);
  }

  // Try an operation at the server without keeping it.
  async preview(op, zones, { footprint } = {}) {
    await this.settled(zones);
    return this.api.send("POST", "/operations", { key: crypto.randomUUID(), base: this.draft.revisions(zones), op, footprint, dry_run: true });
  }

  // Resolves when nothing waits any more that touches the zones.
  settled(zones) {
    const busy = () => this.waiting.some((change) => !zones || change.zones.some((zone) => zones.includes(zone)));
    if (!busy()) return Promise.resolve();
    if (!this.online) return Promise.reject(new ApiError(0, {}));
    return new Promise((resolve, reject) => {
      const check = () => {
        if (!this.online) done(() => reject(new ApiError(0, {})));
        else if (!busy()) done(resolve);
      };
      const done = (finish) => {
        this.removeEventListener("outbox", check);
        this.removeEventListener("connection", check);
        finish();
      };
      this.addEventListener("outbox", check);
      this.addEventListener("connection", check);
    });
  }

  get canUndo() {
    return Boolean(undoableHere(this.changes) || this.draft.undo || this.waiting.length);
  }

  get canRedo() {
    return Boolean(redoableHere(this.changes) || this.draft.redo);
  }

  async undo() {
    const here = undoableHere(this.changes);
    if (here) {
      await this.#change({ put: [{ ...here, state: "undone", depth: 0 }] });
      this.#tell("undone", { change: here });
      return;
    }
    const deeper = this.changes.filter((change) => change.state === "undone").map((change) => ({ ...change, depth: change.depth + 1 }));
    if (deeper.length) await this.#change({ put: deeper });
    await this.#keep("undo", {}, []);
  }

  async redo() {
    const here = redoableHere(this.changes);
    if (here && !here.depth) {
      await this.#change({ put: [{ ...here, state: "waiting" }] });
      this.wake();
      return;
    }
    const shallower = this.changes.filter((change) => change.state === "undone").map((change) => ({ ...change, depth: change.depth - 1 }));
    if (shallower.length) await this.#change({ put: shallower });
    await this.#keep("redo", {}, []);
  }

  // A change that was refused or decided against.
  async discard(change) {
    await this.#change({ remove: [change.id] });
    this.wake();
  }

  // to: the zone that gains the land, where there is a choice.
  repair(finding, head, to) {
    return this.#keep(`findings/${encodeURIComponent(finding.id)}/repair`, { head, to }, finding.zones);
  }

  async #keep(request, body, zones, instead = null) {
    const kept = { key: crypto.randomUUID(), request, body, zones, state: "waiting", attempts: 0, at: Date.now() };
    if (instead) {
      // In the place of the change that it replaces, so that later ones still follow.
      await this.#change({ put: [{ ...kept, id: instead.id, draft: instead.draft }] });
    } else {
      const isStep = request === "undo" || request === "redo";
      const forgotten = isStep ? [] : this.changes.filter((change) => change.state === "undone").map((change) => change.id);
      if (forgotten.length) await this.store.update({ remove: forgotten });
      const added = await this.store.add(kept);
      this.changes = [...this.changes.filter((change) => !forgotten.includes(change.id)), added];
      this.#redraw();
      this.channel.postMessage("changed");
    }
    this.wake();
    return kept.key;
  }

  async #change({ put = [], remove = [] }) {
    await this.store.update({ put, remove });
    const changed = new Map(put.map((change) => [change.id, change]));
    this.changes = this.changes.filter((change) => !remove.includes(change.id)).map((change) => changed.get(change.id) ?? change);
    this.#redraw();
    this.channel.postMessage("changed");
  }

  // Start sending, unless that is going on; also after a pause.
  wake() {
    clearTimeout(this.pause);
    this.again = true;
    if (this.sending) return;
    this.sending = true;
    this.#sendAll().finally(() => {
      this.sending = false;
      if (this.again && this.online) this.wake();
    });
  }

  // One tab sends at a time; whoever waits for the lock reads afterwards what is left.
  async #sendAll() {
    this.again = false;
    await navigator.locks.request(this.lock, async () => {
      this.changes = await this.store.all();
      for (let next = nextToSend(this.changes); next; next = nextToSend(this.changes)) {
        if (!(await this.#sendOne(next))) return;
      }
    });
  }

  async #sendOne(change) {
    const tried = { ...change, attempts: change.attempts + 1 };
    // Noted before it leaves: a change that may have arrived is never taken back here alone.
    await this.#change({ put: [tried] });
    try {
      const saved = await this.api.send("POST", `/${change.request}`, { key: change.key, ...change.body });
      await this.#saved(tried, saved);
      this.#connected(true);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return this.#failed(tried, error);
    }
  }

  async #saved(change, saved) {
    const concerned = [...saved.zones.features.map((feature) => feature.id), ...saved.removed];
    const before = this.draft.revisions(concerned);
    this.draft.take(saved);
    this.draft.undo = saved.undo;
    this.draft.redo = saved.redo;
    this.changes = await this.store.all();
    const put = rebased(this.changes, change, before, this.draft.revisions(concerned));
    await this.#change({ put, remove: [change.id] });
    this.#tell("saved", { change, saved, ids: concerned });
  }

  async #failed(change, error) {
    if (error.isPassing) {
      this.#connected(false);
      clearTimeout(this.pause);
      this.pause = setTimeout(() => this.wake(), backOff(change.attempts) * 1000);
      return false;
    }
    this.#connected(true);
    if (error.needsSignIn) {
      this.signedOut = true;
      this.#tell("connection");
      return false;
    }
    const conflicts = error.status === 409 ? error.problem.conflicts : null;
    const state = conflicts?.length ? "conflict" : "refused";
    const isStep = change.request === "undo" || change.request === "redo";
    const decided = { ...change, state, conflicts, problem: error.problem };
    if (conflicts) this.draft.take(theirs(conflicts));
    // An undo that the server refuses is told, not kept: there is nothing in it to lose.
    await this.#change(isStep && !conflicts ? { remove: [change.id] } : { put: [decided] });
    this.#tell(state, { change: decided });
    return true;
  }

  async #poll() {
    if (!document.hidden && !this.signedOut) {
      try {
        await this.lookForChanges();
        this.#connected(true);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.isPassing) this.#connected(false);
        else if (error.needsSignIn) {
          this.signedOut = true;
          this.#tell("connection");
        } else if (error.status === 404) this.#tell("closed");
      }
    }
    setTimeout(() => this.#poll(), POLL_MS);
  }

  async lookForChanges() {
    const { clock, head } = this.draft;
    const news = await this.api.get(`/changes?since=${head}`);
    if (news.head <= head) return;
    // Only this moves the head: the answer to an own change does not hold what others did shortly before it.
    this.draft.head = news.head;
    const ids = this.draft.take(news, clock);
    if (ids.length) this.#redraw();
    if (this.draft.changed.size > MOST_CHANGED) this.draft.renewTiles(news.head);
    const others = news.changesets.filter((changeset) => !changeset.mine);
    if (others.length) this.#tell("others", { changesets: others, ids });
  }

  signedInAgain() {
    this.signedOut = false;
    this.#tell("connection");
    this.wake();
  }

  #connected(online) {
    if (online === this.online && !this.signedOut) return;
    this.online = online;
    if (online) this.signedOut = false;
    this.#tell("connection");
  }

  #redraw() {
    this.draft.foretell(this.changes);
    this.#tell("outbox");
  }

  #tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function theirs(conflicts) {
  return {
    zones: { features: conflicts.map((conflict) => conflict.theirs).filter(Boolean) },
    removed: conflicts.filter((conflict) => !conflict.theirs).map((conflict) => conflict.zone_id),
  };
}
