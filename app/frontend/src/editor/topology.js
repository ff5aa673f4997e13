// Zones that share nodes. A node is named by its exact coordinates; whatever moves, moves in every zone that has it.
// Zones are GeoJSON features with a MultiPolygon and an id; functions return new coordinates and leave the old alone.
import { nearestOnSegment, segmentsMeet, signedArea } from "./geometry.js";

// As the server has it: nodes lie on a grid of 1e-8 degree; within 2 mm is the same node, within 1.5 mm on an edge.
const DECIMALS = 8;
export const SAME_NODE_DEG = 2e-8;
const ON_EDGE_DEG = 1.5e-8;

export const rounded = ([lon, lat]) => [Number(lon.toFixed(DECIMALS)), Number(lat.toFixed(DECIMALS))];
export const nodeKey = ([lon, lat]) => `${lon},${lat}`;
export const sameNode = (a, b) => a[0] === b[0] && a[1] === b[1];

function* ringsOf(zone) {
  for (const [part, rings] of zone.geometry.coordinates.entries()) {
    for (const [index, ring] of rings.entries()) yield { part, index, ring };
  }
}

// Every corner of a zone once per ring: {node, part, ring, position}; the closing repeat is left out.
export function nodesOf(zone) {
  const nodes = [];
  for (const { part, index, ring } of ringsOf(zone)) {
    for (let position = 0; position < ring.length - 1; position += 1) nodes.push({ node: ring[position], part, ring: index, position });
  }
  return nodes;
}

export function edgesOf(zone) {
  const edges = [];
  for (const { ring } of ringsOf(zone)) {
    for (let i = 1; i < ring.length; i += 1) edges.push([ring[i - 1], ring[i]]);
  }
  return edges;
}

// Zones that have a node as a corner.
export function ownersOf(zones, node) {
  return zones.filter((zone) => {
    for (const { ring } of ringsOf(zone)) if (ring.some((place) => sameNode(place, node))) return true;
    return false;
  });
}

// Edges of zones that pass through a node without having it (T-junctions of plans that came in so): [{zone, edge}].
export function junctionEdges(zones, node) {
  const found = [];
  for (const zone of zones) {
    for (const [start, end] of edgesOf(zone)) {
      if (sameNode(start, node) || sameNode(end, node)) continue;
      const { distance, along } = nearestOnSegment(node, start, end);
      if (along > 0 && along < 1 && distance <= ON_EDGE_DEG) found.push({ zone, edge: [start, end] });
    }
  }
  return found;
}

// Where a dragged node ends up: at a node within 2 mm, else on the grid. moving: nodes that are no targets.
export function targetOf(zones, to, moving = []) {
  const keys = new Set(moving.map(nodeKey));
  let best = null;
  for (const zone of zones) {
    for (const { node } of nodesOf(zone)) {
      const distance = Math.hypot(node[0] - to[0], node[1] - to[1]);
      if (distance <= SAME_NODE_DEG && !keys.has(nodeKey(node)) && (!best || distance < best.distance)) best = { node, distance };
    }
  }
  return best ? best.node : rounded(to);
}

function mapRings(zone, change) {
  let changed = false;
  const coordinates = zone.geometry.coordinates.map((rings) =>
    rings.map((ring) => {
      const next = change(ring);
      if (next !== ring) changed = true;
      return next;
    }),
  );
  return changed ? coordinates : null;
}

function collect(zones, change) {
  const result = new Map();
  for (const zone of zones) {
    const coordinates = mapRings(zone, change);
    if (coordinates) result.set(zone.id, coordinates);
  }
  return result;
}

// moves: [{from, to}]. Returns Map of zone id to new MultiPolygon coordinates, of the zones that have such nodes.
export function moveNodes(zones, moves) {
  const targets = new Map(moves.map(({ from, to }) => [nodeKey(from), to]));
  return collect(zones, (ring) => {
    if (!ring.some((node) => targets.has(nodeKey(node)))) return ring;
    return tidy(ring.map((node) => targets.get(nodeKey(node)) ?? node));
  });
}

// Corners that fell together count once. A ring that collapses stays as it is: the server refuses it and says why.
function tidy(ring) {
  const kept = ring.filter((node, index) => !index || !sameNode(node, ring[index - 1]));
  return kept.length >= 4 ? kept : ring;
}

export function insertNode(zones, [start, end], at) {
  const fits = (a, b) => (sameNode(a, start) && sameNode(b, end)) || (sameNode(a, end) && sameNode(b, start));
  return collect(zones, (ring) => {
    const found = ring.findIndex((node, index) => index && fits(ring[index - 1], node));
    return found < 0 ? ring : [...ring.slice(0, found), at, ...ring.slice(found)];
  });
}

export function deleteNode(zones, node) {
  return collect(zones, (ring) => {
    if (!ring.some((place) => sameNode(place, node))) return ring;
    const kept = ring.slice(0, -1).filter((place) => !sameNode(place, node));
    return kept.length >= 3 ? [...kept, kept[0]] : ring;
  });
}

// How many different edges end in a node; with more than two, borders end or cross there and it cannot be deleted.
export function degreeOf(zones, node) {
  const ends = new Set();
  for (const zone of zones) {
    for (const [start, end] of edgesOf(zone)) {
      if (sameNode(start, node)) ends.add(nodeKey(end));
      if (sameNode(end, node)) ends.add(nodeKey(start));
    }
  }
  return ends.size;
}

// Whether the edges at a place of one ring meet other edges of the same polygon: what a drag must not do.
export function crossesItself(coordinates, node) {
  return coordinates.some((rings) => {
    const edges = rings.flatMap((ring) => ring.slice(1).map((end, index) => [ring[index], end]));
    const own = edges.filter(([start, end]) => sameNode(start, node) || sameNode(end, node));
    return own.some((edge) => edges.some((other) => other !== edge && segmentsMeet(...edge, ...other)));
  });
}

// A zone's rings so that its land lies to the left: outer rings against the clock, holes with it.
function landToTheLeft(zone) {
  const rings = [];
  for (const { index, ring } of ringsOf(zone)) rings.push(signedArea(ring) > 0 === (index === 0) ? ring : [...ring].reverse());
  return rings;
}

// The borders that two zones share, each a line of exact nodes with the first zone to its left; longest first.
export function sharedBorders(first, second) {
  const other = new Set(landToTheLeft(second).flatMap((ring) => ring.slice(1).map((end, index) => `${nodeKey(end)}|${nodeKey(ring[index])}`)));
  const lines = [];
  for (const ring of landToTheLeft(first)) {
    const shared = ring.slice(1).map((end, index) => other.has(`${nodeKey(ring[index])}|${nodeKey(end)}`));
    lines.push(...runs(ring, shared));
  }
  return lines.sort((a, b) => b.length - a.length);
}

// Stretches of a closed ring whose edges are marked; a stretch may run over the ring's first node.
function runs(ring, marked) {
  const count = marked.length;
  if (marked.every(Boolean)) return count ? [ring] : [];
  const begin = marked.indexOf(false);
  const lines = [];
  let line = null;
  for (let step = 1; step <= count; step += 1) {
    const edge = (begin + step) % count;
    if (marked[edge]) {
      line ??= [ring[edge]];
      line.push(ring[edge + 1]);
    } else if (line) {
      lines.push(line);
      line = null;
    }
  }
  return lines;
}

// The part of a line of nodes between two of them, in the line's own direction; null where one is not on it.
export function stretch(line, from, to) {
  const a = line.findIndex((node) => sameNode(node, from));
  const b = line.findIndex((node) => sameNode(node, to));
  if (a < 0 || b < 0 || a === b) return null;
  return line.slice(Math.min(a, b), Math.max(a, b) + 1);
}

// Whether a place lies in a zone (even-odd over all rings).
export function contains(zone, [x, y]) {
  let inside = false;
  for (const [[ax, ay], [bx, by]] of edgesOf(zone)) {
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

// For several drawings of the same zones: the nodes of each that not all of them have.
export function differingNodes(drawings) {
  const nodes = drawings.map((zones) => new Map(zones.flatMap((zone) => nodesOf(zone).map(({ node }) => [nodeKey(node), node]))));
  return nodes.map((own) => [...own].filter(([key]) => !nodes.every((other) => other.has(key))).map(([, node]) => node));
}
