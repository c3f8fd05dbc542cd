// Two ways at once: departments or categories (条) by grids (块), each number a list of cases.

import { categoryWord } from "../../cases/static/categories.js";
import { fill, h } from "../../static/js/dom.js";
import { address, getJson } from "../../static/js/fetch.js";
import { number } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { waitIn } from "../../static/js/status.js";

const table = document.getElementById("pivot");
const place = document.getElementById("pivot-status");

export async function showPivot(query, open) {
  document.getElementById("pivot-csv").href = address("/api/v1/indicators/pivot.csv", query);
  const answer = await waitIn(place, () => getJson("/api/v1/indicators/pivot", query));
  if (!answer) return;
  const { columns, rows } = answer;
  const sums = columns.map((_column, place) => rows.reduce((sum, row) => sum + row.cells[place], 0));
  fill(
    table,
    h("caption", { class: "visually-hidden" }, _("条块对照")),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, ""), columns.map(head), h("th", { scope: "col", class: "numeric" }, _("合计")))),
    h("tbody", {}, rows.map((row) => line(row, columns, open)), rows.length ? last(sums) : nothing(columns)),
  );
}

function head(column) {
  return h("th", { scope: "col", class: "numeric" }, column.name || _("未归入网格"));
}

function line(row, columns, open) {
  const cell = (count, place) =>
    h(
      "td",
      { class: "numeric" },
      count
        ? h("button", { type: "button", class: "number-link", onclick: () => open(row, columns[place]) }, number(count))
        : h("span", { class: "muted" }, "0"),
    );
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, categoryWord(row.name || row.code) || _("其他")),
    row.cells.map(cell),
    h("td", { class: "numeric" }, number(row.total)),
  );
}

function last(sums) {
  const total = sums.reduce((sum, count) => sum + count, 0);
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, _("合计")),
    sums.map((count) => h("td", { class: "numeric" }, number(count))),
    h("td", { class: "numeric" }, h("strong", {}, number(total))),
  );
}

function nothing(columns) {
  return h("tr", {}, h("td", { colspan: columns.length + 2, class: "nothing" }, _("这段时间没有案件。")));
}
