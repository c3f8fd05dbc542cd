// Whether a place lies in one of the own grids, and how far from its border.

import { lengthOf } from "../../../static/js/geodesy.js";
import { number } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";

const NEAR_M = 30;

/** "在第1网格内", with how far from the border where that is near; or how far from the nearest own grid. */
export function placeWords(grids, point) {
  const inside = grids.find(({ outline }) => (outline || []).some((polygon) => isIn(polygon, point)));
  const metres = Math.min(...grids.flatMap(({ outline }) => (outline || []).map((polygon) => fromBorder(polygon, point))));
  if (!inside) return Number.isFinite(metres) ? _("不在您的网格内,最近处 {n} 米。", { n: number(Math.round(metres)) }) : _("不在您的网格内。");
  return metres < NEAR_M ? _("在{grid}内,离边界 {n} 米。", { grid: inside.name, n: number(Math.round(metres)) }) : _("在{grid}内。", { grid: inside.name });
}

/** Whether a point lies within a polygon's outer ring and in none of its holes. */
export function isIn([outer, ...holes], point) {
  return isInRing(outer, point) && !holes.some((hole) => isInRing(hole, point));
}

function isInRing(ring, [x, y]) {
  let inside = false;
  for (let place = 0, before = ring.length - 1; place < ring.length; before = place++) {
    const [[x1, y1], [x2, y2]] = [ring[place], ring[before]];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  }
  return inside;
}

/** Metres from a point to the nearest place on a polygon's rings. */
export function fromBorder(polygon, point) {
  return Math.min(...polygon.flatMap((ring) => ring.slice(1).map((end, place) => lengthOf([point, nearest(ring[place], end, point)]))));
}

function nearest([x1, y1], [x2, y2], [x, y]) {
  const squeeze = Math.cos((y * Math.PI) / 180); // a degree of longitude is shorter than one of latitude
  const [dx, dy] = [(x2 - x1) * squeeze, y2 - y1];
  const length = dx * dx + dy * dy;
  const share = length ? Math.min(1, Math.max(0, ((x - x1) * squeeze * dx + (y - y1) * dy) / length)) : 0;
  return [x1 + share * (x2 - x1), y1 + share * (y2 - y1)];
}
