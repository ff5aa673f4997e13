// The editor's map style: the draft's tiles, changed zones on top, and what the tools draw.
import { absolute, FACE, label, placeLayers, SEA, source } from "../map/style.js";

const PLACES = ["parcels", "roads", "boundaries", "area_labels", "landmarks"];
const DRAWN = ["changed", "drag", "preview", "drawing", "handles", "findings", "conflict", "ghost", "snap", "place"];
const NOTHING = { type: "FeatureCollection", features: [] };
const state = (name, yes, no) => ["case", ["boolean", ["feature-state", name], false], yes, no];
const SELECTED = "#0b3bd1";
const MOVED = "#b3261e";

export const COLOURS = { base: "#5c6670", mine: "#0b3bd1", theirs: "#a3341c" };

export function draftTiles(settings, head) {
  return [`${location.origin}${settings.api}/tiles/${head}/{z}/{x}/{y}.mvt`];
}

export function editorStyle(settings, fontAddress, head) {
  const places = PLACES.map((layer) => [layer, source([absolute(settings, layer, settings.placesVersion)], settings)]);
  return {
    version: 8,
    "font-faces": { [FACE]: new URL(fontAddress, location.href).href },
    sources: {
      draft: source(draftTiles(settings, head), settings),
      ...Object.fromEntries(places),
      ...Object.fromEntries(DRAWN.map((name) => [name, { type: "geojson", data: NOTHING, tolerance: 0.1, maxzoom: 20 }])),
    },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": SEA } },
      ...zoneLayers("draft", { "source-layer": "zones" }),
      ...zoneLayers("changed", {}),
      ...dragLayers(),
      { id: "preview-fill", type: "fill", source: "preview", paint: { "fill-color": ["get", "colour"], "fill-opacity": 0.85 } },
      ...placeLayers().filter(({ id }) => !["zone-labels", "landmark-dots", "landmark-labels"].includes(id)),
      ...codeLabels(),
      ...selectionLayers("draft", { "source-layer": "zones" }),
      ...selectionLayers("changed", {}),
      ...findingLayers(),
      ...previewLayers(),
      ...conflictLayers(),
      ...drawingLayers(),
      ...handleLayers(),
      ...snapLayers(),
    ],
  };
}

// "hidden": drawn elsewhere at present.
function zoneLayers(name, rest) {
  return [
    {
      id: `${name}-fill`,
      type: "fill",
      source: name,
      ...rest,
      paint: { "fill-color": ["coalesce", ["get", "colour"], "#ffffff"], "fill-opacity": state("hidden", 0, 0.72), "fill-antialias": false },
    },
    {
      id: `${name}-line`,
      type: "line",
      source: name,
      ...rest,
      paint: {
        "line-color": "#12262b",
        "line-opacity": state("hidden", 0, 0.6),
        "line-width": ["interpolate", ["linear"], ["zoom"], 11, 0.2, 14, 0.7, 17, 1.4],
      },
    },
  ];
}

function codeLabels() {
  const words = (id, name, rest) => {
    const made = label(id, name, { "text-field": ["get", "code"], "text-size": 13 }, 14.5);
    delete made["source-layer"];
    return { ...made, ...rest, paint: { ...made.paint, "text-opacity": state("hidden", 0, 1) } };
  };
  return [words("draft-labels", "draft", { "source-layer": "zones" }), words("changed-labels", "changed", {})];
}

function selectionLayers(name, rest) {
  const line = (id, colour, width) => ({
    id,
    type: "line",
    source: name,
    ...rest,
    layout: { "line-join": "round" },
    paint: { "line-color": colour, "line-width": width, "line-opacity": ["case", ["boolean", ["feature-state", "hidden"], false], 0, state("selected", 1, 0)] },
  });
  return [line(`${name}-selected-halo`, "#ffffff", 6), line(`${name}-selected`, SELECTED, 3)];
}

function dragLayers() {
  return [
    { id: "drag-fill", type: "fill", source: "drag", paint: { "fill-color": ["get", "colour"], "fill-opacity": 0.72 } },
    { id: "drag-line", type: "line", source: "drag", paint: { "line-color": ["case", ["get", "wrong"], MOVED, ["get", "chosen"], SELECTED, "#12262b"], "line-width": ["case", ["any", ["get", "wrong"], ["get", "chosen"]], 2.8, 1.2] } },
  ];
}

function findingLayers() {
  const colour = ["match", ["get", "severity"], "error", "#b3261e", "#8a5300"];
  return [
    { id: "findings-fill", type: "fill", source: "findings", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": colour, "fill-opacity": 0.4 } },
    { id: "findings-line", type: "line", source: "findings", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": colour, "line-width": 2.5, "line-dasharray": [2, 1] } },
    { id: "findings-point", type: "circle", source: "findings", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 7, "circle-color": colour, "circle-stroke-color": "#ffffff", "circle-stroke-width": 2 } },
  ];
}

function previewLayers() {
  return [
    { id: "preview-line", type: "line", source: "preview", paint: { "line-color": "#6a1b9a", "line-width": 3, "line-dasharray": [2, 1.2] } },
    words("preview-labels", "preview", ["get", "label"], "#4a126b"),
  ];
}

// Three outlines told apart by colour, dash and a word at each place where they differ; each can be switched off.
function conflictLayers() {
  const dash = { base: [1, 1.6], mine: [2.4, 1.8], theirs: [1, 0] };
  const sides = Object.keys(COLOURS).flatMap((side) => {
    const of = (type) => ["all", ["==", ["get", "side"], side], ["==", ["geometry-type"], type]];
    return [
      { id: `conflict-${side}-line`, type: "line", source: "conflict", filter: of("Polygon"), paint: { "line-color": COLOURS[side], "line-width": 3.5, "line-dasharray": dash[side] } },
      { id: `conflict-${side}-place`, type: "circle", source: "conflict", filter: of("Point"), paint: { "circle-radius": 6, "circle-color": COLOURS[side], "circle-stroke-color": "#ffffff", "circle-stroke-width": 2 } },
      { ...words(`conflict-${side}-word`, "conflict", ["get", "word"], COLOURS[side]), filter: of("Point") },
    ];
  });
  for (const layer of sides.filter(({ type }) => type === "symbol")) Object.assign(layer.layout, { "text-anchor": "left", "text-offset": [0.8, 0] });
  return [...sides, { id: "ghost-line", type: "line", source: "ghost", paint: { "line-color": COLOURS.mine, "line-width": 2, "line-dasharray": [3, 2] } }];
}

function drawingLayers() {
  return [
    { id: "drawing-fill", type: "fill", source: "drawing", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": "#6a1b9a", "fill-opacity": 0.18 } },
    { id: "drawing-line", type: "line", source: "drawing", filter: ["==", ["geometry-type"], "LineString"], paint: { "line-color": "#6a1b9a", "line-width": 3 } },
    { id: "drawing-point", type: "circle", source: "drawing", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 5, "circle-color": "#ffffff", "circle-stroke-color": "#6a1b9a", "circle-stroke-width": 2.5 } },
  ];
}

function handleLayers() {
  return [
    {
      id: "handles-middle",
      type: "circle",
      source: "handles",
      filter: ["==", ["get", "kind"], "middle"],
      minzoom: 14.5,
      paint: { "circle-radius": 4, "circle-color": "#ffffff", "circle-opacity": 0.85, "circle-stroke-color": SELECTED, "circle-stroke-width": 1.2 },
    },
    {
      id: "handles-node",
      type: "circle",
      source: "handles",
      filter: ["==", ["get", "kind"], "node"],
      paint: {
        "circle-radius": ["case", ["get", "active"], 8, 5],
        "circle-color": ["case", ["get", "active"], "#ffd24d", SELECTED],
        "circle-stroke-color": ["case", ["get", "active"], "#12262b", "#ffffff"],
        "circle-stroke-width": 2,
      },
    },
  ];
}

function snapLayers() {
  return [
    { id: "place-ring", type: "circle", source: "place", paint: { "circle-radius": 14, "circle-opacity": 0, "circle-stroke-color": MOVED, "circle-stroke-width": 4 } },
    { id: "snap-ring", type: "circle", source: "snap", paint: { "circle-radius": 9, "circle-opacity": 0, "circle-stroke-color": "#c2185b", "circle-stroke-width": 3 } },
    { ...words("snap-word", "snap", ["get", "word"], "#8c0f42"), layout: { "text-font": [FACE], "text-field": ["get", "word"], "text-size": 13, "text-offset": [0, 1.3], "text-anchor": "top", "text-allow-overlap": true, "text-ignore-placement": true } },
  ];
}

function words(id, name, field, colour) {
  return {
    id,
    type: "symbol",
    source: name,
    layout: { "text-font": [FACE], "text-field": field, "text-size": 13, "text-allow-overlap": true },
    paint: { "text-color": colour, "text-halo-color": "#ffffff", "text-halo-width": 1.8 },
  };
}
