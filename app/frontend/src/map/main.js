// The map page: wires map, sheet, panel and tools together. Each part lives in a module of its own.
import { createMap, mapIsPossible } from "./canvas.js";
import { Answer } from "./answer.js";
import { Keyboard } from "./keyboard.js";
import { LayersPanel } from "./layers_panel.js";
import { Position } from "./position.js";
import { enhanceTools } from "./tools.js";
import { Versions } from "./versions.js";
import { readState, writeState } from "./state.js";

const app = document.getElementById("map-app");
const settings = JSON.parse(document.getElementById("map-settings").textContent);

function start() {
  document.getElementById("map-waiting").hidden = true;
  if (!mapIsPossible()) {
    document.getElementById("no-map").hidden = false;
    app.classList.add("map-app--none");
    return;
  }
  app.classList.add("map-app--running");
  const state = readState(settings);
  const versions = new Versions(settings, state);
  const map = createMap(app, settings, state, versions);
  const status = document.getElementById("map-status");
  const spoken = document.getElementById("map-spoken");
  // What is on screen anyway is said to screen readers only.
  const say = (text, { onlySpoken = false } = {}) => {
    status.textContent = onlySpoken ? "" : text;
    spoken.textContent = onlySpoken ? text : "";
  };
  const answer = new Answer(app, map, settings, versions, say);
  const panel = new LayersPanel(map, settings, state, versions);
  const position = new Position(map, settings, answer, say);
  const remember = () => writeState(map, panel, versions, answer);

  new Keyboard(map, settings, answer, say);
  enhanceTools(map, settings, panel, versions, say);
  document.getElementById("tool-locate").addEventListener("click", () => position.find());
  document.querySelector(".map-search form").onChooseHit = (hit) => answer.goTo(hit);
  document.querySelector(".map-search form").addEventListener("submit", (event) => {
    // Without a chosen suggestion the first hit is shown here; several are listed by the answer page.
    if (event.defaultPrevented) return;
    event.preventDefault();
    answer.search(event.target);
  });

  map.on("click", (event) => answer.ask(event.lngLat));
  map.on("moveend", remember);
  panel.onChange = remember;
  answer.onChange = remember;
  versions.onChange = () => {
    panel.versionChanged();
    answer.again();
    remember();
  };
  map.once("load", () => {
    if (versions.missing) say(settings.texts.noVersion);
    if (state.at) answer.ask(state.at, { activity: state.activity, quiet: true });
  });
  // For tests and curious people: nothing secret hangs on it.
  window.ruangMap = map;
}

start();
