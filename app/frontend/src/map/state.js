// Every state of the map has an address: lat, lon, z, layers, hidden sub-zones, on, plan, the point asked about.

export const LAYERS = ["zones", "zone_labels", "parcels", "roads", "boundaries", "landmarks"];

export function readState(settings) {
  const query = new URLSearchParams(location.search);
  const finite = (name) => {
    const value = Number.parseFloat(query.get(name));
    return Number.isFinite(value) ? value : null;
  };
  const lat = finite("lat");
  const lon = finite("lon");
  const at = (query.get("at") ?? "").split(",").map(Number.parseFloat);
  return {
    centre: lat !== null && lon !== null && Math.abs(lat) <= 90 ? [lon, lat] : settings.centre,
    zoom: finite("z") ?? settings.zoom,
    layers: query.has("layers") ? query.get("layers").split(",").filter((name) => LAYERS.includes(name)) : [...LAYERS],
    hidden: query.get("hide") ? query.get("hide").split(",") : [],
    on: query.get("on") ?? "",
    plan: query.get("plan") ?? "",
    activity: query.get("activity") ?? "",
    at: at.length === 2 && at.every(Number.isFinite) && Math.abs(at[0]) <= 90 ? { lng: at[1], lat: at[0] } : null,
  };
}

export function writeState(map, panel, versions, answer) {
  const { lng, lat } = map.getCenter();
  const query = new URLSearchParams();
  query.set("lat", lat.toFixed(5));
  query.set("lon", lng.toFixed(5));
  query.set("z", map.getZoom().toFixed(2));
  const shown = panel.shownLayers();
  if (shown.length < LAYERS.length) query.set("layers", shown.join(","));
  const hidden = panel.hiddenSubzones();
  if (hidden.length) query.set("hide", hidden.join(","));
  if (versions.on) query.set("on", versions.on);
  if (versions.planChosen) query.set("plan", versions.plan.code);
  if (answer.point) query.set("at", `${answer.point.lat.toFixed(7)},${answer.point.lng.toFixed(7)}`);
  if (answer.activity) query.set("activity", answer.activity);
  const readable = query.toString().replaceAll("%2C", ",");
  history.replaceState(null, "", `${location.pathname}?${readable}`);
}
