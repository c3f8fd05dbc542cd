// The labels of grids on the map of elders: name, a bar, and the two numbers it is made of.

import { labelPoint } from "../../../static/js/shapes.js";
import { rowNumber } from "../../../static/js/withheld.js";
import { writeText } from "../../../static/map/labels.js";
import { isHidden, WHOLES } from "./measures.js";

const BAR_LONGEST = 56;

/** A label for each grid: the bar's length is the whole, its dark part the part; `colours` are both. */
export function elderLabels(features, rows, { measure, colours }) {
  const longest = Math.max(1, ...[...rows.values()].map((row) => row[WHOLES[measure]] || 0));
  return features.flatMap((feature) => {
    const name = nameLabel(feature);
    if (!name) return [];
    const row = rows.get(feature.properties.code);
    if (!row) return [name];
    const draw = (context) => drawGrid(context, name, row, { measure, colours, longest });
    return [{ ...name, box: [BAR_LONGEST + 8, 52], draw }];
  });
}

function nameLabel({ geometry, properties }) {
  const at = labelPoint(geometry);
  if (!at) return null;
  return { lon: at[0], lat: at[1], key: properties.code, text: properties.name || properties.code, priority: 1, bold: true };
}

function drawGrid(context, name, row, bar) {
  const whole = WHOLES[bar.measure];
  writeText(context, name, -16);
  if (!isHidden(row, bar.measure) && row[whole] !== null) drawBar(context, row, bar);
  const text = row[whole] === null ? rowNumber(row, whole) : `${rowNumber(row, bar.measure)} / ${rowNumber(row, whole)}`;
  writeText(context, { text, size: 12 }, 16);
}

function drawBar(context, row, { measure, colours, longest }) {
  const whole = row[WHOLES[measure]];
  const width = (BAR_LONGEST * whole) / longest;
  const left = -BAR_LONGEST / 2;
  context.fillStyle = "rgba(255, 255, 255, 0.92)";
  context.fillRect(left - 1, -5, BAR_LONGEST + 2, 11);
  context.fillStyle = colours.rest;
  context.fillRect(left, -4, width, 9);
  context.fillStyle = colours.part;
  context.fillRect(left, -4, whole ? (width * (row[measure] || 0)) / whole : 0, 9);
}
