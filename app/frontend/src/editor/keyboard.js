// Shortcuts. Single keys can be switched off in the help panel; they never work while something is typed.
import { byId, takesText } from "./dom.js";

const SETTING = "ruang-editor/single-keys";
const TOOLS = { v: "select", s: "split", g: "merge", c: "carve", b: "give", o: "border" };

export function enhanceKeyboard(editor) {
  const help = byId("editor-help");
  const allowed = byId("single-keys");
  allowed.checked = localStorage.getItem(SETTING) !== "off";
  allowed.addEventListener("change", () => localStorage.setItem(SETTING, allowed.checked ? "on" : "off"));
  byId("help-open").addEventListener("click", () => help.showModal());
  byId("help-close").addEventListener("click", () => help.close());

  document.addEventListener("keydown", (event) => {
    if (help.open || event.defaultPrevented) return;
    const typing = takesText(event.target);
    if (event.key === "Escape") return escape(editor, typing, event);
    const history = stepOf(event);
    if (history && !typing) {
      event.preventDefault();
      editor.outbox[history]();
    } else if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey && allowed.checked) {
      single(editor, help, event);
    }
  });
}

function stepOf({ ctrlKey, metaKey, shiftKey, key }) {
  if (!ctrlKey && !metaKey) return null;
  const letter = key.toLowerCase();
  if (letter === "z") return shiftKey ? "redo" : "undo";
  return letter === "y" ? "redo" : null;
}

function escape(editor, typing, event) {
  if (typing) return event.target.blur();
  if (editor.pointer.cancel()) return undefined;
  if (editor.drawing.shape && editor.drawing.places.length && editor.drawing.shape !== "nodes") {
    editor.drawing.set([]);
    editor.drawing.dispatchEvent(new Event("change"));
  } else if (editor.tool !== "select") editor.setTool("select");
  else if (editor.pointer.active) editor.pointer.activate(null);
  else editor.selection.clear();
  return undefined;
}

function single(editor, help, event) {
  const { pointer, drawing, selection } = editor;
  const onMap = event.target === editor.canvas.map.getCanvas() || event.target === document.body;
  const actions = {
    "?": () => help.showModal(),
    "/": () => {
      editor.tabs.open("table");
      byId("zone-filter").focus();
    },
    z: () => selection.ids.length && editor.zoomTo(selection.ids),
    f: () => editor.tabs.open("findings"),
    i: () => pointer.insertAfterActive(),
    delete: () => pointer.deleteActive(),
    backspace: () => drawing.undoLast(),
    enter: () => onMap && drawing.shape && drawing.finish(),
  };
  const key = event.key.toLowerCase();
  const tool = TOOLS[key];
  const action = actions[key];
  if (tool && !document.querySelector(`[data-tool=${tool}]`).disabled) editor.setTool(tool);
  else if (action) {
    // A button in focus keeps its own Enter.
    if (key === "enter" && !(onMap && drawing.shape)) return;
    action();
  } else return;
  event.preventDefault();
}
