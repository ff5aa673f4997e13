// Changed zones as layers of a map: each kind has a colour, a pattern and a label, so that colour never stands alone.
const INK = { added: "#0d4a30", removed: "#7d1510", recoded: "#5c3700", reshaped: "#0a4f86" };
const PAPER = { added: "#bfe8d0", removed: "#f8cfc9", recoded: "#ffe2a6", reshaped: "#cfe0f7" };
const MARKS = { added: "+", removed: "×", recoded: "⇄", reshaped: "↔" };
const KINDS = Object.keys(INK);
const FACE = "Plus Jakarta Sans";
const SIZE = 16;

// Which state of a zone each side shows.
const SIDES = { before: "old", after: "new" };

export function changeSources(changes, side) {
  const own = SIDES[side];
  const features = [];
  for (const kind of KINDS) {
    for (const change of changes[kind]) {
      const state = change[own];
      if (state?.geometry) features.push(feature(kind, change, state));
    }
  }
  const outlines = changes.reshaped.filter((change) => change.old?.geometry).map((change) => feature("reshaped", change, change.old));
  return { changes: collection(features), earlier: collection(side === "after" ? outlines : []) };
}

function feature(kind, change, state) {
  const codes = [change.old?.subzone_code, change.new?.subzone_code].filter(Boolean);
  const label = `${MARKS[kind]} ${[...new Set(codes)].join(" → ")}`;
  return { type: "Feature", id: change.zone_id, geometry: state.geometry, properties: { kind, label } };
}

function collection(features) {
  return { type: "geojson", data: { type: "FeatureCollection", features } };
}

export function changeLayers() {
  const byKind = (values) => ["match", ["get", "kind"], ...KINDS.flatMap((kind) => [kind, values[kind]]), "#000000"];
  return [
    {
      id: "changes-fill",
      type: "fill",
      source: "changes",
      paint: { "fill-pattern": ["concat", "change-", ["get", "kind"]], "fill-opacity": 0.82 },
    },
    { id: "changes-line", type: "line", source: "changes", paint: { "line-color": byKind(INK), "line-width": 2.5 } },
    {
      id: "changes-earlier",
      type: "line",
      source: "earlier",
      paint: { "line-color": "#a3241c", "line-width": 2.5, "line-dasharray": [3, 2] },
    },
    {
      id: "changes-label",
      type: "symbol",
      source: "changes",
      layout: { "text-font": [FACE], "text-field": ["get", "label"], "text-size": 13, "text-padding": 6 },
      paint: { "text-color": byKind(INK), "text-halo-color": "rgba(255,255,255,0.95)", "text-halo-width": 1.8 },
    },
  ];
}

export function addPatterns(map) {
  for (const kind of KINDS) {
    if (!map.hasImage(`change-${kind}`)) map.addImage(`change-${kind}`, pattern(kind));
  }
}

function pattern(kind) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  const draw = canvas.getContext("2d", { willReadFrequently: true });
  draw.fillStyle = PAPER[kind];
  draw.fillRect(0, 0, SIZE, SIZE);
  draw.strokeStyle = draw.fillStyle = INK[kind];
  draw.lineWidth = 1.8;
  draw.beginPath();
  if (kind === "added") strokes(draw, [[8, 3, 8, 13], [3, 8, 13, 8]]);
  else if (kind === "removed") strokes(draw, [[3, 3, 13, 13], [13, 3, 3, 13]]);
  else if (kind === "reshaped") strokes(draw, [[-4, 12, 12, -4], [4, 20, 20, 4]]);
  else draw.arc(8, 8, 2.4, 0, 2 * Math.PI);
  if (kind === "recoded") draw.fill();
  else draw.stroke();
  return draw.getImageData(0, 0, SIZE, SIZE);
}

function strokes(draw, lines) {
  for (const [x, y, toX, toY] of lines) {
    draw.moveTo(x, y);
    draw.lineTo(toX, toY);
  }
}
