// The operations on land as a table: what each needs, which fields it has, and what is sent.
import { lineLength } from "../geometry.js";
import { sharedBorders } from "../topology.js";

// needs: how many zones must be chosen (a text that asks for them is shown otherwise). shape: what is drawn on the map.
export const OPERATIONS = {
  split: {
    shape: "line",
    fewest: 1,
    most: 1,
    isComplete: ({ places }) => places.length > 1,
    build: ({ zones, places }) => ({ kind: "split", zone: zones[0].id, line: places }),
  },
  merge: {
    shape: null,
    fewest: 2,
    most: Infinity,
    isComplete: () => true,
    build: ({ zones, values }) => ({ kind: "merge", zones: zones.map(({ id }) => id), keep: values.keep ?? largest(zones).id }),
  },
  carve: {
    shape: "area",
    fewest: 0,
    most: Infinity,
    isComplete: ({ places, values }) => places.length > 2 && Boolean(values.subzone),
    build: ({ ring, values }) => ({ kind: "carve", polygon: [ring], outside: values.cut ? "cut" : "refuse", values: { subzone_code: values.subzone } }),
  },
  give: {
    shape: "area",
    fewest: 1,
    most: Infinity,
    isComplete: ({ places, values }) => places.length > 2 && values.second !== undefined && values.first !== values.second,
    build: ({ ring, values }) => ({ kind: "give", polygon: [ring], source: values.first, target: values.second }),
  },
  border: {
    shape: "nodes",
    fewest: 1,
    most: Infinity,
    isComplete: ({ values, line }) => Boolean(line && values.distance),
    // The first zone lies to the left of the line, and positive is to the left: the first zone gives.
    build: ({ values, line }) => ({ kind: "offset_border", line, distance_m: values.giver === "second" ? -values.distance : values.distance }),
  },
};

export function largest(zones) {
  return zones.reduce((best, zone) => ((zone.properties.area_m2 ?? 0) > (best.properties.area_m2 ?? 0) ? zone : best));
}

// Borders of two zones with their length in metres in a plane, longest first.
export function bordersBetween(first, second, plane) {
  return sharedBorders(first, second).map((line) => ({ line, metres: lineLength(line.map(plane)) })).sort((a, b) => b.metres - a.metres);
}
