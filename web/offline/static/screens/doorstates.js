// How a door stands, told by icon and word; the colour only helps.

import { h, icon } from "../../../static/js/dom.js";
import { wordOf } from "../../../static/js/words.js";

const SIGNS = { verified: "check-circle", to_verify: "question-circle", nobody_met: "clock", refused: "eye-slash", empty: "square" };
const word = wordOf("doors");

/** The states in their order. */
export const STATES = Object.keys(SIGNS);

/** A state as icon and word. */
export function stateSign(state) {
  return h("span", { class: state }, h("span", { class: "door-state" }, icon(SIGNS[state]), word(state)));
}
