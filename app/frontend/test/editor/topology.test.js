import assert from "node:assert/strict";
import test from "node:test";
import * as topology from "../../src/editor/topology.js";
import { signedArea } from "../../src/editor/geometry.js";
import { islandZones, threeZones, zone } from "./zones.js";

const area = (zones) => zones.reduce((sum, { geometry }) => sum + geometry.coordinates.reduce((part, rings) => part + rings.reduce((all, ring, index) => all + Math.abs(signedArea(ring)) * (index ? -1 : 1), 0), 0), 0);
const withChanges = (zones, changes) => zones.map((one) => (changes.has(one.id) ? { ...one, geometry: { type: "MultiPolygon", coordinates: changes.get(one.id) } } : one));

test("a node moves in every zone that has it, closing nodes included, and no land is lost", () => {
  const zones = threeZones();
  const changes = topology.moveNodes(zones, [{ from: [1, 1], to: [1.25, 0.75] }]);
  assert.deepEqual([...changes.keys()].sort(), [1, 2, 3]);
  assert.equal(area(withChanges(zones, changes)), area(zones));
  const corner = topology.moveNodes(zones, [{ from: [0, 0], to: [-0.5, 0] }]);
  assert.deepEqual(corner.get(1)[0][0].at(0), [-0.5, 0]);
  assert.deepEqual(corner.get(1)[0][0].at(-1), [-0.5, 0]);
});

test("zones that do not have the node are left out, and the old coordinates stay", () => {
  const zones = threeZones();
  const before = JSON.stringify(zones);
  const changes = topology.moveNodes(zones, [{ from: [2, 0], to: [3, 0] }]);
  assert.deepEqual([...changes.keys()], [2]);
  assert.equal(JSON.stringify(zones), before);
});

test("holes and second parts follow", () => {
  const zones = islandZones();
  const changes = topology.moveNodes(zones, [{ from: [2, 2], to: [1, 1] }]);
  assert.deepEqual(changes.get(1)[0][1][0], [1, 1]);
  assert.deepEqual(changes.get(1)[0][1].at(-1), [1, 1]);
  assert.deepEqual(changes.get(2)[0][0][0], [1, 1]);
  assert.equal(area(withChanges(zones, changes)), area(zones));
  assert.deepEqual([...topology.moveNodes(zones, [{ from: [8, 1], to: [9, 1] }]).keys()], [2]);
});

test("a node moved onto its neighbour on the ring counts once", () => {
  const changes = topology.moveNodes(threeZones(), [{ from: [1, 1], to: [2, 1] }]);
  assert.deepEqual(changes.get(3), [[[[0, 1], [2, 1], [2, 2], [0, 2], [0, 1]]]]);
});

test("a node is put into a shared edge on both sides, whichever way it runs", () => {
  const changes = topology.insertNode(threeZones(), [[1, 0], [1, 1]], [1, 0.5]);
  assert.deepEqual([...changes.keys()], [1, 2]);
  assert.deepEqual(changes.get(1)[0][0], [[0, 0], [1, 0], [1, 0.5], [1, 1], [0, 1], [0, 0]]);
  assert.deepEqual(changes.get(2)[0][0], [[1, 0], [2, 0], [2, 1], [1, 1], [1, 0.5], [1, 0]]);
});

test("a deleted node goes from every owner, and a triangle keeps its corners", () => {
  const zones = withChanges(threeZones(), topology.insertNode(threeZones(), [[1, 0], [1, 1]], [1, 0.5]));
  const changes = topology.deleteNode(zones, [1, 0.5]);
  assert.deepEqual(changes.get(1), threeZones()[0].geometry.coordinates);
  assert.equal(topology.deleteNode([islandZones()[1]], [8, 1]).size, 0);
  // The first node of a ring is its last as well.
  assert.deepEqual(topology.deleteNode(threeZones(), [0, 0]).get(1)[0][0], [[1, 0], [1, 1], [0, 1], [1, 0]]);
});

test("borders end where a node has more than two edges", () => {
  const zones = threeZones();
  assert.equal(topology.degreeOf(zones, [1, 1]), 3);
  assert.equal(topology.degreeOf(zones, [0, 0]), 2);
});

test("an edge that passes through a node of others is found (T-junction)", () => {
  const zones = [zone(1, [[[[0, 0], [2, 0], [2, 1], [0, 1], [0, 0]]]]), ...threeZones().slice(2)];
  const found = topology.junctionEdges(zones, [1, 1]);
  assert.deepEqual(found.map(({ zone: one, edge }) => [one.id, edge]), [[1, [[2, 1], [0, 1]]]]);
  assert.deepEqual(topology.junctionEdges(threeZones(), [1, 1]), []);
});

test("the border of two zones is one line with the first to its left, also over a ring's first node", () => {
  const [west, east, north] = threeZones();
  assert.deepEqual(topology.sharedBorders(west, east), [[[1, 0], [1, 1]]]);
  assert.deepEqual(topology.sharedBorders(east, west), [[[1, 1], [1, 0]]]);
  assert.deepEqual(topology.sharedBorders(west, zone(9, [[[[5, 5], [6, 5], [6, 6], [5, 5]]]])), []);
  const turned = zone(1, [[[[1, 0.5], [1, 1], [0, 1], [0, 0], [1, 0], [1, 0.5]]]]);
  const other = zone(2, [[[[1, 0.5], [1, 0], [2, 0], [2, 1], [1, 1], [1, 0.5]]]]);
  assert.deepEqual(topology.sharedBorders(turned, other), [[[1, 0], [1, 0.5], [1, 1]]]);
  assert.equal(topology.sharedBorders(north, west).length, 1);
});

test("the border of an island is its whole ring", () => {
  const [land, island] = islandZones();
  const [line] = topology.sharedBorders(island, land);
  assert.equal(line.length, 5);
  assert.ok(signedArea(line) > 0);
});

test("a stretch of a border between two of its nodes keeps the border's direction", () => {
  const line = [[0, 0], [1, 0], [2, 0], [3, 0]];
  assert.deepEqual(topology.stretch(line, [2, 0], [1, 0]), [[1, 0], [2, 0]]);
  assert.equal(topology.stretch(line, [2, 0], [9, 0]), null);
  assert.equal(topology.stretch(line, [2, 0], [2, 0]), null);
});

test("a drag that makes an outline cross or touch itself is seen, one that does not is let through", () => {
  const square = [[[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]]];
  const moved = (to) => topology.moveNodes([zone(1, square)], [{ from: [4, 4], to }]).get(1);
  assert.equal(topology.crossesItself(moved([5, 5]), [5, 5]), false);
  assert.equal(topology.crossesItself(moved([2, -1]), [2, -1]), true);
  assert.equal(topology.crossesItself(moved([2, 0]), [2, 0]), true);
  const [land] = islandZones();
  const into = topology.moveNodes([land], [{ from: [6, 6], to: [3, 3] }]).get(1);
  assert.equal(topology.crossesItself(into, [3, 3]), true);
});

test("new places lie on the grid of the server, and within 2 mm of a node they are that node", () => {
  const exact = [117.488123456789, 0.1360412345678];
  const zones = [zone(1, [[[exact, [117.5, 0.1], [117.5, 0.2], exact]]])];
  assert.deepEqual(topology.targetOf(zones, [exact[0] + 1e-8, exact[1]]), exact);
  assert.deepEqual(topology.targetOf(zones, [exact[0] + 1e-8, exact[1]], [exact]), [117.48812347, 0.13604123]);
  assert.deepEqual(topology.rounded([117.123456789, 0.987654321]), [117.12345679, 0.98765432]);
});

test("a place lies in a zone, not in its hole", () => {
  const [land, island] = islandZones();
  assert.equal(topology.contains(land, [1, 1]), true);
  assert.equal(topology.contains(land, [3, 3]), false);
  assert.equal(topology.contains(island, [3, 3]), true);
});

test("where several drawings of a zone differ", () => {
  const drawn = (place) => [zone(1, [[[[0, 0], [4, 0], place, [0, 0]]]])];
  assert.deepEqual(topology.differingNodes([drawn([4, 4]), drawn([5, 5]), drawn([4, 4])]), [[[4, 4]], [[5, 5]], [[4, 4]]]);
  assert.deepEqual(topology.differingNodes([drawn([4, 4]), drawn([4, 4])]), [[], []]);
});
