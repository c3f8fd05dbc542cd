// What the neutral ground is made of: colours on the map and words in the legend, in one place.

import { wordOf } from "../js/words.js";

const groundWord = wordOf("ground");
const KINDS = {
  building: { line: "#c4c9d0", fill: "#dfe3e8" },
  street: { line: "#ffffff" },
  water: { line: "#b8d3e6", fill: "#cfe2f0" },
  green: { line: "#cfe0c8", fill: "#e2eedd" },
};

/** The colours of a kind; what is of no known kind is drawn as a street. */
export function coloursOfGround(kind) {
  return KINDS[kind] || KINDS.street;
}

/** A line of the legend for a kind of ground. */
export function groundEntry(kind) {
  const { line, fill } = KINDS[kind];
  return { colour: fill || line, shape: fill ? "square" : "road", label: groundWord(kind), isGround: true };
}
