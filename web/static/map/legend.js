// The legend: title, unit, period, boundary date, records; classes with colours, words and counts.

import { fill, h, swatch } from "../js/dom.js";
import { day, number } from "../js/format.js";
import { _ } from "../js/i18n.js";

const drawn = new Map();

/** Say in the legend what else is drawn: `entry` is a class without a count, or null where it is drawn no more. */
export function addToLegend(name, entry) {
  if (entry) drawn.set(name, entry);
  else drawn.delete(name);
  const list = document.querySelector("#legend .drawn");
  if (list) fill(list, [...drawn.values()].map(classLine));
}

/** Show several legends in one place, for layers that lie one over another. */
export function showLegends(place, legends) {
  const [first, ...others] = legends;
  showLegend(place, first);
  place.querySelector(".drawn").before(...others.map((legend) => h("div", { class: "second" }, legendParts(legend))));
}

/**
 * Show a legend. `classes` are `{colour, label, count, hatch, shape, sign, opacity}`, `notes` sentences, `meta` what the
 * server said about the data.
 */
export function showLegend(place, legend) {
  fill(place, legendParts(legend), h("ul", { class: "classes drawn" }, [...drawn.values()].map(classLine)));
}

function legendParts({ title, unit, meta, classes, notes = [] }) {
  return [
    h("h2", {}, title, unit ? h("span", { class: "unit" }, _("单位:{unit}", { unit })) : null),
    h("ul", { class: "classes" }, classes.map(classLine)),
    h("dl", { class: "facts" }, facts(meta || {})),
    notes.filter(Boolean).map((text) => h("p", { class: "note" }, text)),
  ];
}

function classLine({ colour, label, count, hatch, shape, sign, opacity, isGround }) {
  const counted = count === undefined ? null : h("span", { class: "count" }, number(count));
  return h("li", { class: isGround ? "ground" : null }, swatch(colour, { hatch, shape, sign, opacity }), h("span", {}, label), counted);
}

function facts(meta) {
  const known = [];
  if (meta.period) known.push([_("时段"), `${day(meta.period.from)} ${_("至")} ${day(meta.period.to)}`]);
  if (meta.boundary_date) known.push([_("边界"), day(meta.boundary_date)]);
  if (meta.records !== undefined && meta.records !== null) known.push([_("记录"), number(meta.records)]);
  if (meta.unassigned) known.push([_("未归入网格"), number(meta.unassigned)]);
  return known.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)));
}
