// Beside the map: the plan, what is wrong with it, what it does to people and work, and what was done so far.

import { fill, h, icon, svgPart } from "./dom.js";
import { number, signed, time } from "./format.js";
import { _ } from "./i18n.js";
import { flyTo, markPlace } from "./map.js";
import { dutyWord } from "./redrawgrid.js";
import { hasPlaces, placeOf } from "./redrawplaces.js";
import { edit, originOf, withNames } from "./redrawplan.js";
import { isStopping, nameOf, state, wrongNow } from "./redrawstate.js";

const FIRST_SHOWN = 6;

/** Only what is amber or red now: one sentence each, the way there, and what mends it. `open` takes a tool. */
export function showFindings(place, map, open) {
  const wrong = wrongNow();
  const blocks = wrong.filter(isStopping).length;
  place.hidden = !state.plan;
  fill(
    place,
    h("h2", {}, _("规则检查"), blocks ? h("span", { class: "unit" }, _("{n} 项须先改好", { n: blocks })) : null),
    wrong.length ? listOf(wrong, map, open) : h("p", { class: "notice good" }, icon("check-circle"), _("没有需要处理的问题。")),
  );
}

function listOf(wrong, map, open) {
  const sorted = [...wrong].sort((a, b) => rank(a) - rank(b)).map((one) => finding(one, map, open));
  const more = sorted.slice(FIRST_SHOWN);
  return [
    h("ul", { class: "plain findings" }, sorted.slice(0, FIRST_SHOWN)),
    more.length ? h("details", { class: "more-findings" }, h("summary", {}, _("另有 {n} 项", { n: more.length })), h("ul", { class: "plain findings" }, more)) : null,
  ];
}

/** What stops comes first, then what this plan touches. */
function rank(one) {
  return (isStopping(one) ? 0 : 2) + (one.touched === false ? 1 : 0);
}

function finding(one, map, open) {
  const { message, lon, lat } = one;
  const fly = () => {
    flyTo(map, lon, lat, 17);
    markPlace(map, lon, lat);
  };
  const hasPlace = Number.isFinite(lon) && Number.isFinite(lat);
  const [stops, symbol] = isStopping(one) ? ["bad", "exclamation-octagon"] : ["amber", "exclamation-triangle"];
  return h(
    "li",
    { class: `notice ${stops}` },
    icon(symbol),
    h("span", {}, h("span", { class: "visually-hidden" }, stops === "bad" ? _("须改:") : _("注意:")), withNames(message)),
    hasPlace ? h("button", { type: "button", class: "link", onclick: fly }, _("飞到")) : null,
    state.plan.may.includes("edit") && one.fix ? fixButton(one.fix, open) : null,
  );
}

const FIX_WORDS = {
  paint: (fix) => _("划给 {grid}", { grid: nameOf(fix.to) }),
  renumber: () => _("重新编号"),
  split: () => _("画线切分"),
  duty: () => _("选人"),
  micro_grids: () => _("拆分微网格"),
};

/** An edit that is ready to be sent, or the tool that mends it. */
function fixButton(fix, open) {
  const word = FIX_WORDS[fix.op || fix.tool];
  const act = () => (fix.op ? edit(fix) : open(fix));
  return h("button", { type: "button", class: "link fix", onclick: act }, word ? word(fix) : _("改好"));
}

/** Before and after of each grid that changes, and what changes hands. */
export function showImpact(place) {
  const { grids, moves, members = [], duties = [] } = state.impact;
  place.hidden = !state.plan;
  fill(
    place,
    h("h2", {}, _("影响"), h("span", { class: "unit" }, _("原来 → 划分后"))),
    grids.length
      ? grids.map(gridImpact)
      : h("p", { class: "muted" }, _("还没有改动。改动后这里显示每个网格的户数、老人、案件前后对比。")),
    moves.length ? [h("h3", {}, _("转手")), h("ul", { class: "plain" }, moves.filter(({ from, to }) => from && to).map(moveLine))] : null,
    members.length ? memberTable(members) : null,
    duties.length ? [h("h3", {}, _("岗位变动")), h("ul", { class: "plain" }, duties.map(dutyLine))] : null,
  );
}

/** Households of each member over all grids served, and the load against what one member serves. */
function memberTable(members) {
  const line = (one) => h("tr", {}, h("th", { scope: "row" }, one.name || _("(无姓名)")), memberCells(one).map((cell) => h("td", {}, cell)));
  return h(
    "table",
    { class: "impact-table", "aria-label": _("网格员负荷前后对比") },
    h("thead", {}, h("tr", {}, [_("网格员"), _("户数"), _("负荷")].map((word) => h("th", { scope: "col" }, word)))),
    h("tbody", {}, members.map(line)),
  );
}

function memberCells(one) {
  const pair = (before, after, digits) => [before, after].map((value) => number(value ?? null, digits)).join(" → ");
  return [pair(one.households_before, one.households_after, 0), pair(one.load_before, one.load_after, 2)];
}

function dutyLine({ area_name: area, name, kind, change: what }) {
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

function gridImpact(grid) {
  const { before, after } = grid;
  const mark = !before ? _("新网格") : !after ? _("已并掉") : null;
  const known = FIGURES.filter(([key]) => key in (before || {}) || key in (after || {}));
  const name = state.grids.has(grid.code) ? nameOf(grid.code) : grid.name;
  return h(
    "div",
    { class: "impact" },
    h("h3", {}, name, mark ? h("span", { class: "unit" }, mark) : null),
    sizeBar(before?.households, after?.households),
    h(
      "table",
      { class: "impact-table", "aria-label": _("{grid} 前后对比", { grid: name }) },
      h("thead", {}, h("tr", {}, [_("项目"), _("原来"), _("划分后"), _("增减")].map((word) => h("th", { scope: "col" }, word)))),
      h(
        "tbody",
        {},
        known.map(([key, word]) => (isHidden(key, before, after) ? hiddenRow(word(), key, [before, after]) : change(word(), before?.[key], after?.[key]))),
        change(_("负荷(户数÷{norm})", { norm: normOf().per_member }), grid.load_before, grid.load_after, 2),
        change(_("紧凑度"), grid.compactness_before, grid.compactness_after, 2),
      ),
    ),
  );
}

/** Whether a count is too small to be shown to this account. */
function isHidden(key, ...sides) {
  return sides.some((side) => side?.suppressed?.includes(key));
}

function hiddenRow(name, key, sides) {
  const cells = sides.map((side) => (isHidden(key, side) ? "<5" : number(side?.[key] ?? null)));
  return h("tr", { class: "muted" }, h("th", { scope: "row" }, name), [...cells, null].map((cell) => h("td", {}, cell)));
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
  const rest = { elders: move.elders ?? 0, cases: move.open_cases ?? 0 };
  const visited = move.elders_80;
  return h(
    "li",
    {},
    _("{from} → {to}:{buildings} 栋、{homes} 户", values),
    h("br"),
    h("span", { class: "muted" }, _("老人 {elders} 人,在办案件 {cases} 件", rest)),
    visited ? h("span", { class: "muted" }, _(",其中 80 岁以上 {n} 人", { n: visited })) : null,
  );
}

/** What was done, the latest first, and what was said. */
export function showHistory(place) {
  place.hidden = !state.plan;
  if (!state.plan) return;
  const { edits, notes } = state.plan;
  const said = notes || [];
  fill(
    place,
    h("h2", {}, _("改动记录"), h("span", { class: "unit" }, _("{n} 步", { n: edits.length }))),
    edits.length
      ? h("ol", { class: "plain edits", reversed: true }, [...edits].reverse().map(line))
      : h("p", { class: "muted" }, _("还没有改动。")),
    said.length ? [h("h3", {}, _("意见")), h("ul", { class: "plain" }, said.map(note))] : null,
  );
}

const DONE = {
  paint: (one) => _("{n} 处划入 {grid}", { n: one.cells ?? "", grid: nameOf(one.to) }),
  merge: (one) => _("{grids} 并为 {keep}", { grids: one.grids.map(nameOf).join("、"), keep: nameOf(one.keep) }),
  split: (one) => _("切分 {grid}", { grid: nameOf(one.grid) }),
  reshape: (one) => _("重画 {grid}", { grid: nameOf(one.grid) }),
  rename: (one) => _("改名为 {name}", { name: one.name }),
  lock: (one) => _("锁定或解锁 {grid}", { grid: nameOf(one.grid) }),
  move: () => _("移动边界"),
  divide: () => _("拆分楼栋地块"),
  outline: () => _("改社区外边界"),
  transfer: (one) => _("{grid} 划给社区 {to}", { grid: nameOf(one.grid), to: one.to }),
  duty: (one) => _("{grid} 换人负责", { grid: nameOf(one.area) }),
  renumber: () => _("重新编号"),
  tidy: () => _("理顺边界"),
  subdivide: (one) => _("{grid} 拆分微网格", { grid: nameOf(one.grid) }),
  assign: () => _("采用方案助手的建议"),
};

function line(one) {
  const { op, summary, at, by } = one;
  const told = Object.hasOwn(DONE, op) && typeof summary === "object" ? DONE[op](summary) : String(summary ?? op);
  const origin = op === "paint" ? originOf(one) : null;
  return h("li", {}, told, origin ? h("span", { class: "origin" }, originWord(origin, summary.to)) : null, h("span", { class: "muted" }, ` ${[by, time(at)].filter(Boolean).join(" · ")}`));
}

/** From which grid to which, and the addresses where it was one cell. */
function originWord({ cells, from }, to) {
  const way = `${from.map(nameOf).join("、")} → ${nameOf(to)}`;
  const cell = cells.length === 1 && hasPlaces() ? state.store.get(cells[0]) : null;
  return cell ? `${way} · ${placeOf(cell)}` : way;
}

const KINDS = {
  comment: () => _("留言"),
  submit: () => _("提交"),
  approve: () => _("同意"),
  return: () => _("退回"),
  publish: () => _("发布"),
  withdraw: () => _("撤回"),
};

function note({ kind, text, at, by }) {
  const word = Object.hasOwn(KINDS, kind) ? KINDS[kind]() : kind;
  return h("li", {}, h("strong", {}, word), " ", text, h("span", { class: "muted" }, ` ${[by, time(at)].filter(Boolean).join(" · ")}`));
}
