// Where a pointer snaps: the nearest node within reach, else the nearest edge. Pure; distances in pixels of the screen.
import { nearestOnSegment } from "./geometry.js";
import { nodeKey } from "./topology.js";

// The map's plane without turning or tilting: pixels from the top left corner for [lon, lat], and back.
export function screenOf({ lon, lat, zoom, width, height }) {
  const world = 512 * 2 ** zoom;
  const x = (value) => ((value + 180) / 360) * world;
  const y = (value) => (0.5 - Math.log(Math.tan(Math.PI / 4 + (value * Math.PI) / 360)) / (2 * Math.PI)) * world;
  const left = x(lon) - width / 2;
  const top = y(lat) - height / 2;
  return {
    project: ([a, b]) => [x(a) - left, y(b) - top],
    unproject: ([px, py]) => [((px + left) / world) * 360 - 180, (Math.atan(Math.exp((0.5 - (py + top) / world) * 2 * Math.PI)) * 360) / Math.PI - 90],
  };
}

// Candidates are lines of places with a kind ("zone", "parcel", "road", "area") and, for zones, their id.
export function candidatesOf(kind, geometry, id = null) {
  const { type, coordinates } = geometry;
  const lines = { LineString: [coordinates], MultiLineString: coordinates, Polygon: coordinates, MultiPolygon: coordinates?.flat() }[type] ?? [];
  return lines.map((line) => ({ kind, id, line, bounds: lineBounds(line) }));
}

function lineBounds(line) {
  const bounds = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lon, lat] of line) {
    if (lon < bounds[0]) bounds[0] = lon;
    if (lat < bounds[1]) bounds[1] = lat;
    if (lon > bounds[2]) bounds[2] = lon;
    if (lat > bounds[3]) bounds[3] = lat;
  }
  return bounds;
}

// pointer: [lon, lat]. skipZones: ids whose lines move along with the dragged node; onlyNodes: their nodes that may still
// be met (the neighbours on the ring). Returns {at, what: "node" | "edge", kind, id} or null.
export function snap(pointer, candidates, screen, { reach = 12, skipZones = new Set(), onlyNodes = new Set(), skipNode = null } = {}) {
  const here = screen.project(pointer);
  const corner = screen.unproject([here[0] + reach, here[1] + reach]);
  const dLon = Math.abs(corner[0] - pointer[0]);
  const dLat = Math.abs(corner[1] - pointer[1]);
  const nearby = ([west, south, east, north]) => west <= pointer[0] + dLon && east >= pointer[0] - dLon && south <= pointer[1] + dLat && north >= pointer[1] - dLat;
  const skipKey = skipNode && nodeKey(skipNode);
  let node = null;
  let edge = null;
  for (const { kind, id, line, bounds } of candidates) {
    if (!nearby(bounds)) continue;
    const moving = kind === "zone" && skipZones.has(id);
    for (let i = 0; i < line.length; i += 1) {
      const start = line[i];
      if (Math.abs(start[0] - pointer[0]) <= dLon && Math.abs(start[1] - pointer[1]) <= dLat) {
        const place = screen.project(start);
        const distance = Math.hypot(place[0] - here[0], place[1] - here[1]);
        const key = nodeKey(start);
        const allowed = key !== skipKey && (!moving || onlyNodes.has(key));
        if (allowed && distance <= reach && (!node || distance < node.distance)) node = { at: start, what: "node", kind, id, distance };
      }
      const end = line[i + 1];
      if (!end || moving || !nearby([Math.min(start[0], end[0]), Math.min(start[1], end[1]), Math.max(start[0], end[0]), Math.max(start[1], end[1])])) continue;
      const found = nearestOnSegment(here, screen.project(start), screen.project(end));
      if (found.distance <= reach && (!edge || found.distance < edge.distance)) {
        const at = [start[0] + found.along * (end[0] - start[0]), start[1] + found.along * (end[1] - start[1])];
        edge = { at, what: "edge", kind, id, distance: found.distance };
      }
    }
  }
  return node ?? edge;
}
