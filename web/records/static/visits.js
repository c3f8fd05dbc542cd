// Visits in five steps that aren't done yet: which step each waits for, until when, and the way on.

import { fill, h } from "../../static/js/dom.js";
import { getJson, sendJson } from "../../static/js/fetch.js";
import { number } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { page } from "../../static/js/page.js";
import { waitIn } from "../../static/js/status.js";
import { wordOf } from "../../static/js/words.js";
import { reasonForm } from "../../people/static/register/reason.js";
import { recordAddress } from "./addresses.js";
import { titleOf } from "./recordlines.js";
import { stepsOf, waitingNote, wayOn } from "./visitsteps.js";

const stepWord = wordOf("visit_steps");
const byCode = new Intl.Collator("zh", { numeric: true }).compare;

/** Fill the section; it stays hidden where no visit waits. Who sees whole grids has them counted, heads open the list by a reason. */
export async function showVisits(section) {
  const byGrid = Boolean(document.getElementById("overdue"));
  const isHead = page.role === "head";
  const answer = await waitIn(section.querySelector(".status"), () => Promise.all([byGrid ? getJson("/api/v1/work/visits/grids") : null, isHead ? null : getJson("/api/v1/work/visits")]));
  if (!answer) return;
  const [grids, own] = answer;
  const count = grids ? grids.rows.reduce((total, row) => total + row.waiting, 0) : own.rows.length;
  section.hidden = !count;
  section.querySelector(".unit").textContent = _("{n} 项", { n: number(count) });
  const place = h("div", {}, own ? list(own.rows) : reasonForm((reason) => openList(section, place, reason), _("查看是哪些住户要写明事由,并会留下记录。")));
  fill(section.querySelector(".content"), grids ? table(grids.rows) : null, place);
}

async function openList(section, place, reason) {
  const answer = await waitIn(section.querySelector(".status"), () => sendJson("/api/v1/work/visits", { reason }));
  if (answer) fill(place, list(answer.rows));
}

/** By grid and by step, grids apart where nothing waits. */
function table(rows) {
  const columns = [["visit", stepWord("visit")], ["coordination", stepWord("coordination")], ["feedback", stepWord("feedback")], ["waiting", _("合计")], ["late", _("超期")]];
  const heads = h("tr", {}, h("th", { scope: "col" }, _("网格")), columns.map(([, word]) => h("th", { scope: "col", class: "number" }, word)));
  const lines = rows.filter(({ waiting }) => waiting).map((row) => h("tr", { class: row.late ? "late" : null }, h("th", { scope: "row" }, row.name || _("未归入网格")), columns.map(([name]) => h("td", { class: "number" }, number(row[name])))));
  return h("div", { class: "table-box" }, h("table", { class: "data" }, h("thead", {}, heads), h("tbody", {}, lines)));
}

/** The visits, under their grids where there are several. */
function list(rows) {
  const grids = new Map();
  for (const row of rows) grids.set(row.grid, [...(grids.get(row.grid) ?? []), row]);
  const names = [...grids].sort(([a], [b]) => byCode(a, b));
  return names.map(([, visits]) => [names.length > 1 ? h("h3", {}, visits[0].grid_name || _("未归入网格")) : null, h("ul", { class: "plain record visits" }, visits.map(line))]);
}

function line(visit) {
  const { record, is_late: isLate } = visit;
  return h(
    "li",
    { class: isLate ? "late" : null },
    h("p", {}, h("time", {}, record.day), " ", h("a", { href: recordAddress(record.id) }, titleOf(record)), ` ${record.subject.label}`, h("span", { class: "muted" }, record.by ? ` ${record.by}` : "")),
    stepsOf(visit),
    waitingNote(visit),
    h("div", { class: "answers" }, wayOn(visit, record)),
  );
}
