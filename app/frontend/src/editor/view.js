// Where the planner was looking and what was chosen, for the next visit from the same browser.

const keyOf = (settings, info) => `ruang-editor/${info.plan.code}/${settings.account}`;

export function lastView(settings, info) {
  try {
    const view = JSON.parse(localStorage.getItem(keyOf(settings, info)));
    return view?.version === info.version_id ? view : null;
  } catch {
    return null;
  }
}

export function keepView(settings, info, canvas, selection) {
  const keep = () => {
    const { lng, lat } = canvas.map.getCenter();
    const camera = { center: [lng, lat], zoom: canvas.map.getZoom() };
    try {
      localStorage.setItem(keyOf(settings, info), JSON.stringify({ version: info.version_id, camera, selection: selection.ids.slice(0, 60) }));
    } catch {
      // A browser that keeps nothing: the next visit begins with the whole plan.
    }
  };
  canvas.map.on("moveend", keep);
  selection.addEventListener("change", keep);
}
