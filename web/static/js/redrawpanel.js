// Beside the map: the plan, what is wrong with it, what it does to people and work, and what was done so far.

import { fill, h, icon } from "./dom.js";
import { number, signed, time } from "./format.js";
import { _ } from "./i18n.js";
import { flyTo, markPlace } from "./map.js";
import { nameOf, state } from "./redrawstate.js";

const LEVELS = { block: "bad", warn: "amber" };
const ICONS = { block: "exclamation-octagon", warn: "exclamation-triangle" };

/** Only what is amber or red now: one sentence each, and the way there. */
export function showFindings(place, map) {
  const wrong = state.findings.filter(({ level }) => LEVELS[level]);
  const blocks = wrong.filter(({ level }) => level === "block").length;
  place.hidden = !state.plan;
  fill(
    place,
    h("h2", {}, _("规则检查"), blocks ? h("span", { class: "unit" }, _("{n} 项须先改好", { n: blocks })) : null),
    wrong.length
      ? h("ul", { class: "plain findings" }, [...wrong].sort(byLevel).map((one) => finding(one, map)))
      : h("p", { class: "notice good" }, icon("check-circle"), _("没有需要处理的问题。")),
  );
}

function byLevel(a, b) {
  return (a.level === "block" ? 0 : 1) - (b.level === "block" ? 0 : 1);
}

function finding({ level, message, lon, lat }, map) {
  const fly = () => {
    flyTo(map, lon, lat, 17);
    markPlace(map, lon, lat);
  };
  const hasPlace = Number.isFinite(lon) && Number.isFinite(lat);
  return h(
    "li",
    { class: `notice ${LEVELS[level]}` },
    icon(ICONS[level]),
    h("span", {}, h("span", { class: "visually-hidden" }, level === "block" ? _("须改:") : _("注意:")), message),
    hasPlace ? h("button", { type: "button", class: "link", onclick: fly }, _("飞到")) : null,
  );
}

/** Before and after of each grid that changes, and what changes hands. */
export function showImpact(place) {
  const { grids, moves } = state.impact;
  place.hidden = !state.plan;
  fill(
    place,
    h("h2", {}, _("影响"), h("span", { class: "unit" }, _("原来 → 划分后"))),
    grids.length
      ? grids.map(gridImpact)
      : h("p", { class: "muted" }, _("还没有改动。改动后这里显示每个网格的户数、老人、案件前后对比。")),
    moves.length ? [h("h3", {}, _("转手")), h("ul", { class: "plain" }, moves.map(moveLine))] : null,
  );
}

function gridImpact(grid) {
  const { before, after } = grid;
  const mark = !before ? _("新网格") : !after ? _("已并掉") : null;
  return h(
    "div",
    { class: "impact" },
    h("h3", {}, state.grids.has(grid.code) ? nameOf(grid.code) : grid.name, mark ? h("span", { class: "unit" }, mark) : null),
    h(
      "dl",
      { class: "facts" },
      change(_("户数"), before?.households, after?.households),
      change(_("人口"), before?.residents, after?.residents),
      change(_("老人"), before?.elders, after?.elders),
      change(_("在办案件"), before?.open_cases, after?.open_cases),
      change(_("负荷"), grid.load_before, grid.load_after, 2),
      change(_("紧凑度"), grid.compactness_before, grid.compactness_after, 2),
    ),
  );
}

function change(name, before, after, digits = 0) {
  const [old, now] = [before ?? null, after ?? null];
  const isSame = old !== null && now !== null && number(old, digits) === number(now, digits);
  const text = isSame ? number(now, digits) : `${number(old, digits)} → ${number(now, digits)}`;
  const moved = !digits && old !== null && now !== null && old !== now ? h("small", {}, ` ${signed(now - old)}`) : null;
  return h("div", {}, h("dt", {}, name), h("dd", { class: isSame ? "muted" : null }, text, moved));
}

function moveLine(move) {
  const values = { from: nameOf(move.from), to: nameOf(move.to), buildings: move.buildings, homes: move.households };
  const rest = { elders: move.elders ?? 0, cases: move.open_cases ?? 0 };
  return h(
    "li",
    {},
    _("{from} → {to}:{buildings} 栋、{homes} 户", values),
    h("br"),
    h("span", { class: "muted" }, _("老人 {elders} 人,在办案件 {cases} 件", rest)),
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
  paint: (edit) => _("{n} 处划入 {grid}", { n: edit.cells ?? "", grid: nameOf(edit.to) }),
  merge: (edit) => _("{grids} 并为 {keep}", { grids: edit.grids.map(nameOf).join("、"), keep: nameOf(edit.keep) }),
  split: (edit) => _("切分 {grid}", { grid: nameOf(edit.grid) }),
  reshape: (edit) => _("重画 {grid}", { grid: nameOf(edit.grid) }),
  rename: (edit) => _("改名为 {name}", { name: edit.name }),
  lock: (edit) => _("锁定或解锁 {grid}", { grid: nameOf(edit.grid) }),
};

function line({ op, summary, at, by }) {
  const told = Object.hasOwn(DONE, op) && typeof summary === "object" ? DONE[op](summary) : String(summary ?? op);
  return h("li", {}, told, h("span", { class: "muted" }, ` ${[by, time(at)].filter(Boolean).join(" · ")}`));
}

const KINDS = {
  comment: () => _("留言"),
  submit: () => _("提交"),
  approve: () => _("同意"),
  return: () => _("退回"),
  publish: () => _("发布"),
};

function note({ kind, text, at, by }) {
  const word = Object.hasOwn(KINDS, kind) ? KINDS[kind]() : kind;
  return h("li", {}, h("strong", {}, word), " ", text, h("span", { class: "muted" }, ` ${[by, time(at)].filter(Boolean).join(" · ")}`));
}
