// A stroke that would tear a grid stays on the map, with the plots between: one press takes them along.

import { h, icon } from "../../../static/js/dom.js";
import { number } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";
import { isCutMeant } from "./cut.js";
import { pathOf } from "../cells.js";
import { hatch } from "../hatch.js";
import { zoomTo } from "../picture.js";
import { edit } from "../plan/plan.js";
import { changed, nameOf, state } from "../state.js";
import { labelPoint } from "../../../static/js/shapes.js";

const MOST_NAMED = 6;
const MARK = "#b3261e";

/** The stroke and the plots between, for the canvas above the plan. */
export function drawHeld(context, scale) {
  const { held } = state;
  if (!held) return;
  for (const id of held.body.op === "paint" ? held.body.cells : []) {
    const cell = state.store.get(id);
    if (cell) fillCell(context, scale, cell.path, state.colours.get(held.body.to) || "#1e5aa8");
  }
  for (const { path } of plotsOf(held)) {
    hatch(context, scale, path, MARK);
    context.lineWidth = 3 / scale;
    context.strokeStyle = MARK;
    context.stroke(path);
  }
}

function fillCell(context, scale, path, colour) {
  context.globalAlpha = 0.8;
  context.fillStyle = colour;
  context.fill(path, "evenodd");
  context.globalAlpha = 1;
  context.strokeStyle = "#1f2328";
  context.lineWidth = 1.6 / scale;
  context.stroke(path);
}

/** The plots between with their shapes on the map of now. */
function plotsOf(held) {
  if (held.origin !== state.store.origin) {
    held.origin = state.store.origin;
    held.plots = (held.mend?.plots || []).map((plot) => ({ ...plot, path: pathOf(plot.geometry, held.origin) }));
  }
  return held.plots;
}

/** Names of the plots between, beside them. */
export function heldLabels() {
  const plots = state.held ? plotsOf(state.held) : [];
  return plots.map(({ geometry, addresses }) => {
    const [lon, lat] = labelPoint(geometry);
    return { lon, lat, text: addresses[0] || _("空地块"), priority: 0, size: 12, bold: true, colour: MARK };
  });
}

/** What is said of the stroke that waits, and what can be done with it. */
export function heldParts(map) {
  const { held } = state;
  if (!held) return null;
  return h(
    "span",
    { class: "held" },
    held.mend ? h("span", { class: "between" }, between(held)) : null,
    held.mend ? h("button", { type: "button", class: "button primary", id: "mend", disabled: state.busy > 0, onclick: () => mend(map) }, icon("plus-lg"), _("补上中间地块")) : null,
    held.mend ? h("button", { type: "button", class: "button", id: "see-between", onclick: () => zoomTo(map, held.mend.plots) }, _("在图上看")) : null,
    h("button", { type: "button", class: "button", id: "drop-held", onclick: drop }, _("放弃这一笔")),
  );
}

function between({ mend: { plots } }) {
  const named = plots.filter(({ addresses }) => addresses.length).flatMap(({ addresses }) => addresses);
  const empty = plots.filter(({ addresses }) => !addresses.length).length;
  const rest = named.slice(MOST_NAMED);
  const parts = [...named.slice(0, MOST_NAMED), empty ? _("空地块 {n} 处", { n: empty }) : null];
  const homes = plots.reduce((sum, { households }) => sum + households, 0);
  const grids = [...new Set(plots.map(({ grid }) => nameOf(grid)))].join("、");
  const values = { n: plots.length, homes: number(homes), grids, names: parts.filter(Boolean).join("、") };
  return [
    _("中间地块 {n} 处、{homes} 户(红色斜线,现属 {grids}):{names}", values),
    rest.length ? h("details", {}, h("summary", {}, _("另有 {n} 栋", { n: rest.length })), rest.join("、")) : null,
  ];
}

/** Take the plots between along, as one edit. */
async function mend(map) {
  const { held } = state;
  if (!(await isCutMeant(map, held.mend.edit))) return;
  if (!(await edit(held.mend.edit))) return;
  if (state.held === held) state.held = null;
  Object.assign(state, { line: [], merging: [] });
  state.picked.clear();
  changed();
  if (document.activeElement === document.body) map.getContainer().focus(); // the button that was pressed is gone
}

function drop() {
  Object.assign(state, { held: null, refused: "" });
  changed();
}
