// What an operation of the planner does to the zones on screen before the server has answered.
// Only what the server does in the same way is foretold; everything else shows when it is saved.
import { deleteNode, insertNode, moveNodes } from "./topology.js";

const FORETOLD = {
  move_nodes: (zones, op) => moveNodes(zones, op.moves),
  insert_node: (zones, op) => insertNode(zones, op.edge, op.at),
  delete_node: (zones, op) => deleteNode(zones, op.node),
};

// Operations that may wait for a connection, as their result is known beforehand.
export const canWait = (op) => op.kind in FORETOLD || op.kind === "attributes";

// zones: Map of id to feature. Returns the features that the operation changes, as new objects.
export function foretell(zones, op) {
  if (op.kind === "attributes") return op.zones.map((id) => zones.get(id)).filter(Boolean).map((zone) => withValues(zone, op.values));
  const change = FORETOLD[op.kind];
  if (!change) return [];
  return [...change([...zones.values()], op)].map(([id, coordinates]) => ({
    ...zones.get(id),
    geometry: { type: "MultiPolygon", coordinates },
  }));
}

function withValues(zone, { overlays, ...values }) {
  const properties = { ...zone.properties, ...values };
  if (overlays) properties.overlays = { ...zone.properties.overlays, ...overlays };
  return { ...zone, properties };
}

// Below this a zone only got a node into its border, and its area differs by rounding.
const ROUNDING_M2 = 0.5;

// Each zone of a preview with what it gains (positive) or loses, in m2, largest first; and how many others keep their land
// and only get nodes.
export function gains(changes) {
  const all = changes
    .map(({ zone_id: zone, before_m2: before, after_m2: after }) => ({ zone, before, after, change: (after ?? 0) - (before ?? 0) }))
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
  const shown = all.filter(({ before, after, change }) => before === null || after === null || Math.abs(change) >= ROUNDING_M2);
  return { shown, others: all.length - shown.length };
}
