// A table that sorts by any column, marks a row, and tells when a row is chosen.

import { fill, h, icon } from "./dom.js";
import { _ } from "./i18n.js";
import { showMarks } from "../map/leftout.js";
import { read, write } from "./state.js";

/**
 * Columns: `key`, `title`, `numeric`, `value(row)` to sort by, `cell(row)` to show. `keyOf(row)` names a row.
 * `setColumns` changes what is shown, `setRows` the rows, `select` the marked row,
 * `setMarks` the names that stand on the map as a number only.
 */
export function sortableTable(table, { columns, keyOf, onSelect, empty }) {
  const self = { columns, rows: [], chosen: null, sort: read("sort", ""), marks: null };
  const render = () => {
    fill(table, caption(table), head(self, render), body(self, keyOf, onSelect, empty));
    if (self.marks) showMarks(table, self.marks);
  };
  return {
    setRows(rows) {
      self.rows = rows;
      render();
    },
    setColumns(changed) {
      self.columns = changed;
      render();
    },
    setMarks(marks) {
      self.marks = marks;
      showMarks(table, marks);
    },
    select(key) {
      self.chosen = key;
      for (const row of table.tBodies[0]?.rows || []) mark(row, key);
    },
    scrollTo(key) {
      const row = [...(table.tBodies[0]?.rows || [])].find((row) => row.dataset.key === String(key));
      if (row) row.scrollIntoView({ block: "nearest" });
    },
  };
}

function caption(table) {
  return h("caption", { class: "visually-hidden" }, table.dataset.caption || "");
}

function head(self, render) {
  return h(
    "thead",
    {},
    h(
      "tr",
      {},
      self.columns.map((column) => headCell(self, column, render)),
    ),
  );
}

function headCell(self, column, render) {
  const isSorted = self.sort.replace("-", "") === column.key;
  const isDown = self.sort.startsWith("-");
  const sorted = isSorted ? (isDown ? "descending" : "ascending") : null;
  const mark = isSorted ? icon(isDown ? "sort-down" : "sort-up") : null;
  const change = () => {
    if (isSorted) self.sort = isDown ? column.key : `-${column.key}`;
    else self.sort = column.numeric ? `-${column.key}` : column.key;
    write({ sort: self.sort });
    render();
  };
  return h(
    "th",
    { scope: "col", class: column.numeric ? "numeric" : null, "aria-sort": sorted },
    h("button", { type: "button", onclick: change, title: column.hint || _("点击排序") }, column.title, mark),
  );
}

function body(self, keyOf, onSelect, empty) {
  if (!self.rows.length) {
    return h("tbody", {}, h("tr", {}, h("td", { colspan: self.columns.length, class: "nothing" }, empty)));
  }
  return h(
    "tbody",
    {},
    sorted(self).map((row) => bodyRow(self, row, keyOf(row), onSelect)),
  );
}

function bodyRow(self, row, key, onSelect) {
  const choose = () => onSelect(key, row);
  const cells = self.columns.map((column, index) => {
    const shown = column.cell(row);
    const inside = index ? shown : h("button", { type: "button", class: "row-button" }, shown);
    return h(
      index ? "td" : "th",
      { class: column.numeric ? "numeric" : null, scope: index ? null : "row" },
      inside,
    );
  });
  const line = h("tr", { onclick: choose }, cells);
  line.dataset.key = key;
  mark(line, self.chosen);
  return line;
}

function mark(row, key) {
  if (key !== null && key !== undefined && row.dataset.key === String(key))
    row.setAttribute("aria-selected", "true");
  else row.removeAttribute("aria-selected");
}

function sorted(self) {
  const column = self.columns.find((column) => column.key === self.sort.replace("-", ""));
  if (!column) return self.rows;
  const turn = self.sort.startsWith("-") ? -1 : 1;
  return [...self.rows].sort((a, b) => compare(column.value(a), column.value(b), turn));
}

function compare(a, b, turn) {
  const [noA, noB] = [a === null || a === undefined, b === null || b === undefined];
  if (noA || noB) return noA - noB; // missing and withheld numbers stand last either way
  if (typeof a === "number" && typeof b === "number") return turn * (a - b);
  return turn * String(a).localeCompare(String(b), "zh-CN", { numeric: true });
}
