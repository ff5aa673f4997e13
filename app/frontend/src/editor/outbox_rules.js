// The rules of the outbox, without storage or network: which change may be sent next, and what an answer changes in
// those that still wait. A change: {id, key, request, body, zones, state, ...}; state: waiting, conflict, refused, undone.

const touches = (change, zones) => change.zones.some((zone) => zones.has(zone));

// The first waiting change whose zones wait for no decision; changes are sent in the order in which they were made.
// An undo or redo passes nothing by: it names "the last change", so it waits for every one before it.
export function nextToSend(changes) {
  const held = new Set();
  let anyHeld = false;
  for (const change of changes) {
    if (change.state === "conflict") {
      anyHeld = true;
      change.zones.forEach((zone) => held.add(zone));
    } else if (change.state === "waiting") {
      if (change.request === "undo" || change.request === "redo" ? !anyHeld : !touches(change, held)) return change;
      anyHeld = true;
      change.zones.forEach((zone) => held.add(zone));
    }
  }
  return null;
}

// After an answer: changes that were made on the revisions that this one began with, or that were known just before
// it (both {zone: revision}), go on from what it made of them. Returns the changes that differ from before.
export function rebased(changes, sent, known, made) {
  const began = sent.body.base ?? {};
  return changes
    .filter((change) => change.id !== sent.id && change.state !== "refused" && change.body.base)
    .map((change) => {
      const base = { ...change.body.base };
      let differs = false;
      for (const [zone, revision] of Object.entries(made)) {
        if (zone in base && base[zone] !== revision && (base[zone] === began[zone] || base[zone] === known[zone])) {
          base[zone] = revision;
          differs = true;
        }
      }
      return differs ? { ...change, body: { ...change.body, base } } : null;
    })
    .filter(Boolean);
}

// Undo without the server: the newest change that was never sent. Null where the server must do it.
export function undoableHere(changes) {
  const open = changes.filter((change) => change.state === "waiting");
  const last = open.at(-1);
  return last && last.request === "operations" && !last.attempts ? last : null;
}

// Redo without the server: the oldest of those that were taken back here and follow everything else.
export function redoableHere(changes) {
  return changes.find((change) => change.state === "undone") ?? null;
}

// Seconds to wait after a number of failed attempts: 1, 2, 4, ... up to half a minute.
export const backOff = (attempts) => Math.min(30, 2 ** Math.max(0, attempts - 1));
