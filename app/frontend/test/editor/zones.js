// Small coverages for the tests, drawn in plain numbers.
export const zone = (id, coordinates, properties = {}) => ({ type: "Feature", id, geometry: { type: "MultiPolygon", coordinates }, properties: { zone_id: id, ...properties } });

// Three zones: west and east share the border x = 1, north lies on both and shares y = 1.
export const threeZones = () => [
  zone(1, [[[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]]),
  zone(2, [[[[1, 0], [2, 0], [2, 1], [1, 1], [1, 0]]]]),
  zone(3, [[[[0, 1], [1, 1], [2, 1], [2, 2], [0, 2], [0, 1]]]]),
];

// A ring of land around an island, and a second part of the island's zone elsewhere.
export const islandZones = () => [
  zone(1, [[[[0, 0], [6, 0], [6, 6], [0, 6], [0, 0]], [[2, 2], [2, 4], [4, 4], [4, 2], [2, 2]]]]),
  zone(2, [[[[2, 2], [4, 2], [4, 4], [2, 4], [2, 2]]], [[[7, 0], [8, 0], [8, 1], [7, 0]]]]),
];
