// Plane geometry for what the screen needs while a node moves; the server's figures replace it after saving.
// Places are [lon, lat] in degrees, EPSG:4326, as in GeoJSON. Pure: no page, no map.

const SEMI_MAJOR_M = 6378137;
const FLATTENING = 1 / 298.257222101;
const SCALE = 0.9996;
const FALSE_EASTING_M = 500000;
const FALSE_NORTHING_M = 10000000;

// Krüger's series for the transverse Mercator projection on GRS80, to n^4: below a millimetre inside a UTM zone.
const N = FLATTENING / (2 - FLATTENING);
const RADIUS_M = (SEMI_MAJOR_M / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64);
const ALPHA = [
  N / 2 - (2 / 3) * N ** 2 + (5 / 16) * N ** 3 + (41 / 180) * N ** 4,
  (13 / 48) * N ** 2 - (3 / 5) * N ** 3 + (557 / 1440) * N ** 4,
  (61 / 240) * N ** 3 - (103 / 140) * N ** 4,
  (49561 / 161280) * N ** 4,
];
const CONFORMAL = (2 * Math.sqrt(N)) / (1 + N);
const RADIANS = Math.PI / 180;

// A function from [lon, lat] to metres [east, north] in a UTM zone (1 to 60).
export function metricPlane(zone, south = false) {
  const meridian = (zone * 6 - 183) * RADIANS;
  return ([lon, lat]) => {
    const sine = Math.sin(lat * RADIANS);
    const t = Math.sinh(Math.atanh(sine) - CONFORMAL * Math.atanh(CONFORMAL * sine));
    const away = lon * RADIANS - meridian;
    const xi = Math.atan2(t, Math.cos(away));
    const eta = Math.atanh(Math.sin(away) / Math.sqrt(1 + t * t));
    let east = eta;
    let north = xi;
    ALPHA.forEach((alpha, index) => {
      const twice = 2 * (index + 1);
      east += alpha * Math.cos(twice * xi) * Math.sinh(twice * eta);
      north += alpha * Math.sin(twice * xi) * Math.cosh(twice * eta);
    });
    return [FALSE_EASTING_M + SCALE * RADIUS_M * east, (south ? FALSE_NORTHING_M : 0) + SCALE * RADIUS_M * north];
  };
}

// Twice the signed area of a closed ring in a plane, positive when it runs against the clock.
export function signedArea(ring) {
  let twice = 0;
  const [x0, y0] = ring[0];
  for (let i = 1; i < ring.length; i += 1) {
    twice += (ring[i - 1][0] - x0) * (ring[i][1] - y0) - (ring[i][0] - x0) * (ring[i - 1][1] - y0);
  }
  return twice / 2;
}

export function lineLength(points) {
  let length = 0;
  for (let i = 1; i < points.length; i += 1) length += Math.hypot(points[i][0] - points[i - 1][0], points[i][1] - points[i - 1][1]);
  return length;
}

// {areaM2, perimeterM} of MultiPolygon coordinates; holes are taken off, their borders count.
export function measure(coordinates, plane) {
  let areaM2 = 0;
  let perimeterM = 0;
  for (const rings of coordinates) {
    rings.forEach((ring, index) => {
      const flat = ring.map(plane);
      areaM2 += Math.abs(signedArea(flat)) * (index ? -1 : 1);
      perimeterM += lineLength(flat);
    });
  }
  return { areaM2, perimeterM };
}

// The place on a segment that is nearest to a place, in the same plane: {at: [x, y], distance, along: 0..1}.
export function nearestOnSegment([x, y], [ax, ay], [bx, by]) {
  const dx = bx - ax;
  const dy = by - ay;
  const square = dx * dx + dy * dy;
  const along = square ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / square)) : 0;
  const at = [ax + along * dx, ay + along * dy];
  return { at, along, distance: Math.hypot(x - at[0], y - at[1]) };
}

// Whether two segments cross or touch anywhere but at an end that they share.
export function segmentsMeet(a, b, c, d) {
  const side = (p, q, r) => Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]));
  const same = (p, q) => p[0] === q[0] && p[1] === q[1];
  const within = (p, q, r) => Math.min(p[0], q[0]) <= r[0] && r[0] <= Math.max(p[0], q[0]) && Math.min(p[1], q[1]) <= r[1] && r[1] <= Math.max(p[1], q[1]);
  const shared = [a, b].filter((p) => same(p, c) || same(p, d));
  if (shared.length === 2) return true;
  if (shared.length === 1) {
    const [end] = shared;
    const other = same(end, a) ? b : a;
    const far = same(end, c) ? d : c;
    // Folded back onto each other.
    return side(end, other, far) === 0 && (other[0] - end[0]) * (far[0] - end[0]) + (other[1] - end[1]) * (far[1] - end[1]) > 0;
  }
  const sides = [side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)];
  if (sides[0] !== sides[1] && sides[2] !== sides[3] && !sides.includes(0)) return true;
  return (sides[0] === 0 && within(a, b, c)) || (sides[1] === 0 && within(a, b, d)) || (sides[2] === 0 && within(c, d, a)) || (sides[3] === 0 && within(c, d, b));
}

// [west, south, east, north] of any GeoJSON coordinates, or null where there are none.
export function boundsOf(coordinates) {
  const bounds = [Infinity, Infinity, -Infinity, -Infinity];
  const visit = (part) => {
    if (typeof part[0] === "number") {
      bounds[0] = Math.min(bounds[0], part[0]);
      bounds[1] = Math.min(bounds[1], part[1]);
      bounds[2] = Math.max(bounds[2], part[0]);
      bounds[3] = Math.max(bounds[3], part[1]);
    } else {
      part.forEach(visit);
    }
  };
  visit(coordinates);
  return Number.isFinite(bounds[0]) ? bounds : null;
}

export function joinBounds(all) {
  const known = all.filter(Boolean);
  if (!known.length) return null;
  const by = (pick, index) => pick(...known.map((bounds) => bounds[index]));
  return [by(Math.min, 0), by(Math.min, 1), by(Math.max, 2), by(Math.max, 3)];
}

export function boundsMeet(a, b) {
  return a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3];
}
