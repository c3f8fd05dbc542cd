// What was noted of a household and what waits there, on its page: days with forms, who came, whether somebody was met.

import { fill, h, icon } from "../../static/js/dom.js";
import { getJson, sendJson } from "../../static/js/fetch.js";
import { number } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { may, page } from "../../static/js/page.js";
import { emptyNote, waitIn } from "../../static/js/status.js";
import { wordOf } from "../../static/js/words.js";
import { caseLinks, lineOf, titleOf } from "./recordlines.js";
import { fillAddress } from "./addresses.js";

const FIRST = 5;
const section = document.getElementById("records");
const purposeWord = wordOf("purposes");
document.addEventListener("household:opened", ({ detail }) => load(detail.reason));
if (section) load();

async function load(reason = "") {
  const path = `/api/v1/households/${encodeURIComponent(page.household)}/records`;
  const answer = await waitIn(section.querySelector(".status"), () => (reason ? sendJson(path, { reason }) : getJson(path)));
  if (answer) fill(section.querySelector(".content"), parts(answer));
}

function parts({ is_shown: isShown, last_visit: last, rows, refused, attempts, tasks, cases }) {
  const visit = h("p", { class: "last-visit" }, last ? _("上次走访 {n} 天前({day})", { n: number(last.days), day: last.day }) : _("还没有走访过。"));
  if (!isShown) return [visit, h("p", { class: "note" }, icon("lock"), " ", _("写明事由后,这里显示走访记录和待办。"))];
  return [refused.length ? refusal(refused, attempts) : null, last || !refused.length ? visit : null, waitingTasks(tasks), timeline(rows, refused, cases)];
}

/** Who said no isn't visited for it; that somebody came nevertheless is told by day alone. */
function refusal(refused, attempts) {
  const words = refused.map(purposeWord).join(_("、"));
  const came = attempts.map(({ day, title, by }) => h("li", {}, h("time", {}, day), " ", _("来过,只记日期"), h("span", { class: "muted" }, ` ${[textOf(title), by].filter(Boolean).join(" · ")}`)));
  return [h("p", { class: "notice amber" }, icon("eye-slash"), h("span", {}, _("不同意:{purposes}。不安排走访,以前的记录不再显示。", { purposes: words }))), came.length ? h("ul", { class: "plain record" }, came) : null];
}

const textOf = (title) => titleOf({ title });

function waitingTasks(tasks) {
  if (!tasks.length) return null;
  return [h("h3", {}, _("待办")), h("ul", { class: "plain record waits" }, tasks.map(taskLine))];
}

function taskLine(task) {
  const isLate = task.state === "overdue";
  const word = isLate ? _("应在 {day} 前完成,已超期", { day: task.due }) : _("{day} 前完成", { day: task.due });
  const who = task.subject.kind === "person" ? task.subject.label : null;
  return h(
    "li",
    { class: isLate ? "late" : null },
    h("strong", {}, titleOf(task)),
    who && who !== task.subject.address ? ` ${who}` : null,
    h("span", { class: isLate ? "load bad" : "load" }, icon(isLate ? "exclamation-octagon" : "clock"), word),
    task.with_others ? h("p", { class: "load amber" }, icon("exclamation-triangle"), _("两次没见到,请与邻居或民警同去")) : null,
    may("records:write") ? h("p", { class: "answers" }, h("a", { class: "button", href: fillAddress(task.form, task.subject, { task: task.key }) }, icon("pencil-square"), _("去填写"))) : null,
  );
}

/** The newest days; the others are folded. Residents read form, day and who came; they open none. */
function timeline(rows, refused, cases) {
  const line = (row) => h("li", {}, lineOf(row, { isLinked: page.role !== "resident", isAboutHome: true }), cases[row.id] ? h("p", { class: "linked-cases" }, _("关联案件"), " ", caseLinks(cases[row.id])) : null);
  if (!rows.length) return refused.length ? null : emptyNote(_("还没有记录。走访、核实后在这里按日期列出。"));
  const rest = rows.slice(FIRST);
  return [
    h("h3", {}, _("走访和记录")),
    h("ol", { class: "plain record timeline" }, rows.slice(0, FIRST).map(line)),
    rest.length ? h("details", {}, h("summary", {}, _("更早的 {n} 条", { n: number(rest.length) })), h("ol", { class: "plain record timeline" }, rest.map(line))) : null,
  ];
}
