// Beside the map: what is wrong with the plan, and what was done so far.

import { fill, h, icon } from "../../static/js/dom.js";
import { time } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { flyTo, markPlace } from "../../static/map/map.js";
import { hasPlaces, placeOf } from "./places.js";
import { edit, originOf, withNames } from "./plan/plan.js";
import { isStopping, nameOf, state, wrongNow } from "./state.js";
import { authorOf, dutyWord, wordsOf } from "../../static/js/words.js";

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
  const sorted = [...wrong].sort((a, b) => rank(a) - rank(b)).map((row) => finding(row, map, open));
  const more = sorted.slice(FIRST_SHOWN);
  return [
    h("ul", { class: "plain findings" }, sorted.slice(0, FIRST_SHOWN)),
    more.length ? h("details", { class: "more-findings" }, h("summary", {}, _("另有 {n} 项", { n: more.length })), h("ul", { class: "plain findings" }, more)) : null,
  ];
}

/** What stops comes first, then what this plan touches. */
function rank(row) {
  return (isStopping(row) ? 0 : 2) + (row.touched === false ? 1 : 0);
}

function finding(row, map, open) {
  const { message, lon, lat } = row;
  const fly = () => {
    flyTo(map, lon, lat, 17);
    markPlace(map, lon, lat);
  };
  const hasPlace = Number.isFinite(lon) && Number.isFinite(lat);
  const [stops, symbol] = isStopping(row) ? ["bad", "exclamation-octagon"] : ["amber", "exclamation-triangle"];
  return h(
    "li",
    { class: `notice ${stops}` },
    icon(symbol),
    h("span", {}, h("span", { class: "visually-hidden" }, stops === "bad" ? _("须改:") : _("注意:")), withNames(message)),
    hasPlace ? h("button", { type: "button", class: "link", onclick: fly }, _("飞到")) : null,
    state.plan.may.includes("edit") && row.fix ? fixButton(row.fix, open) : null,
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
  paint: (summary) => _("{n} 处划入 {grid}", { n: summary.cells ?? "", grid: nameOf(summary.to) }),
  merge: (summary) => _("{grids} 并为 {keep}", { grids: summary.grids.map(nameOf).join("、"), keep: nameOf(summary.keep) }),
  split: (summary) => _("切分 {grid}", { grid: nameOf(summary.grid) }),
  reshape: (summary) => _("重画 {grid}", { grid: nameOf(summary.grid) }),
  rename: (summary) => _("改名为 {name}", { name: summary.name }),
  lock: (summary) => (summary.locked === false ? _("解锁 {grid}", { grid: nameOf(summary.grid) }) : _("锁定 {grid}", { grid: nameOf(summary.grid) })),
  move: () => _("移动边界"),
  divide: () => _("拆分楼栋地块"),
  outline: () => _("改社区外边界"),
  transfer: (summary) => _("{grid} 划给社区 {to}", { grid: nameOf(summary.grid), to: summary.to_name || summary.to }),
  duty: dutyDone,
  renumber: () => _("重新编号"),
  assign: () => _("采用方案助手的建议"),
  restore: (summary) => _("恢复第 {n} 版的划分", { n: summary.revision }),
};

function dutyDone({ area, worker_name: name, kind, end }) {
  const values = { grid: nameOf(area), name: name || _("(无姓名)"), kind: dutyWord(kind || "grid_member") };
  return end ? _("{name} 不再负责 {grid}({kind})", values) : _("{name} 负责 {grid}({kind})", values);
}

function line(entry) {
  const { op, summary, at, by } = entry;
  const text = Object.hasOwn(DONE, op) ? DONE[op](summary) : _("改动");
  const origin = op === "paint" ? originOf(entry) : null;
  return h("li", {}, text, origin ? h("span", { class: "origin" }, originWord(origin, summary.to)) : null, h("span", { class: "muted" }, ` ${[authorOf(by), time(at)].filter(Boolean).join(" · ")}`));
}

/** From which grid to which, and the addresses where it was one cell. */
function originWord({ cells, from }, to) {
  const way = `${from.map(nameOf).join("、")} → ${nameOf(to)}`;
  const cell = cells.length === 1 && hasPlaces() ? state.store.get(cells[0]) : null;
  return cell ? `${way} · ${placeOf(cell)}` : way;
}

const NOTES = wordsOf("plan_notes");

function note({ kind, text, at, by }) {
  const word = NOTES[kind] || _("记录");
  return h("li", {}, h("strong", {}, word), " ", text, h("span", { class: "muted" }, ` ${[authorOf(by), time(at)].filter(Boolean).join(" · ")}`));
}
