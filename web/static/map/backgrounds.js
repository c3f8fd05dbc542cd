// An image of the ground under the maps: which one, and how strongly, kept in the address and by this device.

/* global L */

import { fill, h } from "../js/dom.js";
import { _ } from "../js/i18n.js";
import { addToLegend } from "./legend.js";
import { page } from "../js/page.js";
import { read, write } from "../js/state.js";

const PANE = "background";
const LEVEL = 150; // below the ground of our own data
const KEPT = "gisgrid-background";
const USUAL_STRENGTH = 40; // the colours of areas lie over it: the stronger it is, the less they are those of the legend
const STEP = 5;
const STRONGEST = 100;

const listeners = new Set();
const images = page.backgrounds || [];
const chosen = { id: "", strength: USUAL_STRENGTH };

/** Whether there is anything to choose from. */
const hasBackgrounds = images.length > 0;

/** The image that is drawn, or null. */
export function shownBackground() {
  return (chosen.strength > 0 && images.find(({ id }) => id === chosen.id)) || null;
}

/** Call now and whenever another image is drawn, or none. */
export function onBackground(listener) {
  listeners.add(listener);
  listener();
}

function remembered() {
  try {
    return JSON.parse(window.localStorage.getItem(KEPT)) || {};
  } catch {
    return {}; // a device that keeps nothing, or kept something else
  }
}

/** The address comes first, so that a view that was sent opens as it was; then what this device showed last. */
function takeUp() {
  const kept = remembered();
  const strength = Number.parseInt(read("strength", String(kept.strength)), 10);
  chosen.id = read("background", kept.id || "");
  if (strength >= 0 && strength <= STRONGEST) chosen.strength = strength;
}

function change(values) {
  Object.assign(chosen, values);
  const isDrawn = Boolean(images.find(({ id }) => id === chosen.id));
  write({ background: isDrawn ? chosen.id : "", strength: isDrawn ? String(chosen.strength) : "" });
  try {
    window.localStorage.setItem(KEPT, JSON.stringify(chosen));
  } catch {
    // a device that keeps nothing asks again on the next page
  }
  for (const listener of listeners) listener();
}

/** Draw the chosen image on a map, and say whom it is from in its corner and in the legend. */
export function drawBackground(map) {
  if (!hasBackgrounds) return;
  const pane = map.createPane(PANE);
  pane.style.zIndex = String(LEVEL);
  pane.style.pointerEvents = "none";
  const self = { layer: null, id: "" };
  const source = sourceLine(map);
  onBackground(() => {
    const image = shownBackground();
    if (self.id !== (image ? image.id : "")) {
      self.layer?.remove();
      self.layer = image && tilesOf(image, map.getMaxZoom()).addTo(map);
      self.id = image ? image.id : "";
    }
    self.layer?.setOpacity(chosen.strength / STRONGEST);
    fill(source, image ? titleOf(image) : null);
    source.hidden = !image;
    addToLegend(PANE, image && { colour: "#8d9684", label: [titleOf(image), colourNote()], isGround: true });
  });
}

/** Colours that lie over an image are not quite those of the legend; the table tells what they stand for. */
function colourNote() {
  return h("small", {}, " ", _("颜色叠在背景图上会有变化,以表中数字为准。"));
}

function titleOf({ name, attribution }) {
  return attribution ? _("背景图:{name}({from})", { name, from: attribution }) : _("背景图:{name}", { name });
}

/** Nearer than its own pixels an image is drawn larger, up to where maps end. */
function tilesOf({ id, bounds: [west, south, east, north], min_zoom: first, max_zoom: last }, nearest) {
  return L.tileLayer(`/api/v1/backgrounds/${encodeURIComponent(id)}/{z}/{x}/{y}`, {
    pane: PANE,
    minZoom: first,
    maxZoom: nearest,
    maxNativeZoom: last,
    bounds: [
      [south, west],
      [north, east],
    ],
    updateWhenIdle: false,
  });
}

function sourceLine(map) {
  const isPhone = window.matchMedia("(max-width: 768px)").matches; // its lower corners hold buttons
  const control = L.control({ position: isPhone ? "topright" : "bottomright" });
  const line = h("p", { class: "map-source", hidden: true });
  control.onAdd = () => line;
  control.addTo(map);
  return line;
}

/** The part of the list of layers where an image is chosen; null where there is none. */
export function backgroundChoice() {
  if (!hasBackgrounds) return null;
  const select = h(
    "select",
    { name: "background", onchange: () => change({ id: select.value, strength: chosen.strength || USUAL_STRENGTH }) },
    h("option", { value: "" }, _("不显示背景图")),
    images.map(({ id, name }) => h("option", { value: id }, name)),
  );
  const percent = h("span", { class: "strength" }); // an output would take the label for itself
  const slider = h("input", {
    type: "range",
    name: "strength",
    min: "0",
    max: String(STRONGEST),
    step: String(STEP),
    oninput: () => change({ strength: Number(slider.value) }),
  });
  const depth = h("label", { class: "field" }, h("span", {}, _("深浅"), " ", percent), slider);
  onBackground(() => {
    const isChosen = images.some(({ id }) => id === chosen.id);
    select.value = isChosen ? chosen.id : "";
    slider.value = String(chosen.strength);
    slider.setAttribute("aria-valuetext", `${chosen.strength} %`);
    percent.textContent = `${chosen.strength} %`;
    depth.hidden = !isChosen;
  });
  return h("div", { class: "background-choice" }, h("label", { class: "field" }, h("span", {}, _("背景图")), select), depth);
}

if (hasBackgrounds) takeUp();
