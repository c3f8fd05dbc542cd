// Signs of what is drawn over a plan, with their words.

import { h, svgPart } from "../../static/js/dom.js";
import { COLOURS } from "./picture.js";

const SIGN = { width: 36, height: 16 };

/** A line of a legend: `solid` or `dashed` borders, or `hatch` for plots. */
export function legendLine(kind, word) {
  const svg = svgPart("svg", { viewBox: `0 0 ${SIGN.width} ${SIGN.height}`, width: SIGN.width, height: SIGN.height, "aria-hidden": "true" });
  if (kind === "hatch") hatchSign(svg);
  else svg.append(borderSign(kind));
  return h("li", {}, svg, h("span", {}, word));
}

function borderSign(kind) {
  const colour = kind === "dashed" ? COLOURS.before : COLOURS.after;
  return svgPart("line", { x1: 0, y1: 8, x2: 36, y2: 8, stroke: colour, "stroke-width": 3, "stroke-dasharray": kind === "dashed" ? "9 5" : "none" });
}

function hatchSign(svg) {
  svg.append(svgPart("rect", { x: 1, y: 1, width: 34, height: 14, fill: "none", stroke: COLOURS.plots, "stroke-width": 1.5 }));
  for (const x of [2, 10, 18, 26]) svg.append(svgPart("line", { x1: x, y1: 15, x2: x + 8, y2: 1, stroke: COLOURS.plots, "stroke-width": 2 }));
}
