// The style of the hearing's map: the draft alone, hatched, so that nobody takes it for the plan in force.
export const FACE = "Plus Jakarta Sans";
const EMPTY = { type: "FeatureCollection", features: [] };
const HALO = { "text-halo-color": "rgba(255,255,255,0.92)", "text-halo-width": 1.6 };

export function hearingStyle(settings, fontAddress) {
  return {
    version: 8,
    "font-faces": { [FACE]: new URL(fontAddress, location.href).href },
    sources: {
      draft: { type: "vector", tiles: [location.origin + settings.tiles], minzoom: 8, maxzoom: 17 },
      comments: { type: "geojson", data: EMPTY },
      subject: { type: "geojson", data: EMPTY },
    },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": "#eef2f3" } },
      { id: "draft-fill", type: "fill", source: "draft", "source-layer": "zones", paint: { "fill-color": ["coalesce", ["get", "colour"], "#ffffff"], "fill-opacity": 0.6 } },
      { id: "draft-line", type: "line", source: "draft", "source-layer": "zones", paint: { "line-color": "#5a2560", "line-width": 1, "line-dasharray": [3, 2] } },
      { id: "draft-chosen", type: "line", source: "draft", "source-layer": "zones", filter: ["in", ["id"], ["literal", []]], paint: { "line-color": "#06363f", "line-width": 4 } },
      { id: "draft-labels", type: "symbol", source: "draft", "source-layer": "zones", minzoom: 14, layout: { "text-font": [FACE], "text-field": ["get", "code"], "text-size": 13 }, paint: { "text-color": "#12262b", ...HALO } },
      { id: "comment-areas", type: "line", source: "comments", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": "#a3241c", "line-width": 2.5 } },
      { id: "comment-marks", type: "circle", source: "comments", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 11, "circle-color": "#a3241c", "circle-stroke-color": "#ffffff", "circle-stroke-width": 2 } },
      { id: "comment-numbers", type: "symbol", source: "comments", layout: { "text-font": [FACE], "text-field": ["to-string", ["get", "number"]], "text-size": 12, "text-allow-overlap": true }, paint: { "text-color": ["case", ["==", ["geometry-type"], "Point"], "#ffffff", "#a3241c"] } },
      { id: "subject-area", type: "fill", source: "subject", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": "#1d6fd1", "fill-opacity": 0.25 } },
      { id: "subject-line", type: "line", source: "subject", paint: { "line-color": "#1d6fd1", "line-width": 3 } },
      { id: "subject-points", type: "circle", source: "subject", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 8, "circle-color": "#1d6fd1", "circle-stroke-color": "#ffffff", "circle-stroke-width": 3 } },
    ],
  };
}

export function marks(places) {
  return {
    type: "FeatureCollection",
    features: places.map(({ number, place }) => ({ type: "Feature", properties: { number }, geometry: place })),
  };
}

// Thin diagonal lines, eight pixels apart.
export function hatch() {
  const size = 8;
  const data = new Uint8Array(size * size * 4);
  for (let step = 0; step < size; step += 1) {
    const at = (step * size + (size - 1 - step)) * 4;
    data.set([90, 37, 96, 150], at);
  }
  return { width: size, height: size, data };
}
