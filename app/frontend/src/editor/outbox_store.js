// Where changes wait until the server has them: IndexedDB, so that they outlive a reload, a crash and a lost connection.
// Each change belongs to one draft and one account: nobody sends what somebody else made on the same machine.

const NAME = "ruang-editor";
const STORE = "changes";

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      const store = request.result.createObjectStore(STORE, { keyPath: "id", autoIncrement: true });
      store.createIndex("draft", "draft");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export class OutboxStore {
  // draft: names plan, draft and account.
  static async open(draft) {
    return new OutboxStore(await open(), draft);
  }

  constructor(database, draft) {
    this.database = database;
    this.draft = draft;
  }

  // The changes of this draft, in the order in which they were made.
  all() {
    return this.#run("readonly", (store) => store.index("draft").getAll(this.draft));
  }

  async add(change) {
    const stored = { ...change, draft: this.draft };
    const id = await this.#run("readwrite", (store) => store.add(stored));
    return { ...stored, id };
  }

  // One step: all of it is kept or nothing.
  update({ put = [], remove = [] }) {
    return this.#run("readwrite", (store) => {
      put.forEach((change) => store.put(change));
      remove.forEach((id) => store.delete(id));
      return null;
    });
  }

  #run(mode, work) {
    return new Promise((resolve, reject) => {
      // "strict": on disk before the planner is told that it is kept.
      const transaction = this.database.transaction(STORE, mode, { durability: "strict" });
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  }
}
