// What evenness costs: households that change their grid at each tolerance, as a small chart and as a table.

import { h, svgPart } from "../../../static/js/dom.js";
import { number } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";

const BOX = { width: 320, height: 150, left: 44, right: 12, top: 24, bottom: 34 };
const SAME = 1e-9;

/** A share as people write it. */
export function percent(share, digits = 1) {
  return `${number(100 * share, digits)} %`;
}

/** The curve with the tolerance of the proposal shown; `pick(tolerance)` asks for another. */
export function tolerances(rows, chosen, pick) {
  return h("section", { class: "curve", "aria-labelledby": "curve-title" }, h("h3", { id: "curve-title" }, _("不同容差的比较")), chart(rows, chosen), table(rows, chosen, pick));
}

function isChosen({ tolerance }, chosen) {
  return Math.abs(tolerance - chosen) < SAME;
}

function scales(rows) {
  const right = Math.max(...rows.map(({ tolerance }) => tolerance));
  const most = Math.max(1, ...rows.map(({ moved_households: moved }) => moved));
  const [width, height] = [BOX.width - BOX.left - BOX.right, BOX.height - BOX.top - BOX.bottom];
  return { x: (value) => BOX.left + (value / right) * width, y: (value) => BOX.top + (1 - value / most) * height, most };
}

function chart(rows, chosen) {
  const { x, y, most } = scales(rows);
  const svg = svgPart("svg", { viewBox: `0 0 ${BOX.width} ${BOX.height}`, class: "curve-chart", role: "img" });
  svg.setAttribute("aria-label", _("容差与换网格户数,数字见下表"));
  for (const value of [0, most]) {
    svg.append(svgPart("line", { x1: BOX.left, x2: BOX.width - BOX.right, y1: y(value), y2: y(value), stroke: "#d5dae1" }));
    svg.append(word(number(value), { x: BOX.left - 6, y: y(value) + 4, "text-anchor": "end" }));
  }
  svg.append(svgPart("polyline", { points: rows.map((row) => `${x(row.tolerance)},${y(row.moved_households)}`).join(" "), fill: "none", stroke: "#1e5aa8", "stroke-width": 2 }));
  for (const row of rows) svg.append(dot(row, x(row.tolerance), y(row.moved_households), isChosen(row, chosen)));
  for (const row of rows) svg.append(word(number(100 * row.tolerance), { x: x(row.tolerance), y: BOX.height - BOX.bottom + 16, "text-anchor": "middle" }));
  svg.append(word(_("容差(百分比)"), { x: BOX.width - BOX.right, y: BOX.height - 4, "text-anchor": "end" }));
  svg.append(word(_("换网格户数"), { x: BOX.left, y: 12, "text-anchor": "start" }));
  return svg;
}

/** Filled where every grid keeps the tolerance, hollow where one does not; larger where it is the one shown. */
function dot({ is_kept: isKept }, cx, cy, isLarge) {
  return svgPart("circle", { cx, cy, r: isLarge ? 6 : 4, fill: isKept ? "#1e5aa8" : "#ffffff", stroke: isLarge ? "#c62828" : "#1e5aa8", "stroke-width": 2 });
}

function word(text, attributes) {
  const made = svgPart("text", { "font-size": 12, fill: "#57606a", ...attributes });
  made.textContent = text;
  return made;
}

function table(rows, chosen, pick) {
  const titles = [_("容差"), _("换网格户数"), _("最大偏差"), _("能否做到"), _("选用")];
  return h(
    "table",
    { class: "impact-table", id: "helpers-curve", "aria-labelledby": "curve-title" },
    h("thead", {}, h("tr", {}, titles.map((title) => h("th", { scope: "col" }, title)))),
    h("tbody", {}, rows.map((row) => line(row, chosen, pick))),
  );
}

function line(row, chosen, pick) {
  const choose = isChosen(row, chosen)
    ? h("strong", {}, _("当前"))
    : h("button", { type: "button", class: "link", "aria-label": _("选用容差 {share}", { share: percent(row.tolerance) }), onclick: () => pick(row.tolerance) }, _("选用"));
  const cells = [number(row.moved_households), percent(row.max_off), row.is_kept ? _("能") : _("不能"), choose];
  return h("tr", {}, h("th", { scope: "row" }, percent(row.tolerance)), cells.map((cell) => h("td", {}, cell)));
}
