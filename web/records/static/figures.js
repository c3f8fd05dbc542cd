// Counts of records: forms by areas for some days, and one form by month or quarter as bars and as a table.

import { bar, fill, h } from "../../static/js/dom.js";
import { address, getJson } from "../../static/js/fetch.js";
import { bindFilters } from "../../static/js/filters.js";
import { daysBefore, number } from "../../static/js/format.js";
import { startFrame } from "../../static/js/frame.js";
import { _ } from "../../static/js/i18n.js";
import { page } from "../../static/js/page.js";
import { read, write } from "../../static/js/state.js";
import { waitIn } from "../../static/js/status.js";
import { sortableTable } from "../../static/js/table.js";
import { isWithheld, rowNumber } from "../../static/js/withheld.js";
import { levelWord, wordOf } from "../../static/js/words.js";
import { titleOf } from "./recordlines.js";

const FIGURES = "/api/v1/records/figures";
const COUNTS = {
  records: () => _("记录数"),
  subjects: () => _("对象数"),
  met: () => _("见到"),
  unmet: () => _("没见到"),
};
const wholeWord = wordOf("indicator_groups");
const MONTHS = 11; // before that of the last day

startFrame();
const form = document.getElementById("filters");
const table = sortableTable(document.getElementById("rows"), {
  columns: [],
  keyOf: (row) => row.code,
  onSelect: chooseArea,
  empty: _("这些日子没有记录。换一张表单或改日期看看。"),
});
const spans = sortableTable(document.getElementById("spans"), {
  columns: spanColumns(),
  keyOf: (row) => row.first,
  onSelect: () => {},
  empty: _("这段时间没有记录。"),
});
const values = bindFilters(form, () => {
  write({ grid: "" });
  load();
});
const self = { areas: [], forms: [] };
load();

/** What is asked for, as the interface takes it. */
function asked() {
  const { span, from, to, form: code, level } = values();
  const days = span === "own" ? { from, to } : daysOf(span);
  return { ...days, form: code, level, as_of: page.as_of };
}

function daysOf(span) {
  const to = page.as_of;
  const first = `${to.slice(0, 8)}01`;
  if (span === "month") return { from: first, to };
  if (span === "last_quarter") return lastQuarter(to);
  if (span === "quarter") return { from: daysBefore(to, 89), to };
  const last = daysBefore(first, 1);
  return { from: `${last.slice(0, 8)}01`, to: last };
}

/** The quarter before that of a day: the only days of which small counts are kept apart for everybody. */
function lastQuarter(dayText) {
  const [year, month] = dayText.split("-").map(Number);
  const begin = 3 * Math.floor((month - 1) / 3); // months of the year before its quarter
  const day = (months) => new Date(Date.UTC(year, months, 1)).toISOString().slice(0, 10);
  return { from: day(begin - 3), to: daysBefore(day(begin), 1) };
}

async function load() {
  const query = asked();
  for (const field of form.querySelectorAll(".own-days")) field.hidden = values().span !== "own";
  document.getElementById("csv").href = address(`${FIGURES}.csv`, query);
  const [areas, whole] = (await waitIn(document.getElementById("status"), () =>
    Promise.all([getJson(FIGURES, query), getJson(FIGURES, { ...query, level: "community" })]),
  )) || [null, null];
  if (!areas) return;
  document.getElementById("days").textContent = daysText(areas.meta.period);
  show(areas.rows, whole.rows);
  loadSpans();
}

function daysText({ from, to }) {
  const days = _("{first} 至 {last}", { first: from, last: to });
  return page.exact ? days : `${days} · ${_("涉及人的数字按整季度统计,小数字不显示")}`;
}

function show(rows, whole) {
  const { form: code, level } = values();
  const isAsked = rows.some((row) => row.met !== null || isWithheld(row, "met"));
  self.areas = byArea(rows);
  self.forms = [...new Map(rows.map((row) => [row.form, row])).values()];
  table.setColumns([nameColumn(level), ...(code ? countColumns(isAsked, only) : self.forms.map(formColumn))]);
  const isEmpty = whole.every((row) => row.records === 0);
  table.setRows(isEmpty ? [] : [...byArea(whole).map((row) => ({ ...row, name: wholeWord("community"), isWhole: true })), ...self.areas]);
  table.select(read("grid") || null);
}

/** A row for each area with the counts of each form below its code. */
function byArea(rows) {
  const areas = new Map();
  for (const row of rows) {
    if (!areas.has(row.code)) areas.set(row.code, { code: row.code, name: row.name, of: {} });
    areas.get(row.code).of[row.form] = row;
  }
  return [...areas.values()];
}

const only = (row) => Object.values(row.of)[0];

function nameColumn(level) {
  return { key: "name", title: levelWord(level), value: (row) => row.code, cell: (row) => row.name || row.code };
}

function formColumn(row) {
  const code = row.form;
  return {
    key: code,
    title: titleOf(row),
    numeric: true,
    value: (area) => area.of[code]?.records,
    cell: (area) => rowNumber(area.of[code] || {}, "records"),
  };
}

function countColumns(isAsked, rowOf = (row) => row) {
  return Object.entries(COUNTS)
    .filter(([name]) => isAsked || !name.endsWith("met"))
    .map(([name, word]) => ({
      key: name,
      title: word(),
      numeric: true,
      value: (row) => rowOf(row)[name],
      cell: (row) => rowNumber(rowOf(row), name),
    }));
}

function spanColumns(isAsked = true) {
  return [{ key: "first", title: _("月份"), value: (row) => row.first, cell: spanWord }, ...countColumns(isAsked)];
}

/** A whole month as 2026-11, other days by their ends. */
function spanWord({ first, last }) {
  const isMonth = first.slice(0, 7) === last.slice(0, 7);
  if (isMonth) return first.endsWith("-01") ? first.slice(0, 7) : _("{first} 至 {last}", { first, last });
  return _("{first} 至 {last}", { first: first.slice(0, 7), last: last.slice(0, 7) });
}

/** The months of a grid, or again of the community. */
function chooseArea(code, row) {
  if (values().level !== "grid") return;
  write({ grid: row.isWhole || read("grid") === code ? "" : code });
  table.select(read("grid") || null);
  loadSpans();
}

async function loadSpans() {
  const { form: code } = values();
  const section = document.getElementById("over-time");
  section.hidden = !code;
  if (!code) return;
  const query = { form: code, grid: read("grid"), by: page.exact ? "month" : "quarter", as_of: page.as_of, ...year() };
  document.getElementById("spans-csv").href = address(`${FIGURES}/spans.csv`, query);
  const answer = await waitIn(document.getElementById("spans-status"), () => getJson(`${FIGURES}/spans`, query));
  if (answer) showSpans(answer.rows);
}

/** The months up to that of the last day; without exact counts the quarters of that year that are over. */
function year() {
  const { to } = asked();
  const last = page.exact ? to || page.as_of : lastQuarter(page.as_of).to;
  const [years, month] = last.split("-").map(Number);
  return { from: new Date(Date.UTC(years, month - 1 - MONTHS, 1)).toISOString().slice(0, 10), to: last };
}

function showSpans(rows) {
  const area = self.areas.find((row) => row.code === read("grid"));
  const name = area ? area.name || area.code : wholeWord("community");
  const step = page.exact ? _("各月记录") : _("各季度记录");
  document.getElementById("spans-title").textContent = `${titleOf(rows[0])} · ${name} · ${step}`;
  const most = Math.max(1, ...rows.map((row) => row.records || 0));
  fill(
    document.getElementById("chart"),
    rows.map((row) =>
      h(
        "div",
        { class: "bar-line" },
        h("span", { class: "bar-name" }, spanWord(row)),
        bar((row.records || 0) / most),
        h("span", { class: "bar-value" }, isWithheld(row, "records") ? rowNumber(row, "records") : _("{n} 条", { n: number(row.records) })),
      ),
    ),
  );
  spans.setColumns(spanColumns(rows.some((row) => row.met !== null || isWithheld(row, "met"))));
  spans.setRows(rows);
}
