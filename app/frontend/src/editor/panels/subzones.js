// The code list as a field, with the colour of the chosen sub-zone beside it.
import { swatch } from "../../swatch.js";
import { h } from "../dom.js";

// empty: the words of the first, empty choice.
export function subzoneSelect({ draft, t }, chosen, onchange, empty = t("chooseSubzone")) {
  const options = [...draft.subzones.values()].map(({ code, name }) => h("option", { value: code, selected: code === chosen }, `${code} ${name ?? ""}`));
  const unknown = chosen && !draft.subzones.has(chosen) ? h("option", { value: chosen, selected: true }, `${chosen} ${t("notInList")}`) : null;
  return h("select", { onchange: (event) => onchange(event.target.value) }, h("option", { value: "" }, empty), unknown, options);
}

export function subzoneMark({ draft }, code) {
  return h("span", { class: "editor-code" }, swatch(draft.colourOf(code)), h("strong", {}, code ?? "–"));
}
