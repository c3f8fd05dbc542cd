// What the neutral ground is made of: colours on the map and words in the legend, in one place.

import { _ } from "../js/i18n.js";

const KINDS = {
  building: { line: "#c4c9d0", fill: "#dfe3e8", word: () => _("楼栋") },
  street: { line: "#ffffff", word: () => _("街道") },
  water: { line: "#b8d3e6", fill: "#cfe2f0", word: () => _("水面") },
  green: { line: "#cfe0c8", fill: "#e2eedd", word: () => _("绿地") },
};

/** The colours of a kind; what is of no known kind is drawn as a street. */
export function coloursOfGround(kind) {
  return KINDS[kind] || KINDS.street;
}

/** A line of the legend for a kind of ground. */
export function groundEntry(kind) {
  const { line, fill, word } = KINDS[kind];
  return { colour: fill || line, shape: fill ? "square" : "road", label: word(), isGround: true };
}
