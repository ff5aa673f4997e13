// Two maps over each other, moved as one; a slider says how much of each is seen.
import { Map, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import { buildStyle } from "../map/style.js";
import { changeLayers, changeSources, addPatterns } from "./changes.js";

export async function openSwipe(root, settings) {
  const status = document.getElementById("swipe-status");
  const live = document.getElementById("swipe-live");
  let changes;
  try {
    changes = await fetchChanges(settings.shapes);
  } catch {
    document.getElementById("swipe-offer").hidden = true;
    status.textContent = settings.texts.failed;
    live.hidden = false;
    live.querySelector(".swipe__maps").hidden = true;
    live.querySelector(".swipe__slider").hidden = true;
    return null;
  }
  setWorkerUrl(new URL(root.dataset.worker, location.href).href);
  document.getElementById("swipe-still").hidden = true;
  live.hidden = false;
  const before = makeMap("swipe-before", settings.before, "before", changes, root, settings);
  const after = makeMap("swipe-after", settings.after, "after", changes, root, settings);
  after.addControl(new NavigationControl({ showCompass: false }), "bottom-right");
  before.addControl(new ScaleControl({ unit: "metric" }), "bottom-left");
  moveTogether(before, after);
  slide(live.querySelector(".swipe__maps"), document.getElementById("swipe-slider"));
  // For tests and curious people: nothing secret hangs on it.
  window.ruangSwipe = { before, after };
  return { show: (bounds) => after.fitBounds(bounds, { padding: 60, maxZoom: 17, animate: calm() }) };
}

async function fetchChanges(address) {
  const response = await fetch(address, { headers: { "Accept-Language": document.documentElement.lang } });
  if (!response.ok) throw new Error(response.status);
  return response.json();
}

const calm = () => !matchMedia("(prefers-reduced-motion: reduce)").matches;

function makeMap(container, version, side, changes, root, settings) {
  const map = new Map({
    container,
    style: styleOf(version, side, changes, root, settings),
    bounds: settings.extent,
    fitBoundsOptions: { padding: 40 },
    minZoom: 9,
    maxZoom: 20,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    // One finger scrolls the page past the map, two move it.
    cooperativeGestures: matchMedia("(pointer: coarse)").matches,
    fadeDuration: 0,
    locale: {
      "Map.Title": settings.texts[side],
      "NavigationControl.ZoomIn": settings.texts.zoomIn,
      "NavigationControl.ZoomOut": settings.texts.zoomOut,
    },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.once("style.load", () => {
    addPatterns(map);
    for (const layer of changeLayers()) map.addLayer(layer);
  });
  return map;
}

function styleOf(version, side, changes, root, settings) {
  const style = buildStyle(settings, root.dataset.font, { id: version.id });
  if (version.zones) {
    // A draft has tiles of its own, and no labels.
    style.sources.zones.tiles = [location.origin + version.zones];
    delete style.sources.zone_labels;
    style.layers = style.layers.filter((layer) => layer.source !== "zone_labels");
  }
  // The plan steps back behind what changed in it.
  paint(style, "zones-fill", { "fill-opacity": 0.42 });
  paint(style, "boundaries-line", { "line-opacity": 0.35 });
  Object.assign(style.sources, changeSources(changes, side));
  // Parcels would only crowd the picture.
  style.layers = style.layers.filter((layer) => layer.source !== "parcels");
  return style;
}

function paint(style, id, values) {
  const layer = style.layers.find((item) => item.id === id);
  if (layer) Object.assign(layer.paint, values);
}

function moveTogether(first, second) {
  let moving = false;
  const follow = (leader, follower) => () => {
    if (moving) return;
    moving = true;
    follower.jumpTo({ center: leader.getCenter(), zoom: leader.getZoom() });
    moving = false;
  };
  first.on("move", follow(first, second));
  second.on("move", follow(second, first));
}

function slide(maps, slider) {
  const line = document.getElementById("swipe-line");
  const after = document.getElementById("swipe-after");
  const place = () => {
    after.style.clipPath = `inset(0 0 0 ${slider.value}%)`;
    line.style.left = `${slider.value}%`;
    slider.setAttribute("aria-valuetext", `${slider.value} %`);
  };
  slider.addEventListener("input", place);
  // The line itself can be dragged as well.
  line.addEventListener("pointerdown", (event) => {
    line.setPointerCapture(event.pointerId);
    const drag = (moved) => {
      const box = maps.getBoundingClientRect();
      slider.value = String(Math.round(Math.min(100, Math.max(0, (100 * (moved.clientX - box.left)) / box.width))));
      place();
    };
    line.addEventListener("pointermove", drag);
    line.addEventListener("lostpointercapture", () => line.removeEventListener("pointermove", drag), { once: true });
  });
  place();
}
