// The change page: both versions on one map, with a slider between them. Without it the page has a drawing and lists.

// From this width on the map opens by itself; on a phone it waits for a tap, as it costs half a megabyte.
const WIDE = "(min-width: 900px)";

const swipe = document.getElementById("swipe");

function canDraw() {
  try {
    return Boolean(document.createElement("canvas").getContext("webgl2"));
  } catch {
    return false;
  }
}

function start() {
  const settings = JSON.parse(document.getElementById("swipe-settings").textContent);
  if (!settings.extent || !canDraw()) return;
  const offer = document.getElementById("swipe-offer");
  let opened = null;
  // The map's code comes only when somebody wants it.
  const open = () => {
    opened ??= import("./difference/swipe.js").then(({ openSwipe }) => openSwipe(swipe, settings));
    offer.hidden = true;
    return opened;
  };
  for (const button of document.querySelectorAll("[data-show]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const map = await open();
      swipe.scrollIntoView({ block: "center" });
      map?.show(button.dataset.show.split(",").map(Number));
    });
  }
  offer.hidden = false;
  document.getElementById("swipe-open").addEventListener("click", async () => {
    await open();
    document.getElementById("swipe-slider").focus();
  });
  if (matchMedia(WIDE).matches && !navigator.connection?.saveData) open();
}

if (swipe) start();
// What is folded away on a screen belongs on paper.
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll(".difference details")) details.open = true;
});
