// The map's style: the platform's own vector tiles only, and labels drawn with the pages' own font file.

export const SEA = "#cfe6ec";
const INK = "#12262b";
export const FACE = "Plus Jakarta Sans";
const HALO = { "text-halo-color": "rgba(255,255,255,0.92)", "text-halo-width": 1.6 };
// A filter that no zone passes; the tiles carry the zone's number as the feature's id.
export const NO_ZONE = ["in", ["id"], ["literal", []]];
export const ZONE_OPACITY = 0.72;

const BY_CLASS = (arterial, collector, local, other) => [
  "match",
  ["get", "road_class"],
  "arteri",
  arterial,
  "kolektor",
  collector,
  "lokal",
  local,
  other,
];

const BY_LEVEL = (city, kecamatan, kelurahan, other) => [
  "match",
  ["get", "level"],
  "city",
  city,
  "kecamatan",
  kecamatan,
  "kelurahan",
  kelurahan,
  other,
];
const ON_LAND = ["!=", ["get", "level"], "sea"];

function roadWidth(extra) {
  return [
    "interpolate",
    ["exponential", 1.6],
    ["zoom"],
    11,
    BY_CLASS(1.6 + extra, 1 + extra, 0.4 + extra / 2, 0),
    15,
    BY_CLASS(6 + extra, 4.5 + extra, 3 + extra, 1.6 + extra),
    18,
    BY_CLASS(22 + extra, 17 + extra, 12 + extra, 7 + extra),
  ];
}

export function zoneTiles(settings, versionId) {
  return [absolute(settings, "zones", versionId)];
}

export function labelTiles(settings, versionId) {
  return [absolute(settings, "zone_labels", versionId)];
}

export function absolute(settings, layer, version) {
  return location.origin + settings.tiles.replace("{layer}", layer).replace("{version}", version);
}

export function source(tiles, settings, maxzoom = 17) {
  return { type: "vector", tiles, bounds: grow(settings.bounds), minzoom: 8, maxzoom };
}

function grow([west, south, east, north]) {
  return [west - 0.1, south - 0.1, east + 0.1, north + 0.1];
}

// Ids of the style's layers by the name under which people switch them.
export const STYLE_LAYERS = {
  zones: ["zones-fill", "zones-line"],
  zone_labels: ["zone-labels"],
  parcels: ["parcels-line"],
  roads: ["roads-casing", "roads-line", "road-labels"],
  boundaries: ["boundaries-line", "boundary-labels"],
  landmarks: ["landmark-dots", "landmark-labels"],
};

export function buildStyle(settings, fontAddress, version) {
  const places = (layer) => source([absolute(settings, layer, settings.placesVersion)], settings);
  return {
    version: 8,
    "font-faces": { [FACE]: new URL(fontAddress, location.href).href },
    sources: {
      zones: source(zoneTiles(settings, version?.id ?? 0), settings),
      zone_labels: source(labelTiles(settings, version?.id ?? 0), settings),
      ...Object.fromEntries(["parcels", "roads", "boundaries", "area_labels", "landmarks"].map((layer) => [layer, places(layer)])),
      position: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
      asked: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
    },
    layers: [{ id: "sea", type: "background", paint: { "background-color": SEA } }, ...zoneLayers(), ...placeLayers(), ...markLayers()],
  };
}

function zoneLayers() {
  return [
    {
      id: "neighbours",
      type: "fill",
      source: "boundaries",
      "source-layer": "boundaries",
      filter: ["==", ["get", "level"], "neighbour"],
      paint: { "fill-color": "#e9e6df" },
    },
    {
      id: "land",
      type: "fill",
      source: "boundaries",
      "source-layer": "boundaries",
      filter: ["==", ["get", "level"], "kelurahan"],
      paint: { "fill-color": "#fbf9f4" },
    },
    {
      id: "zones-fill",
      type: "fill",
      source: "zones",
      "source-layer": "zones",
      paint: { "fill-color": ["coalesce", ["get", "colour"], "#ffffff"], "fill-opacity": ZONE_OPACITY },
    },
    {
      id: "zones-line",
      type: "line",
      source: "zones",
      "source-layer": "zones",
      paint: {
        "line-color": "rgba(18,38,43,0.55)",
        "line-width": ["interpolate", ["linear"], ["zoom"], 11, 0.2, 14, 0.6, 17, 1.2],
      },
    },
  ];
}

export function placeLayers() {
  const line = (id, layer, paint, rest = {}) => ({ id, type: "line", source: layer, "source-layer": layer, paint, ...rest });
  const round = { layout: { "line-cap": "round", "line-join": "round" } };
  return [
    line("parcels-line", "parcels", { "line-color": "rgba(60,40,10,0.55)", "line-width": 0.7 }, { minzoom: 15.5 }),
    line("roads-casing", "roads", { "line-color": "rgba(90,80,60,0.7)", "line-width": roadWidth(1.4) }, round),
    line("roads-line", "roads", { "line-color": BY_CLASS("#ffd98a", "#fff0c2", "#ffffff", "#ffffff"), "line-width": roadWidth(0) }, round),
    line("boundaries-line", "boundaries", { "line-color": "#6b2f6b", "line-width": BY_LEVEL(2.2, 1.8, 1.2, 0.6), "line-dasharray": [4, 2, 1, 2] }, { filter: ON_LAND }),
    label("road-labels", "roads", { "symbol-placement": "line", "text-field": ["coalesce", ["get", "name"], ""], "text-size": 12 }, 15),
    label("boundary-labels", "area_labels", { "text-field": ["coalesce", ["get", "name"], ""], "text-size": 14, "text-transform": "uppercase", "text-letter-spacing": 0.06, "text-padding": 24 }, 11, 14, "#5a2560"),
    {
      id: "landmark-dots",
      type: "circle",
      source: "landmarks",
      "source-layer": "landmarks",
      minzoom: 14,
      paint: { "circle-radius": 4, "circle-color": "#0b5563", "circle-stroke-color": "#ffffff", "circle-stroke-width": 1.5 },
    },
    label("landmark-labels", "landmarks", { "text-field": ["coalesce", ["get", "name"], ""], "text-size": 12.5, "text-offset": [0, 0.8], "text-anchor": "top", "text-max-width": 8 }, 15, 24, "#06363f"),
    label("zone-labels", "zone_labels", { "text-field": ["get", "code"], "text-size": 13 }, 14),
  ];
}

export function label(id, layer, layout, minzoom, maxzoom = 24, colour = INK, filter = true) {
  return {
    filter,
    id,
    type: "symbol",
    source: layer,
    "source-layer": layer,
    minzoom,
    maxzoom,
    layout: { "text-font": [FACE], ...layout },
    paint: { "text-color": colour, ...HALO },
  };
}

function markLayers() {
  return [
    {
      id: "zone-asked",
      type: "line",
      source: "zones",
      "source-layer": "zones",
      filter: NO_ZONE,
      paint: { "line-color": "#06363f", "line-width": 4 },
    },
    { id: "position-area", type: "fill", source: "position", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": "#1d6fd1", "fill-opacity": 0.18, "fill-outline-color": "#1d6fd1" } },
    { id: "position-point", type: "circle", source: "position", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 8, "circle-color": "#1d6fd1", "circle-stroke-color": "#ffffff", "circle-stroke-width": 3 } },
    { id: "asked-point", type: "circle", source: "asked", paint: { "circle-radius": 8, "circle-color": "#a3241c", "circle-stroke-color": "#ffffff", "circle-stroke-width": 3 } },
  ];
}

