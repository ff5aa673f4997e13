// The MapLibre map itself.
import { AttributionControl, Map, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import { buildStyle } from "./style.js";

export function mapIsPossible() {
  try {
    return Boolean(document.createElement("canvas").getContext("webgl2"));
  } catch {
    return false;
  }
}

export function createMap(app, settings, state, versions) {
  setWorkerUrl(new URL(app.dataset.worker, location.href).href);
  const [west, south, east, north] = settings.bounds;
  const map = new Map({
    container: "map",
    style: buildStyle(settings, app.dataset.font, versions.version),
    center: state.centre,
    zoom: state.zoom,
    minZoom: 9,
    maxZoom: 20,
    maxBounds: [west - 0.25, south - 0.25, east + 0.25, north + 0.25],
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 200,
    locale: {
      "Map.Title": settings.texts.mapLabel,
      "NavigationControl.ZoomIn": settings.texts.zoomIn,
      "NavigationControl.ZoomOut": settings.texts.zoomOut,
    },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "bottom-right");
  map.addControl(new ScaleControl({ unit: "metric" }), "bottom-left");
  if (versions.version) {
    map.addControl(new AttributionControl({ compact: true, customAttribution: attribution(versions) }), "bottom-left");
  }
  return map;
}

function attribution(versions) {
  const text = document.createElement("span");
  text.textContent = `${versions.plan.name}, ${versions.version.legal}`;
  return text.innerHTML;
}
