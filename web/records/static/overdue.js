// What is late in which grid, and why, as a table by grid.

import { fill, h } from "../../static/js/dom.js";
import { getJson } from "../../static/js/fetch.js";
import { number } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { emptyNote, waitIn } from "../../static/js/status.js";

const columns = () => [
  ["overdue", _("超期")],
  ["nobody", _("没有人负责")],
  ["not_met", _("两次没见到")],
  ["impossible", _("不能完成")],
  ["waiting", _("其余")],
  ["missed", _("上月以来没做")],
  ["moved", _("已搬离")],
  ["refused", _("未同意,不安排")],
];

/** Fill the section with the table. */
export async function showOverdue(section) {
  const answer = await waitIn(section.querySelector(".status"), () => getJson("/api/v1/work/overdue"));
  if (!answer) return;
  const rows = answer.rows.filter((row) => columns().some(([name]) => row[name]) || !row.has_member);
  fill(section.querySelector(".content"), rows.length ? table(rows) : emptyNote(_("各网格没有超期的任务。")));
}

function table(rows) {
  const heads = [h("th", { scope: "col" }, _("网格")), columns().map(([, word]) => h("th", { scope: "col", class: "number" }, word))];
  const body = h("tbody", {}, rows.map(gridLine));
  return h("div", { class: "table-box" }, h("table", { class: "data cards-on-phone" }, h("thead", {}, h("tr", {}, heads)), body));
}

/** A grid as a row, on a phone as a card: its name, how many are late, and why as far as there are any. */
function gridLine(row) {
  const nobody = row.code && !row.has_member ? h("small", {}, " ", _("没有网格员")) : null;
  const name = h("th", { scope: "row" }, row.name || _("未归入网格"), nobody);
  return h("tr", { class: row.overdue ? "late" : null }, name, columns().map(([key, word]) => numberCell(key, word, row[key])));
}

function numberCell(key, word, value) {
  const isNothing = key !== "overdue" && !value;
  return h("td", { class: isNothing ? "number nothing-here" : "number" }, h("span", { class: "only-phone" }, word, " "), number(value));
}
