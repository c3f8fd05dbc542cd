// Visits in five steps that aren't done yet: which step each waits for, until when, and the way on.

import { fill, h, icon } from "../../static/js/dom.js";
import { getJson } from "../../static/js/fetch.js";
import { number } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { may } from "../../static/js/page.js";
import { waitIn } from "../../static/js/status.js";
import { wordsOf } from "../../static/js/words.js";
import { correctAddress, fillAddress, recordAddress } from "./addresses.js";
import { titleOf } from "./recordlines.js";

/** Fill the section; it stays hidden where no visit waits. */
export async function showVisits(section) {
  const answer = await waitIn(section.querySelector(".status"), () => getJson("/api/v1/work/visits"));
  if (!answer) return;
  section.hidden = !answer.rows.length;
  section.querySelector(".unit").textContent = _("{n} 项", { n: number(answer.rows.length) });
  fill(section.querySelector(".content"), h("ul", { class: "plain record visits" }, answer.rows.map(line)));
}

function line(visit) {
  const { record, due, is_late: isLate } = visit;
  return h(
    "li",
    { class: isLate ? "late" : null },
    h("p", {}, h("time", {}, record.day), " ", h("a", { href: recordAddress(record.id) }, titleOf(record)), ` ${record.subject.label}`, h("span", { class: "muted" }, record.by ? ` ${record.by}` : "")),
    steps(visit.waits_for),
    due ? h("p", { class: isLate ? "load bad" : "load" }, icon(isLate ? "exclamation-octagon" : "clock"), isLate ? _("应在 {day} 前答复,已超期", { day: due }) : _("{day} 前答复", { day: due })) : null,
    h("div", { class: "answers" }, wayOn(visit)),
  );
}

/** The five steps in their order: done, waited for, or still to come. */
function steps(waitsFor) {
  const words = Object.entries(wordsOf("visit_steps"));
  const at = words.findIndex(([step]) => step === waitsFor);
  return h("ol", { class: "plain visit-steps" }, words.map(([, word], place) => h("li", { class: place < at ? "done" : place === at ? "waits" : null, "aria-current": place === at ? "step" : null }, place < at ? icon("check-circle") : null, word)));
}

function wayOn({ record, next_form: form, task, case: linked }) {
  if (linked) return h("a", { class: "button", href: `/cases/${encodeURIComponent(linked.id)}` }, icon("clipboard-check"), _("看案件 {number}", { number: linked.number }));
  if (!may("records:write")) return null;
  if (form) return h("a", { class: "button", href: fillAddress(form, record.subject, { task }) }, icon("pencil-square"), task ? _("填写反馈") : _("再去走访"));
  return h("a", { class: "button", href: correctAddress(record) }, icon("pencil-square"), _("补填怎样办理"));
}
