// Indicators of cases: totals with their definitions, bars and a table of the same figures, the cases behind them.

import { closeBehind, openBehind } from "./drilldown.js";
import { showPivot } from "./pivot.js";
import { columnsOf, drawBars, drawDefinitions, drawTiles, SETS } from "./view.js";
import { address, getJson } from "../../static/js/fetch.js";
import { bindFilters } from "../../static/js/filters.js";
import { daysBefore } from "../../static/js/format.js";
import { startFrame } from "../../static/js/frame.js";
import { _ } from "../../static/js/i18n.js";
import { page } from "../../static/js/page.js";
import { read, write } from "../../static/js/state.js";
import { waitIn } from "../../static/js/status.js";
import { sortableTable } from "../../static/js/table.js";

const form = document.getElementById("filters");
const place = document.getElementById("status");
const self = { rows: [], total: null };

startFrame();
const table = sortableTable(document.getElementById("rows"), {
  columns: [],
  keyOf: (row) => row.code,
  onSelect: () => {},
  empty: _("这段时间没有案件。"),
});
const values = bindFilters(form, () => {
  closeBehind();
  load();
});
const counts = document.querySelector("#pivot-form [name=count]");
for (const [code, word] of Object.entries(page.indicators.counts)) counts.append(new Option(word, code));
counts.value = "reported";
const pivotValues = bindFilters(document.getElementById("pivot-form"), loadPivot);
load();

/** What is asked for, as the interface takes it. */
function asked() {
  const { span, from, to, by, borders, category } = values();
  const days = span === "own" ? { from, to } : daysOf(span);
  return { ...days, by, borders: by === "grid" ? borders : "", category, as_of: page.as_of };
}

function daysOf(span) {
  const to = page.as_of;
  const first = `${to.slice(0, 8)}01`;
  if (span === "month") return { from: first, to };
  if (span === "last_month") {
    const last = daysBefore(first, 1);
    return { from: `${last.slice(0, 8)}01`, to: last };
  }
  return { from: daysBefore(to, span === "year" ? 364 : 89), to };
}

async function load() {
  const { by, span } = values();
  for (const field of form.querySelectorAll(".own-days")) field.hidden = span !== "own";
  form.querySelector(".by-grid").hidden = by !== "grid";
  document.getElementById("csv").href = address("/api/v1/indicators.csv", asked());
  const answer = await waitIn(place, () => getJson("/api/v1/indicators", asked()));
  if (!answer) return;
  self.rows = answer.rows;
  self.total = answer.meta.total || null;
  document.getElementById("about").textContent = aboutOf(answer.meta);
  show();
  loadPivot();
}

function aboutOf({ period, confidential_left_out: left, own_only: own }) {
  return [
    `${period.from} – ${period.to}`,
    own ? _("只算您看得到的案件。") : left ? _("不含保密类别。") : null,
  ]
    .filter(Boolean)
    .join(" · ");
}

function show() {
  const set = SETS[values().set];
  const measure = set.includes(read("measure")) ? read("measure") : set[0];
  const choose = (code) => {
    write({ measure: code });
    show();
  };
  drawTiles(document.getElementById("tiles"), self.total, { set, measure, choose, open: behind });
  drawBars(document.getElementById("chart"), self.rows, { measure });
  drawDefinitions(document.getElementById("definitions"), set);
  table.setColumns(columnsOf(set, values().by, behind));
  table.setRows(self.rows);
}

/** List the cases a number counts; without a row those of all rows. */
function behind(count, row) {
  openBehind({ ...asked(), count, code: row ? row.code : undefined }, { count, row });
}

function loadPivot() {
  const { lines, count } = pivotValues();
  const query = { ...asked(), by: lines, count };
  showPivot(query, (line, grid) => {
    const name = `${line.name || _("其他")} · ${grid.name || _("未归入网格")}`;
    openBehind({ ...query, code: line.code, grid: grid.code }, { count, row: { name } });
  });
}
