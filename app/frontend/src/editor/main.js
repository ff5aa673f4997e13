// The planners' map editor: wires the draft, the map, the tools and the panels together.
import { mapIsPossible } from "../map/canvas.js";
import { Api, ApiError } from "./api.js";
import { Canvas } from "./canvas.js";
import { byId, h } from "./dom.js";
import { Draft } from "./draft.js";
import { joinBounds, metricPlane } from "./geometry.js";
import { enhanceKeyboard } from "./keyboard.js";
import { keepView, lastView } from "./view.js";
import { Messages } from "./messages.js";
import { OutboxStore } from "./outbox_store.js";
import { ConflictPanel } from "./panels/conflict.js";
import { FindingsPanel } from "./panels/findings.js";
import { HistoryPanel } from "./panels/history.js";
import { OperationPanel } from "./panels/operation.js";
import { OutboxPanel } from "./panels/outbox.js";
import { TablePanel } from "./panels/table.js";
import { Tabs } from "./panels/tabs.js";
import { ZonePanel } from "./panels/zone.js";
import { Selection } from "./selection.js";
import { Surroundings } from "./surroundings.js";
import { Sync } from "./sync.js";
import { Drawing } from "./tools/drawing.js";
import { PointerTool } from "./tools/pointer.js";
import { Words } from "./words.js";

const NAMED = 3;
const app = byId("editor-app");
const settings = JSON.parse(byId("editor-settings").textContent);
const words = new Words(settings.texts);
const t = (name, values) => words.t(name, values);
const api = new Api(settings.api, { token: app.dataset.token, page: location.pathname });

async function start() {
  if (!mapIsPossible()) return showOnly("no-map");
  try {
    const [info, zones] = await Promise.all([api.get(""), api.get("/zones")]);
    await edit(info, zones);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 404) offerDraft();
    else fail(error);
  }
}

function showOnly(id) {
  for (const name of ["waiting", "no-draft", "no-map", "failed"]) byId(name).hidden = name !== id;
  app.hidden = id !== "editor-app";
}

function fail(error) {
  byId("failed-why").textContent = error.status ? error.message : t("needsConnection");
  byId("failed-again").addEventListener("click", () => location.reload());
  showOnly("failed");
}

function offerDraft() {
  const form = byId("open-draft");
  showOnly("no-draft");
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const error = byId("open-error");
    error.textContent = "";
    try {
      await api.send("POST", "", { legal_reference: form.elements.legal_reference.value.trim() });
      location.reload();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      error.textContent = problem.status ? problem.message : t("needsConnection");
    }
  });
}

async function edit(info, zones) {
  showOnly("editor-app");
  const view = lastView(settings, info);
  const draft = new Draft(info);
  draft.setRows(zones);
  const store = await OutboxStore.open(`${info.plan.code}/${info.version_id}/${settings.account}`);
  const canvas = new Canvas(app, settings, draft, view?.camera);
  const editor = { settings, words, t, api, draft, canvas, plane: metricPlane(info.plan.utm_zone, info.plan.south), tool: "select" };
  Object.defineProperty(editor, "mayEdit", { get: () => draft.info.may_edit && !editor.isNarrow });
  Object.defineProperty(editor, "isNarrow", { get: () => matchMedia("(max-width: 699px)").matches });
  Object.assign(editor, new Messages(canvas).functions(), names(draft));
  editor.sync = new Sync(api, draft, store, (op, ids) => describe(editor, op, ids));
  editor.selection = new Selection(api, draft, canvas);
  editor.surroundings = new Surroundings(api, draft, canvas, words);
  editor.drawing = new Drawing(editor);
  editor.zoomTo = (ids) => canvas.show(joinBounds(ids.map((id) => draft.bounds(id))));
  editor.pointer = new PointerTool(editor);
  panels(editor);
  enhanceKeyboard(editor);
  byId("draft-name").textContent = t("draftOf", { plan: info.plan.name, legal: info.legal_reference ?? "" });
  editor.selection.addEventListener("failed", ({ detail }) => editor.say(detail.status ? detail.message : t("needsConnection"), "warn"));
  // For tests and curious people: nothing secret hangs on it.
  Object.assign(window, { ruangMap: canvas.map, ruangEditor: editor });
  await editor.sync.start();
  await canvas.ready;
  if (view?.selection) editor.selection.set(view.selection);
  keepView(settings, info, canvas, editor.selection);
  app.dataset.ready = "yes";
}

// How zones and operations are called on screen.
function names(draft) {
  return {
    nameOf(id, properties = draft.zone(id)?.properties ?? draft.row(id)) {
      const block = [properties?.block, properties?.sub_block].filter(Boolean).join(" / ");
      return [properties?.subzone_code ?? "–", block, `#${id}`].filter(Boolean).join(" · ");
    },
    nameOfKind: (kind) => (settings.texts[`kind_${kind}`] ? t(`kind_${kind}`) : kind),
  };
}

// What history and undo call an operation: its kind and the first zones that it touches.
function describe(editor, op, ids) {
  const shown = (op.zones ?? (op.zone ? [op.zone] : ids)).slice(0, NAMED).map((id) => editor.nameOf(id));
  return [editor.nameOfKind(op.kind), shown.join(", ")].filter(Boolean).join(": ").slice(0, 500);
}

function panels(editor) {
  const { selection, surroundings, canvas, sync } = editor;
  const zone = new ZonePanel(editor, byId("zone-panel"));
  const operation = new OperationPanel(editor, byId("operation-panel"));
  const table = new TablePanel(editor, byId("table-panel"));
  const findings = new FindingsPanel(editor, byId("findings-panel"));
  const history = new HistoryPanel(editor, byId("history-panel"));
  editor.outbox = new OutboxPanel(editor);
  new ConflictPanel(editor);
  editor.tabs = new Tabs({
    zone: () => {},
    table: () => table.render(),
    findings: () => (findings.isStale ? findings.check() : findings.draw()),
    history: () => history.load(),
  });
  editor.tabs.onLeave = (name) => name === "findings" && findings.hide();
  editor.setTool = (name) => {
    editor.pointer.cancel();
    operation.close();
    editor.tool = name;
    for (const tool of document.querySelectorAll("[data-tool]")) tool.setAttribute("aria-pressed", String(tool.dataset.tool === name));
    byId("zone-panel").hidden = name !== "select";
    editor.setHint(null);
    if (name !== "select") {
      editor.tabs.open("zone");
      operation.open(name);
      byId("operation-panel").querySelector("h2")?.focus();
      canvas.set("ghost", []);
    } else zone.render();
    watch();
    editor.pointer.drawHandles();
  };
  // Exact outlines around are needed as soon as something may be snapped.
  const watch = () => surroundings.watch(editor.mayEdit && (editor.tool !== "select" || selection.ids.length > 0));
  selection.addEventListener("change", watch);
  if (editor.isNarrow) editor.tabs.open("table");
  for (const tool of document.querySelectorAll("[data-tool]")) tool.addEventListener("click", () => editor.setTool(tool.dataset.tool));
  byId("check").addEventListener("click", () => editor.tabs.open("findings"));
  sync.addEventListener("saved", () => editor.tabs.is("history") && history.load());
  sync.addEventListener("others", () => editor.tabs.is("history") && history.load());
  offerToEdit(editor);
}

function offerToEdit(editor) {
  const { info } = editor.draft;
  for (const tool of document.querySelectorAll("[data-tool]:not([data-tool=select])")) tool.disabled = !info.may_edit;
  if (!info.may_edit) byId("editor-panel-note").replaceChildren(h("p", { class: "notice" }, t(info.state === "review" ? "inReview" : "readOnly")));
  else byId("editor-panel-note").replaceChildren(h("p", { class: "notice notice--warn editor-narrow-note" }, t("narrowHint")));
}

start();
