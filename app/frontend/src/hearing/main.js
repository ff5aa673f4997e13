// The map of a draft in a public hearing: what is proposed, where people commented, and what one's comment is about.
import { Map, NavigationControl, Popup, ScaleControl, setWorkerUrl } from "maplibre-gl";
import { mapIsPossible } from "../map/canvas.js";
import { FACE, hatch, hearingStyle, marks } from "./style.js";
import { Subject } from "./subject.js";

const box = document.getElementById("hearing-map");
const settings = JSON.parse(document.getElementById("hearing-settings").textContent);
const status = document.getElementById("hearing-status");

function createMap() {
  setWorkerUrl(new URL(box.dataset.worker, location.href).href);
  const map = new Map({
    container: box,
    style: hearingStyle(settings, box.dataset.font),
    bounds: settings.bounds,
    fitBoundsOptions: { padding: 24, maxZoom: 17 },
    minZoom: 8,
    maxZoom: 20,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    // One finger scrolls the page, two move the map: it lies in the middle of a page that people read.
    cooperativeGestures: matchMedia("(pointer: coarse)").matches,
    locale: {
      "Map.Title": settings.texts.mapLabel,
      "NavigationControl.ZoomIn": settings.texts.zoomIn,
      "NavigationControl.ZoomOut": settings.texts.zoomOut,
    },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ unit: "metric" }), "bottom-left");
  return map;
}

function lead(map) {
  // A comment that is about a place is opened from its mark.
  map.on("click", "comment-marks", (event) => {
    const number = event.features[0].properties.number;
    const items = [...document.querySelectorAll("#said ~ ol > li")];
    const item = items.find((found) => found.querySelector("strong").textContent.startsWith(`${number}.`));
    if (!item) return;
    const words = document.createElement("p");
    words.className = "hearing-popup";
    words.textContent = item.querySelector(".said p").textContent;
    new Popup({ closeButton: true }).setLngLat(event.lngLat).setDOMContent(words).addTo(map);
  });
}

function start() {
  if (!mapIsPossible()) {
    box.hidden = true;
    status.textContent = settings.texts.noMap;
    return;
  }
  const map = createMap();
  map.once("load", () => {
    map.addImage("hatch", hatch());
    map.addLayer({ id: "draft-hatch", type: "fill", source: "draft", "source-layer": "zones", paint: { "fill-pattern": "hatch" } }, "draft-line");
    map.getSource("comments").setData(marks(settings.places));
    const subject = document.getElementById("hearing-tools") && new Subject(map, settings, status);
    if (subject) subject.start();
    lead(map);
    document.fonts.load(`16px "${FACE}"`);
  });
  // For tests and curious people: nothing secret hangs on it.
  window.ruangMap = map;
}

start();
