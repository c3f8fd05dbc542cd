// Figures that are not shown, and the two signs that stand in their place.

import { number } from "./format.js";
import { wordsOf } from "./words.js";

const SIGNS = wordsOf("withheld");

/** Whether a figure of a row is there but not shown to this account. */
export function isWithheld(row, name) {
  return (row?.suppressed || []).includes(name);
}

/** The sign of a row's withheld figures: one of two, so that no small one is told from what protects it. */
export function signOf(row) {
  return SIGNS[row.reason] || Object.values(SIGNS)[0];
}

/** A number of a row, or the sign that stands in its place. */
export function rowNumber(row, name, digits = 0) {
  return isWithheld(row, name) ? signOf(row) : number(row[name], digits);
}
