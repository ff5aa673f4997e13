// The map by keyboard and ear: arrows move it (MapLibre), Enter asks at the cross, and what lies around is said.

const DIRECTIONS = { north: [0, -1], east: [1, 0], south: [0, 1], west: [-1, 0] };

export class Keyboard {
  constructor(map, settings, answer, say) {
    Object.assign(this, { map, texts: settings.texts, answer, say });
    const canvas = map.getCanvas();
    canvas.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        answer.ask(map.getCenter(), { focus: true });
      } else if (event.key === "Escape" && answer.point) {
        answer.close();
      }
    });
    map.on("moveend", () => document.activeElement === canvas && map.once("idle", () => this.describe()));
  }

  // "In the middle: R-2. To the north: K-1. ..." of what is drawn.
  describe() {
    const { clientWidth: width, clientHeight: height } = this.map.getCanvas();
    const step = Math.min(width, height) / 4;
    const at = (dx, dy) => {
      const [zone] = this.map.queryRenderedFeatures([width / 2 + dx * step, height / 2 + dy * step], { layers: ["zones-fill"] });
      return zone ? [zone.properties.code, zone.properties.name].filter(Boolean).join(" ") : this.texts.noZone;
    };
    const around = Object.entries(DIRECTIONS).map(([name, [dx, dy]]) => `${this.texts[name]}: ${at(dx, dy)}`);
    this.say([`${this.texts.centre}: ${at(0, 0)}`, ...around].join(". "), { onlySpoken: true });
  }
}
