// What maps of areas have in common: columns of their table, and the classes of shares in their legend.

import { classOf, coloursFor } from "./classes.js";
import { rowNumber } from "../js/withheld.js";

/** The column that names the area of a row. */
export function nameColumn(title) {
  const name = (row) => row.name || row.code;
  return { key: "name", title, value: name, cell: name };
}

/** A column of numbers, with the sign where one isn't shown; another `value` is sorted by, another `cell` is shown. */
export function numberColumn(key, title, others = {}) {
  return { key, title, numeric: true, value: (row) => row[key], cell: (row) => rowNumber(row, key), ...others };
}

/** The half-open classes of shares in per cent, each with its colour and how many of the shares lie in it. */
export function shareClasses({ breaks, colours, digits }, shares, opacity) {
  const shades = coloursFor(colours, breaks.length);
  return breaks.map((low, index) => ({
    colour: shades[index],
    opacity,
    label: index + 1 < breaks.length ? `${low}% – <${breaks[index + 1]}%` : `≥ ${low}%`,
    count: shares.filter((share) => classOf(share, breaks, digits) === index).length,
  }));
}
