import assert from "node:assert/strict";
import test from "node:test";
import { boundsOf, measure, metricPlane, nearestOnSegment, segmentsMeet } from "../../src/editor/geometry.js";
import { readPlaces, writePlaces } from "../../src/editor/coordinates.js";
import { foretell } from "../../src/editor/operations.js";
import { candidatesOf, screenOf, snap } from "../../src/editor/snapping.js";
import { nodeKey } from "../../src/editor/topology.js";
import { threeZones } from "./zones.js";

const near = (found, wanted, by) => assert.ok(Math.abs(found - wanted) <= by, `${found} is not ${wanted}`);

// From PROJ (pyproj): +proj=utm +zone=50 [+south] +ellps=GRS80.
const PROJ_NORTH = [554316.0443, 15037.0571];
const PROJ_SOUTH = [232195.4386, 9632709.8011];

test("the metric plane agrees with PROJ to a millimetre, north and south of the equator", () => {
  const [x, y] = metricPlane(50)([117.48812, 0.13604]);
  near(x, PROJ_NORTH[0], 1e-3);
  near(y, PROJ_NORTH[1], 1e-3);
  const [sx, sy] = metricPlane(50, true)([114.59, -3.32]);
  near(sx, PROJ_SOUTH[0], 1e-3);
  near(sy, PROJ_SOUTH[1], 1e-3);
});

test("area counts holes off and their border on", () => {
  const rings = [[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]], [[1, 1], [1, 2], [2, 2], [2, 1], [1, 1]]];
  assert.deepEqual(measure([rings], (place) => place), { areaM2: 15, perimeterM: 20 });
});

test("segments meet where they cross, touch or fold back, not at a shared end", () => {
  assert.equal(segmentsMeet([0, 0], [2, 2], [0, 2], [2, 0]), true);
  assert.equal(segmentsMeet([0, 0], [2, 0], [1, 0], [1, 1]), true);
  assert.equal(segmentsMeet([0, 0], [2, 0], [2, 0], [3, 1]), false);
  assert.equal(segmentsMeet([0, 0], [2, 0], [2, 0], [1, 0]), true);
  assert.equal(segmentsMeet([0, 0], [1, 0], [0, 1], [1, 1]), false);
});

test("nearest place on a segment stays within its ends", () => {
  assert.deepEqual(nearestOnSegment([1, 1], [0, 0], [2, 0]), { at: [1, 0], along: 0.5, distance: 1 });
  assert.deepEqual(nearestOnSegment([5, 0], [0, 0], [2, 0]).at, [2, 0]);
});

test("bounds of nothing are null", () => {
  assert.equal(boundsOf([]), null);
  assert.deepEqual(boundsOf([[[1, 2], [3, -4]]]), [1, -4, 3, 2]);
});

const screen = screenOf({ lon: 117.488, lat: 0.136, zoom: 17, width: 800, height: 600 });

test("the screen's plane turns places into pixels and back", () => {
  assert.deepEqual(screen.project([117.488, 0.136]).map(Math.round), [400, 300]);
  const place = screen.unproject([123, 456]);
  const back = screen.project(place);
  near(back[0], 123, 1e-6);
  near(back[1], 456, 1e-6);
});

test("a pointer snaps to a node before an edge, and to nothing out of reach", () => {
  const a = screen.unproject([100, 100]);
  const b = screen.unproject([300, 100]);
  const lines = candidatesOf("parcel", { type: "LineString", coordinates: [a, b] });
  assert.deepEqual(snap(screen.unproject([105, 106]), lines, screen).at, a);
  const edge = snap(screen.unproject([200, 108]), lines, screen);
  assert.deepEqual([edge.what, edge.kind, Math.round(edge.distance)], ["edge", "parcel", 8]);
  assert.equal(snap(screen.unproject([200, 130]), lines, screen), null);
});

test("what moves along is no target, but for the neighbours on the ring", () => {
  const a = screen.unproject([100, 100]);
  const b = screen.unproject([300, 100]);
  const lines = candidatesOf("zone", { type: "MultiPolygon", coordinates: [[[a, b, screen.unproject([200, 300]), a]]] }, 7);
  const at = screen.unproject([102, 102]);
  assert.equal(snap(at, lines, screen, { skipZones: new Set([7]) }), null);
  assert.deepEqual(snap(at, lines, screen, { skipZones: new Set([7]), onlyNodes: new Set([nodeKey(a)]) }).at, a);
});

test("coordinates are read as people type, copy and paste them", () => {
  const read = (text, options) => readPlaces(text, options).places;
  assert.deepEqual(read("117.5, 0.25\n117.75, 0.5"), [[117.5, 0.25], [117.75, 0.5]]);
  assert.deepEqual(read("0.25 117.5", { latitudeFirst: true }), [[117.5, 0.25]]);
  assert.deepEqual(read("117.5\t0.25\n"), [[117.5, 0.25]]);
  assert.deepEqual(read("117,5; 0,25"), [[117.5, 0.25]]);
  assert.deepEqual(read("LINESTRING (117.5 0.25, 117.75 0.5)"), [[117.5, 0.25], [117.75, 0.5]]);
  assert.deepEqual(read("0°15'0\"S 117°30'0\"E"), [[117.5, -0.25]]);
  assert.deepEqual(read("117°30'0\" BT, 0°15'0\" LU"), [[117.5, 0.25]]);
  assert.deepEqual(read("[117.5, 0.25]"), [[117.5, 0.25]]);
  assert.deepEqual(read(""), []);
});

test("a line that is no place is named", () => {
  assert.deepEqual(readPlaces("117.5, 0.25\nhere").wrong, { line: 2, text: "here" });
  assert.equal(readPlaces("117.5").wrong.line, 1);
  assert.equal(readPlaces("217.5, 0.25").wrong.line, 1);
  assert.equal(readPlaces("0°75'0\"N 117°0'0\"E").wrong.line, 1);
  assert.equal(readPlaces("1 N 2 N").wrong.line, 1);
});

test("places written are read again as they were", () => {
  const places = [[117.48812345, 0.13604123], [117.5, -0.1]];
  assert.deepEqual(readPlaces(writePlaces(places)).places, places);
});

test("the screen shows what is not saved yet: outlines and attributes, overlays one by one", () => {
  const zones = new Map(threeZones().map((zone) => [zone.id, { ...zone, properties: { subzone_code: "R-2", block: "A", overlays: { LP2B: "x", TOD: "y" } } }]));
  const moved = foretell(zones, { kind: "move_nodes", moves: [{ from: [1, 1], to: [1.5, 1.5] }] });
  assert.deepEqual(moved.map(({ id }) => id), [1, 2, 3]);
  const [named] = foretell(zones, { kind: "attributes", zones: [2, 99], values: { block: null, overlays: { TOD: "z" } } });
  assert.deepEqual(named.properties, { subzone_code: "R-2", block: null, overlays: { LP2B: "x", TOD: "z" } });
  assert.deepEqual(foretell(zones, { kind: "split", zone: 1, line: [] }), []);
});
