// Start pages: what is late, what is due, and where to look.

import { stateWord } from "../../cases/static/words.js";
import { hatch } from "../../static/map/areas.js";
import { categoryWord } from "../../cases/static/categories.js";
import { classBreaks, classOf, coloursFor } from "../../static/map/classes.js";
import { fill, h, icon } from "../../static/js/dom.js";
import { getJson } from "../../static/js/fetch.js";
import { daysBefore, number } from "../../static/js/format.js";
import { startFrame } from "../../static/js/frame.js";
import { aimTiles, askMonths } from "./aims.js";
import { showElders, showToVerify } from "./homes.js";
import { _ } from "../../static/js/i18n.js";
import { countdown } from "../../cases/static/limit.js";
import { drawMiniMap } from "../../static/map/minimap.js";
import { page } from "../../static/js/page.js";
import { reachTile } from "../../figures/static/reach.js";
import { emptyNote, waitIn } from "../../static/js/status.js";
import { loadWord } from "../../static/js/words.js";

const LISTED = 12;
const RAMPS = {
  cases: ["#ffffb2", "#fecc5c", "#fd8d3c", "#f03b20", "#bd0026"],
  elders: ["#eff3ff", "#bdd7e7", "#6baed6", "#3182bd", "#08519c"],
  load: { low: "#bdd7e7", ok: "#a5d3a7", high: "#f2c078", over: "#c62828" },
};

startFrame();
const grids = window.gisgrid ? import("./grids.js") : null; // only where the page has a map
const todo = document.getElementById("todo");
const warnings = document.getElementById("warnings");
const numbers = document.getElementById("numbers");
const [verify, elders] = ["to-verify", "elders"].map((id) => document.getElementById(id));
if (todo) showTodo();
if (verify) showToVerify(verify);
if (elders) showElders(elders);
if (warnings) showWarnings();
if (numbers) showNumbers();

/** Open cases of the account, the late ones first; more than one page of them is counted by the server. */
async function showTodo() {
  const own = { mine: 1, state: "open" };
  const answer = await waitIn(todo.querySelector(".status"), async () => {
    const { rows, total } = await getJson("/api/v1/cases", { ...own, order: "due" });
    const isWhole = rows.length === total;
    const late = isWhole ? rows.filter((row) => row.overdue).length : (await getJson("/api/v1/cases", { ...own, late: 1 })).total;
    return { rows, total, late };
  });
  if (!answer) return;
  const { rows, late } = answer;
  todo.querySelector(".count").textContent = late
    ? _("{n} 件,{late} 件超期", { n: answer.total, late })
    : _("{n} 件", { n: answer.total });
  fill(
    todo.querySelector(".content"),
    rows.length
      ? h("ol", { class: "todo" }, rows.slice(0, LISTED).map(todoLine))
      : emptyNote(
          _("今天没有待办案件。发现问题请上报。"),
          h("a", { class: "button primary", href: "/cases/new" }, _("上报案件")),
        ),
  );
  if (grids) (await grids).showCases(rows.slice(0, LISTED));
}

function todoLine(row) {
  return h(
    "li",
    { class: row.overdue ? "late" : null },
    h(
      "a",
      { href: `/cases/${encodeURIComponent(row.id)}` },
      h("strong", {}, categoryWord(row.category_name || row.category)),
      h("span", {}, row.address || row.number),
      countdown(row) || h("span", { class: "load" }, icon("clock"), stateWord(row.state)),
    ),
  );
}

/** What is out of order: overloaded or orphaned grids, grids no station reaches. */
async function showWarnings() {
  const answer = await waitIn(warnings.querySelector(".status"), () =>
    Promise.all([
      getJson("/api/v1/territories", { as_of: page.as_of }),
      getJson("/api/v1/coverage/elderly", { distance: 500, as_of: page.as_of }),
    ]),
  );
  if (!answer) return;
  const lines = [...loadLines(answer[0].rows), ...reachLines(answer[1].rows)];
  warnings.querySelector(".count").textContent = _("{n} 项", { n: lines.length });
  fill(
    warnings.querySelector(".content"),
    lines.length ? h("ul", { class: "todo" }, lines) : emptyNote(_("各网格一切正常。")),
  );
}

function warningLine(href, tone, title, text) {
  return h(
    "li",
    {},
    h(
      "a",
      { href },
      h("strong", {}, title),
      h(
        "span",
        { class: `load ${tone}` },
        icon(tone === "bad" ? "exclamation-octagon" : "exclamation-triangle"),
        text,
      ),
    ),
  );
}

function loadLines(rows) {
  return rows
    .filter((row) => !row.member || row.norm_class === "over")
    .map((row) => {
      const grids = (row.grid_names || row.grids).join("、");
      const href = `/maps/territories?area=${encodeURIComponent(row.grids[0] || "")}`;
      return row.member
        ? warningLine(
            href,
            "bad",
            grids,
            [loadWord(row.norm_class), _("{n} 户", { n: number(row.households) })].join(" · "),
          )
        : warningLine(href, "bad", grids, _("没有网格员"));
    });
}

function reachLines(rows) {
  return rows
    .filter((row) => row.elders > 0 && row.reached === 0)
    .map((row) =>
      warningLine(
        `/maps/elderly?area=${encodeURIComponent(row.code)}`,
        "amber",
        row.name || row.code,
        _("{n} 位老人步行 500 米内没有服务站", { n: number(row.elders) }),
      ),
    );
}

/** Four numbers and three small maps for those who look for two minutes. */
async function showNumbers() {
  const ofAims = "aims" in numbers.dataset;
  const asked = {
    from: daysBefore(page.as_of, 89),
    to: page.as_of,
    level: "grid",
    as_of: page.as_of,
    compare: "previous",
  };
  const answer = await waitIn(numbers.querySelector(".status"), () =>
    Promise.all([
      getJson("/api/v1/areas", { level: "grid", as_of: page.as_of, simplify: 2 }),
      getJson("/api/v1/hotspots", asked),
      getJson("/api/v1/coverage/elderly", { distance: 500, as_of: page.as_of }),
      getJson("/api/v1/territories", { as_of: page.as_of }),
      ofAims ? askMonths() : askOpen(),
    ]),
  );
  if (!answer) return;
  const [areas, hotspots, elderly, territories, more] = answer;
  const homes = areas.features.reduce((total, { properties }) => total + (properties.households || 0), 0);
  const tiles = ofAims
    ? aimTiles(more, elderly.rows, homes)
    : fourNumbers(hotspots, elderly.rows, territories.rows, more);
  fill(numbers.querySelector(".content"), tiles);
  miniMaps(areas.features, hotspots.rows, elderly.rows, territories.rows);
}

function sum(rows, key) {
  return rows.reduce((total, row) => total + (row[key] || 0), 0);
}

/** How many cases are open as the list counts them; of a past day only the grids' own numbers are known. */
async function askOpen() {
  return page.as_of < page.today ? null : (await getJson("/api/v1/cases", { state: "open" })).total;
}

function fourNumbers(hotspots, elderly, territories, open) {
  const [count, previous] = [sum(hotspots.rows, "count"), sum(hotspots.rows, "previous")];
  const orphans = territories.filter((row) => !row.member || row.norm_class === "over").length;
  const change = previous ? _("上期 {n} 件", { n: number(previous) }) : null;
  const inGrids = sum(territories, "open_cases");
  return [
    tile(_("近 90 天案件"), number(count), [change, outside(hotspots.meta.unassigned)].filter(Boolean).join(" · "), "/maps/hotspots"),
    tile(_("在办案件"), number(open ?? inGrids), open === null ? null : outside(open - inGrids, true), "/cases"),
    reachTile(elderly),
    tile(
      _("超负荷或缺网格员的网格"),
      number(orphans),
      _("共 {n} 名网格员", { n: number(territories.filter((row) => row.member).length) }),
      "/maps/territories",
    ),
  ];
}

/** Cases that lie in no grid: beside a number, or among it. */
function outside(count, isAmong = false) {
  if (!count || count < 0) return null;
  return isAmong ? _("其中 {n} 件未归入网格", { n: number(count) }) : _("另有 {n} 件未归入网格", { n: number(count) });
}

function tile(name, value, note, href) {
  return h(
    "a",
    { class: "tile", href },
    h("span", {}, name),
    h("strong", {}, value),
    note ? h("small", {}, note) : null,
  );
}

function miniMaps(features, hotspots, elderly, territories) {
  const share = (row) => (row.elders && row.reached !== null ? (100 * row.reached) / row.elders : null);
  const loads = new Map(
    territories.flatMap((row) => row.grids.map((code) => [code, RAMPS.load[row.norm_class]])),
  );
  draw(
    "mini-hotspots",
    features,
    byClass(hotspots, (row) => row.count || null, RAMPS.cases, (row) => row.count === 0),
  );
  draw("mini-elderly", features, byClass(elderly, share, RAMPS.elders, (row) => row.elders === 0));
  draw("mini-territories", features, (code) => loads.get(code));
}

/** Colours of areas by class; where there is nothing to count they stay white. */
function byClass(rows, valueOf, ramp, isEmpty) {
  const values = new Map(rows.map((row) => [row.code, valueOf(row)]));
  const empty = new Set(rows.filter(isEmpty).map((row) => row.code));
  const breaks = classBreaks([...values.values()]);
  const colours = coloursFor(ramp, breaks.length);
  return (code) => (empty.has(code) ? "#ffffff" : colours[classOf(values.get(code), breaks)]);
}

function draw(id, features, colourOf) {
  const canvas = document.getElementById(id);
  if (canvas && features.length) drawMiniMap(canvas, features, (area) => colourOf(area.code) || hatch());
}
