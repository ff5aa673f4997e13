import assert from "node:assert/strict";
import test from "node:test";
import { backOff, nextToSend, rebased, redoableHere, undoableHere } from "../../src/editor/outbox_rules.js";

const change = (id, zones, more = {}) => ({ id, zones, request: "operations", state: "waiting", attempts: 0, body: { base: Object.fromEntries(zones.map((zone) => [zone, 100 + zone])) }, ...more });

test("changes go in order, each when its turn comes", () => {
  assert.equal(nextToSend([change(1, [1]), change(2, [2])]).id, 1);
  assert.equal(nextToSend([]), null);
});

test("a conflict holds back only what touches its zones, and all that follows from that", () => {
  const changes = [change(1, [1, 2], { state: "conflict" }), change(2, [2, 3]), change(3, [3]), change(4, [9])];
  assert.equal(nextToSend(changes).id, 4);
  assert.equal(nextToSend(changes.slice(0, 3)), null);
});

test("an undo waits for everything before it", () => {
  const undo = change(3, [], { request: "undo", body: {} });
  assert.equal(nextToSend([change(1, [1], { state: "conflict" }), undo]), null);
  assert.equal(nextToSend([undo]).id, 3);
});

test("what was refused or taken back is not sent and holds nothing back", () => {
  assert.equal(nextToSend([change(1, [1], { state: "refused" }), change(2, [1], { state: "undone" }), change(3, [1])]).id, 3);
});

test("changes that wait go on from what the answer made of their base", () => {
  const [first, second, third] = [change(1, [1]), change(2, [1, 2]), change(3, [1], { body: { base: { 1: 77 } } })];
  const moved = rebased([first, second, third], first, {}, { 1: 205 });
  assert.deepEqual(moved.map(({ id, body }) => [id, body.base]), [[2, { 1: 205, 2: 102 }]]);
  assert.deepEqual(second.body.base, { 1: 101, 2: 102 });
});

test("an undo has no base of its own: what was known before it counts", () => {
  const undo = change(1, [], { request: "undo", body: {} });
  assert.deepEqual(rebased([undo, change(2, [4])], undo, { 4: 104 }, { 4: 90 }).map(({ body }) => body.base), [{ 4: 90 }]);
});

test("only a change that never left is taken back here", () => {
  assert.equal(undoableHere([change(1, [1]), change(2, [2])]).id, 2);
  assert.equal(undoableHere([change(1, [1], { attempts: 1 })]), null);
  assert.equal(undoableHere([change(1, [1]), change(2, [], { request: "undo" })]), null);
  assert.equal(redoableHere([change(1, [1]), change(2, [2], { state: "undone" }), change(3, [2], { state: "undone" })]).id, 2);
});

test("waiting grows to half a minute", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 6, 20].map(backOff), [1, 2, 4, 8, 16, 30, 30]);
});
