// What a plan does to people and work: grids before and after as bars and figures, and what changes hands.

import { fill, h, icon, svgPart } from "../../../static/js/dom.js";
import { number, signed } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";
import { nameOf, state } from "../state.js";
import { isWithheld, signOf } from "../../../static/js/withheld.js";
import { dutyWord, levelWord } from "../../../static/js/words.js";

const ALWAYS_TOLD = new Set(["elders", "open_cases"]); // also where there are none
const FEW = 2; // so many grids show all their figures at once
const unfolded = new Map(); // grid → whether a person has opened or closed its figures

/** Before and after of each grid that changes, and what changes hands. */
export function showImpact(place) {
  const { grids, moves, members = [], duties = [], transfers = [], receivers = [] } = state.impact;
  const between = moves.filter(({ from, to }) => from && to);
  place.hidden = !state.plan;
  fill(
    place,
    h("h2", {}, _("影响"), h("span", { class: "unit" }, _("原来 → 划分后"))),
    transfers.map(transferLine),
    grids.length
      ? [overview(grids), grids.map((grid) => gridImpact(grid, grids.length <= FEW))]
      : h("p", { class: "muted" }, _("还没有改动。改动后这里显示每个网格的户数、老人、案件前后对比。")),
    between.length ? [h("h3", {}, _("移交")), h("ul", { class: "plain" }, between.map(moveLine))] : null,
    receivers.map(receiverLine),
    members.length ? memberTable(members) : null,
    duties.length ? [h("h3", {}, _("岗位变动")), h("ul", { class: "plain" }, duties.map(dutyLine))] : null,
  );
}

/** A grid that goes to another community, with what goes along. */
function transferLine(row) {
  return h("p", { class: "notice" }, h("span", {}, h("strong", {}, _("{grid} 整格划给 {to}", { grid: row.name, to: row.to_name })), h("br"), goingAlong(row, [])));
}

/** Who gets the open cases of a grid whose member can't open them. */
function receiverLine({ grid, name, member, to }) {
  const words = { grid: state.grids.has(grid) ? nameOf(grid) : name, member, to };
  const why = member ? _("{grid}的网格员 {member} 没有能打开案件的账号。", words) : _("{grid}没有主责网格员。", words);
  const then = to ? _("在办案件交给 {to}。", words) : _("在办案件留给现在能打开的处理人,否则归社区并通知社区。");
  return h("p", { class: "notice amber" }, icon("exclamation-triangle"), h("span", {}, why, h("br"), then));
}

const BARS = { width: 72, before: 4, after: 7 };

/** The grids that change, one below the other: bars of before and after with their figures. */
function overview(grids) {
  const kinds = FIGURES.filter(([key]) => OVERVIEW.has(key));
  const most = Object.fromEntries(kinds.map(([key]) => [key, Math.max(1, ...grids.flatMap(({ before, after }) => [before?.[key] ?? 0, after?.[key] ?? 0]))]));
  const row = (grid) => h("tr", {}, h("th", { scope: "row" }, nameNow(grid)), kinds.map(([key]) => overviewCell(key, grid, most[key])));
  return h(
    "table",
    { class: "impact-table overview", "aria-label": _("各网格前后一览") },
    h("thead", {}, h("tr", {}, [levelWord("grid"), ...kinds.map(([, word]) => word())].map((word) => h("th", { scope: "col" }, word)))),
    h("tbody", {}, grids.map(row)),
  );
}

function overviewCell(key, { before, after }, most) {
  const hidden = withheldSide(key, before, after);
  if (hidden) return h("td", { class: "muted" }, signOf(hidden));
  const [old, now] = [before?.[key] ?? null, after?.[key] ?? null];
  const text = old === now ? number(old) : `${number(old)} → ${number(now)}`;
  return h("td", {}, pairOfBars((old ?? 0) / most, (now ?? 0) / most), text);
}

/** Before thin and grey, after thick, as shares of the widest. */
function pairOfBars(before, after) {
  const height = BARS.before + BARS.after + 2;
  const svg = svgPart("svg", { viewBox: `0 0 ${BARS.width} ${height}`, class: "pair-bars", "aria-hidden": "true" });
  svg.append(svgPart("rect", { x: 0, y: 0, width: before * BARS.width, height: BARS.before, fill: "#8a9099" }));
  svg.append(svgPart("rect", { x: 0, y: BARS.before + 1, width: after * BARS.width, height: BARS.after, fill: "#1e5aa8" }));
  return svg;
}

/** Households of each member over all grids served, and the load against what one member serves. */
function memberTable(members) {
  const line = (member) => h("tr", {}, h("th", { scope: "row" }, member.name || _("(无姓名)")), memberCells(member).map((cell) => h("td", {}, cell)));
  return h(
    "table",
    { class: "impact-table", "aria-label": _("网格员负荷前后对比") },
    h("thead", {}, h("tr", {}, [_("网格员"), _("户数"), _("负荷")].map((word) => h("th", { scope: "col" }, word)))),
    h("tbody", {}, members.map(line)),
  );
}

function memberCells(member) {
  const pair = (before, after, digits) => [before, after].map((value) => number(value ?? null, digits)).join(" → ");
  return [pair(member.households_before, member.households_after, 0), pair(member.load_before, member.load_after, 2)];
}

function dutyLine({ area: code, name, kind, change: what }) {
  const area = nameOf(code);
  const words = { begin: _("{name} 接手 {area}({kind})", { name, area, kind: dutyWord(kind) }), end: _("{name} 不再负责 {area}({kind})", { name, area, kind: dutyWord(kind) }) };
  return h("li", {}, words[what] || "");
}

const FIGURES = [
  ["households", () => _("户数")],
  ["residents", () => _("人口")],
  ["elders", () => _("60 岁以上")],
  ["elders_80", () => _("80 岁以上")],
  ["open_cases", () => _("在办案件")],
  ["facilities", () => _("设施")],
];

const OVERVIEW = new Set(["households", "elders", "open_cases"]);

function nameNow(grid) {
  return state.grids.has(grid.code) ? nameOf(grid.code) : grid.name;
}

function markOf({ code, before, after }) {
  if (!before) return _("新网格");
  if (after) return null;
  return (state.impact.transfers || []).some(({ grid }) => grid === code) ? _("已划出") : _("已并掉");
}

/** All figures of a grid; unfolded where they are few, or where a person has said so. */
function gridImpact(grid, isShort) {
  const { code, before, after } = grid;
  const mark = markOf(grid);
  const known = FIGURES.filter(([key]) => key in (before || {}) || key in (after || {}));
  const name = nameNow(grid);
  const box = h(
    "details",
    { class: "impact", open: unfolded.get(code) ?? isShort },
    h("summary", {}, name, mark ? h("span", { class: "unit" }, mark) : null),
    sizeBar(before?.households, after?.households),
    h(
      "table",
      { class: "impact-table", "aria-label": _("{grid} 前后对比", { grid: name }) },
      h("thead", {}, h("tr", {}, [_("项目"), _("原来"), _("划分后"), _("增减")].map((word) => h("th", { scope: "col" }, word)))),
      h(
        "tbody",
        {},
        known.map(([key, word]) => figureLine(key, word(), before, after)),
        change(_("负荷(户数÷{norm})", { norm: normOf().per_member }), grid.load_before, grid.load_after, 2),
        change(_("紧凑度"), grid.compactness_before, grid.compactness_after, 2),
      ),
    ),
  );
  box.querySelector("summary").addEventListener("click", () => unfolded.set(code, !box.open));
  return box;
}

/** A figure before and after; a withheld one as its sign on both sides. */
function figureLine(key, word, before, after) {
  const hidden = withheldSide(key, before, after);
  if (!hidden) return change(word, before?.[key], after?.[key]);
  return h("tr", { class: "muted" }, h("th", { scope: "row" }, word), [0, 1, 2].map(() => h("td", {}, signOf(hidden))));
}

/** The side, if any, on which a count is not shown to this account. */
function withheldSide(key, ...sides) {
  return sides.find((side) => isWithheld(side, key));
}

function change(name, before, after, digits = 0) {
  const [old, now] = [before ?? null, after ?? null];
  const isSame = old !== null && now !== null && number(old, digits) === number(now, digits);
  const moved = !isSame && old !== null && now !== null ? difference(now - old, digits) : null;
  const cells = [number(old, digits), number(now, digits), moved];
  return h("tr", { class: isSame ? "muted" : null }, h("th", { scope: "row" }, name), cells.map((cell) => h("td", {}, cell)));
}

function difference(value, digits) {
  return digits ? `${value > 0 ? "+" : "−"}${number(Math.abs(value), digits)}` : signed(value);
}

const BAR = { width: 300, height: 26 };

/** What grids of this community are held against. */
function normOf() {
  return state.impact.norm;
}

/** Households before (thin, grey) and after (thick) against the norm, for whoever looks rather than reads. */
function sizeBar(before, after) {
  const { ok_from: least, ok_to: most, high_to: limit } = normOf();
  const x = (value) => Math.min(value / (1.25 * limit), 1) * BAR.width;
  const svg = svgPart("svg", { viewBox: `0 0 ${BAR.width} ${BAR.height}`, class: "size-bar", role: "img" });
  svg.setAttribute("aria-label", _("户数与标准 {from}–{to} 户对照", { from: least, to: most }));
  const [from, to] = [least, most].map(x);
  const part = (attributes) => svg.append(svgPart("rect", attributes));
  part({ x: from, y: 0, width: to - from, height: BAR.height, fill: "#dcefdd" });
  if (before) part({ x: 0, y: 4, width: x(before), height: 5, fill: "#8a9099" });
  if (after) part({ x: 0, y: 11, width: x(after), height: 11, fill: after > limit ? "#c62828" : after > most ? "#b26a00" : "#1e5aa8" });
  part({ x: x(limit), y: 0, width: 2, height: BAR.height, fill: "#c62828" });
  return svg;
}

function moveLine(move) {
  const values = { from: nameOf(move.from), to: nameOf(move.to), buildings: move.buildings, homes: move.households };
  return h("li", {}, _("{from} → {to}:{buildings} 栋、{homes} 户", values), h("br"), h("span", { class: "muted" }, goingAlong(move)));
}

/** People and work that change hands, in one line; what is not told to this account is left out. */
function goingAlong(move, without = ["buildings", "households"]) {
  const words = {
    buildings: (n) => _("{n} 栋", { n }),
    households: (n) => _("{n} 户", { n }),
    elders: (n) => _("老人 {n} 人", { n }),
    elders_80: (n) => _("80 岁以上 {n} 人", { n }),
    with_visitor: (n) => _("有探访人 {n} 人", { n }),
    open_cases: (n) => _("在办案件 {n} 件", { n }),
    facilities: (n) => _("设施 {n} 处", { n }),
  };
  const known = Object.keys(words).filter((key) => !without.includes(key) && Number.isFinite(move[key]) && (move[key] || ALWAYS_TOLD.has(key)));
  return known.map((key) => words[key](number(move[key]))).join("、");
}
