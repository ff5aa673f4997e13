// Typed and pasted coordinates: one place a line, degrees, longitude first unless said otherwise; also from spreadsheets,
// WKT and notations with hemispheres (N, S, E, W; LU, LS, BT, BB), which say themselves which number is which.

const HEMISPHERE = "(?:LU|LS|BT|BB|[NSEW])";
const ANGLE = `(${HEMISPHERE})?\\s*([-+]?\\d+(?:\\.\\d+)?)\\s*°?\\s*(?:(\\d+(?:\\.\\d+)?)\\s*['′]\\s*)?(?:(\\d+(?:\\.\\d+)?)\\s*["″]\\s*)?(${HEMISPHERE})?`;
const LINE = new RegExp(`^${ANGLE}\\s*[,;\\s]\\s*${ANGLE}$`, "i");
const LATITUDES = new Set(["N", "S", "LU", "LS"]);
const NEGATIVE = new Set(["S", "W", "LS", "BB"]);

// Returns {places: [[lon, lat]], wrong: {line, text} | null}.
export function readPlaces(text, { latitudeFirst = false } = {}) {
  const places = [];
  const lines = plainLines(text);
  for (const [index, line] of lines.entries()) {
    const place = readPlace(line, latitudeFirst);
    if (!place) return { places, wrong: { line: index + 1, text: line } };
    places.push(place);
  }
  return { places, wrong: null };
}

function plainLines(text) {
  const wkt = /^\s*(?:LINESTRING|POLYGON)\s*Z?\s*\(+([^()]*)\)+\s*$/i.exec(text);
  const rows = wkt ? wkt[1].split(",") : text.split(/\r?\n/);
  return rows.map((row) => row.trim().replace(/[()[\]]/g, "").replace(/[,;]$/, "").trim()).filter(Boolean);
}

function readPlace(line, latitudeFirst) {
  // A comma as decimal sign ("117,488; 0,136") where the two numbers are parted by something else.
  const comma = /[;\t]/.test(line) && !line.includes(".") ? line.replace(/(\d),(\d)/g, "$1.$2") : line;
  const found = LINE.exec(comma.replace(/\t/g, " "));
  if (!found) return null;
  const first = angle(found.slice(1, 6));
  const second = angle(found.slice(6, 11));
  if (!first || !second || (first.latitude !== null && first.latitude === second.latitude)) return null;
  const firstIsLatitude = first.latitude ?? (second.latitude === null ? latitudeFirst : !second.latitude);
  const [lat, lon] = firstIsLatitude ? [first.value, second.value] : [second.value, first.value];
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? [lon, lat] : null;
}

function angle([before, degrees, minutes, seconds, after]) {
  const letter = (before ?? after)?.toUpperCase();
  if (before && after) return null;
  if (Number(minutes ?? 0) >= 60 || Number(seconds ?? 0) >= 60) return null;
  const size = Math.abs(Number(degrees)) + Number(minutes ?? 0) / 60 + Number(seconds ?? 0) / 3600;
  const negative = degrees.startsWith("-") || NEGATIVE.has(letter);
  return { value: negative ? -size : size, latitude: letter ? LATITUDES.has(letter) : null };
}

export function writePlaces(places) {
  return places.map(([lon, lat]) => `${trim(lon)}, ${trim(lat)}`).join("\n");
}

const trim = (value) => String(Number(value.toFixed(9)));
