// "My location": the position with a circle as wide as the accuracy the device states.
import { currentPosition } from "../locate.js";

const METRES_PER_DEGREE = 111_320;
const CORNERS = 64;
const MAX_ACCURACY_M = 500;

// A circle for drawing only: metres turned into degrees at this latitude, nothing is measured with it.
export function circle(lon, lat, radius) {
  const ring = [];
  for (let corner = 0; corner <= CORNERS; corner += 1) {
    const angle = (corner / CORNERS) * 2 * Math.PI;
    ring.push([
      lon + (radius * Math.cos(angle)) / (METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180)),
      lat + (radius * Math.sin(angle)) / METRES_PER_DEGREE,
    ]);
  }
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } };
}

export class Position {
  constructor(map, settings, answer, say) {
    Object.assign(this, { map, settings, answer, say });
  }

  async find() {
    const { texts, bounds } = this.settings;
    this.say(texts.locating);
    let found;
    try {
      found = await currentPosition();
    } catch {
      this.say(texts.notLocated);
      return;
    }
    const { lon, lat, accuracy } = found;
    const point = { type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [lon, lat] } };
    this.map.getSource("position").setData({ type: "FeatureCollection", features: [circle(lon, lat, accuracy), point] });
    const [west, south, east, north] = bounds;
    if (lon < west || lon > east || lat < south || lat > north) {
      this.say(texts.outside);
      return;
    }
    this.map.jumpTo({ center: [lon, lat], zoom: accuracy > 150 ? 15 : 17 });
    await this.answer.ask({ lng: lon, lat }, { accuracy: Math.min(accuracy, MAX_ACCURACY_M) });
    this.say(texts.located.replace("{m}", accuracy));
  }
}
