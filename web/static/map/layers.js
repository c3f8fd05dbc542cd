// Layers of a map that can be switched: which are shown stands in the address.

import { readAll, write } from "../js/state.js";

const STANDING = ["buildings", "streets", "labels"];
export const LAYERS = [...STANDING, "facilities"];

const shownFromTheStart = new Set(STANDING);
const listeners = new Set();

/** A page whose subject is a layer shows it until somebody switches it off. */
export function standsHere(layer) {
  shownFromTheStart.add(layer);
}

/** Whether a layer is shown. */
export function isShown(layer) {
  return shownFromTheStart.has(layer) ? !readAll("hide").includes(layer) : readAll("show").includes(layer);
}

/** Show a layer or hide it. */
export function switchLayer(layer, isWanted) {
  const name = shownFromTheStart.has(layer) ? "hide" : "show";
  const others = readAll(name).filter((other) => other !== layer);
  const isNamed = shownFromTheStart.has(layer) !== isWanted;
  write({ [name]: isNamed ? [...others, layer] : others });
  for (const listener of listeners) listener(layer);
}

/** Call now and after every switch. */
export function onLayers(listener) {
  listeners.add(listener);
  listener();
}
