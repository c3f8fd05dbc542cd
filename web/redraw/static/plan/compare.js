// Two plans beside each other: their borders on the map, the plots that differ, and the figures of their grids.

import { fill, h, icon } from "../../../static/js/dom.js";
import { getJson } from "../../../static/js/fetch.js";
import { number } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";
import { legendLine } from "../legend.js";
import { byPair, openPicture, zoomTo } from "../picture.js";
import { loadPlans, pathTo, said } from "./plan.js";
import { changed, nameOf, newName, state } from "../state.js";
import { rowNumber } from "../../../static/js/withheld.js";
import { levelWord } from "../../../static/js/words.js";

const compared = { ids: [], table: null, failed: "", stand: "", chosen: null, turn: 0, map: null };
let asked = 0;
const EVERY_MS = 3000;

/** Draw what two plans differ in; call what is given at every change, so that nothing grows stale. */
export function openCompare(map) {
  compared.map = map;
  openPicture(map, "compare", picture);
  window.addEventListener("focus", lookAgain);
  document.addEventListener("visibilitychange", () => !document.hidden && lookAgain());
  return follow;
}

/** Whether two plans are compared now. */
export function isComparing() {
  return Boolean(compared.table);
}

/** Whether a plan is one of those that are compared. */
export function isTicked(id) {
  return compared.ids.includes(id);
}

function picture() {
  if (!compared.table) return null;
  const { areas: [a, b], plots } = compared.table;
  return { plots: plots.features, solid: a.features, dashed: b.features, isChosen: (pair) => !compared.chosen || compared.chosen === keyOf([pair.a, pair.b]) };
}

function keyOf(pair) {
  return pair.join(" → ");
}

/** Tick a plan, or take the tick away; of three the last two are compared. */
export function choose(id) {
  const ids = isTicked(id) ? compared.ids.filter((other) => other !== id) : [...compared.ids, id].slice(-2);
  Object.assign(compared, { ids, table: null, failed: "", stand: "", chosen: null });
  changed();
}

/** What others did meanwhile shows when the page is looked at again. */
async function lookAgain() {
  if (compared.ids.length < 2 || Date.now() - asked < EVERY_MS) return;
  asked = Date.now();
  try {
    await loadPlans();
  } catch {
    return; // without a network what stands is shown
  }
  compared.stand = "";
  changed();
}

/** How both plans stand now; the open one is known by its edits, the other by the list. */
function standOf() {
  return JSON.stringify(
    compared.ids.map((id) => {
      const row = state.plans.find((plan) => plan.id === id);
      const own = state.plan?.id === id ? state.plan : null;
      return [id, own?.state ?? row?.state, own ? own.edits.map(({ position, at }) => [position, at]) : row?.edits];
    }),
  );
}

async function follow() {
  dropGone();
  if (compared.ids.length < 2 || state.busy) return;
  const stand = standOf();
  if (stand === compared.stand) return;
  const isFirst = !compared.table && !compared.failed;
  compared.stand = stand;
  compared.turn += 1;
  const { turn } = compared;
  try {
    const [a, b] = compared.ids;
    const table = await getJson(pathTo("compare"), { a, b });
    if (turn !== compared.turn || compared.stand !== stand) return;
    Object.assign(compared, { table, failed: "" });
    if (isFirst) zoomTo(compared.map, table.plots.features);
  } catch (failure) {
    if (turn !== compared.turn) return;
    Object.assign(compared, { table: null, failed: said(failure) });
  }
  changed();
}

/** A plan that was published or thrown away is compared no longer. */
function dropGone() {
  const ids = compared.ids.filter((id) => state.plans.some((plan) => plan.id === id));
  if (ids.length === compared.ids.length) return;
  Object.assign(compared, { ids, table: null, failed: "", stand: "", chosen: null });
}

/** What two ticked plans differ in, or what is to be done to see it. */
export function compareBox() {
  const place = h("div", { class: "compare" });
  if (compared.failed) return fill(place, h("p", { class: "notice bad", role: "alert" }, icon("exclamation-octagon"), compared.failed));
  if (!compared.table) return fill(place, h("p", { class: "muted" }, _("勾选两个方案,可以对比。")));
  const { plans, grids, plots } = compared.table;
  const rows = grids.filter(({ a, b }) => FIGURES.some(([key]) => a?.[key] !== b?.[key]));
  return fill(
    place,
    h("p", {}, _("{n} 处地块归属不同。", { n: number(plots.features.length) })),
    h("ul", { class: "plain" }, plans.map(aboutOne)),
    h("ul", { class: "plain legend-lines" }, legendLine("solid", _("方案 A 的边界")), legendLine("dashed", _("方案 B 的边界")), legendLine("hatch", _("归属不同的地块"))),
    h("ul", { class: "plain pairs" }, byPair(plots.features, ["a", "b"]).map(pairLine)),
    rows.length ? compareTable(rows) : null,
  );
}

const FIGURES = [
  ["households", () => _("户数")],
  ["elders", () => _("老人")],
  ["open_cases", () => _("在办案件")],
];

function aboutOne({ name, edits, findings: { block, warn } }, index) {
  return h("li", {}, h("strong", {}, "AB"[index]), ` ${name}`, h("span", { class: "muted" }, ` · ${_("{n} 步", { n: edits })} · ${_("须改 {block},注意 {warn}", { block, warn })}`));
}

function named(code) {
  if (!code) return _("社区以外");
  const known = compared.table.grids.find((grid) => grid.code === code)?.name;
  if (state.grids.has(code)) return nameOf(code);
  return known && known !== code ? known : newName(code);
}

function pairLine({ key, features }) {
  const [a, b] = key.map(named);
  const words = _("A 归 {a},B 归 {b}:{n} 处", { a, b, n: number(features.length) });
  const isPressed = compared.chosen === keyOf(key);
  const look = () => {
    compared.chosen = isPressed ? null : keyOf(key);
    zoomTo(compared.map, isPressed ? compared.table.plots.features : features);
    changed();
  };
  return h("li", {}, h("span", {}, words), h("button", { type: "button", class: "link", id: `differ-${key.join("-")}`, "aria-pressed": String(isPressed), "aria-label": _("在图上看 {what}", { what: words }), onclick: look }, isPressed ? _("看全部") : _("在图上看")));
}

function compareTable(rows) {
  const titles = FIGURES.flatMap(([, word]) => ["A", "B"].map((plan) => `${word()} ${plan}`));
  const line = ({ code, a, b }) => {
    const cells = FIGURES.flatMap(([key]) => [a, b].map((side) => (side ? rowNumber(side, key) : number(null))));
    return h("tr", {}, h("th", { scope: "row" }, named(code)), cells.map((cell) => h("td", {}, cell)));
  };
  return h(
    "table",
    { class: "impact-table", "aria-label": _("两个方案对比") },
    h("thead", {}, h("tr", {}, [levelWord("grid"), ...titles].map((word) => h("th", { scope: "col" }, word)))),
    h("tbody", {}, rows.map(line)),
  );
}
