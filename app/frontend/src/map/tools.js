// Share the present state, and print it with legend, source and date.
import { share } from "../actions.js";
import { swatch } from "../swatch.js";

export function enhanceTools(map, settings, panel, versions, say) {
  document.getElementById("tool-share").addEventListener("click", () => {
    share(document.title, location.href, () => say(settings.texts.copied));
  });
  document.getElementById("tool-print").addEventListener("click", async () => {
    await preparePrint(map, settings, panel, versions);
    window.print();
  });
}

// The drawing buffer is empty between frames, so the picture is taken inside one.
function picture(map) {
  return new Promise((resolve) => {
    map.once("render", () => resolve(map.getCanvas().toDataURL("image/png")));
    map.triggerRepaint();
  });
}

export async function preparePrint(map, settings, panel, versions) {
  const { texts } = settings;
  const image = document.getElementById("print-image");
  image.src = await picture(map);
  image.alt = texts.mapLabel;
  await image.decode();
  const line = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
  const legend = document.createElement("ul");
  legend.className = "print-legend";
  legend.append(
    ...panel.visible().map(({ code, name, colour }) => {
      const item = document.createElement("li");
      item.append(swatch(colour), ` ${code} ${name ?? ""}`);
      return item;
    }),
  );
  document.getElementById("print-facts").replaceChildren(
    line("h2", texts.printTitle),
    legend,
    line("p", `${versions.plan.name}, ${versions.version.legal}, ${versions.version.label}`),
    line("p", `${texts.printed} ${settings.today}. ${texts.printLink}: ${location.href}`),
    line("p", settings.sample ? texts.printSample : ""),
    line("p", texts.printNote),
  );
}
