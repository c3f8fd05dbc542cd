// The five steps of a visit as a line, how each stands, and the way on to the next.

import { h, icon } from "../../static/js/dom.js";
import { _ } from "../../static/js/i18n.js";
import { may } from "../../static/js/page.js";
import { wordOf } from "../../static/js/words.js";
import { correctAddress, fillAddress, reportAddress } from "./addresses.js";

const stepWord = wordOf("visit_steps");
const stateWord = wordOf("visit_step_states");

/** The steps in their order, each with a word for how it stands. */
export function stepsOf({ steps }) {
  return h("ol", { class: "plain visit-steps" }, steps.map(stepNode));
}

function stepNode({ step, state }) {
  return h("li", { class: state, "aria-current": state === "waiting" ? "step" : null }, stepWord(step), h("small", {}, stateWord(state)));
}

/** What the visit waits for, until when; nothing of one that is finished. */
export function waitingNote({ waits_for: waits, due, is_late: isLate }) {
  if (!waits) return null;
  const next = _("要做:{step}", { step: stepWord(waits) });
  const until = !due ? "" : isLate ? _("应在 {day} 前答复,已超期", { day: due }) : _("{day} 前答复", { day: due });
  return h("p", { class: isLate ? "load bad" : "load" }, icon(isLate ? "exclamation-octagon" : "clock"), [next, until].filter(Boolean).join(" · "));
}

/** Links to what the next step needs; `record` is the line of the visit. */
export function wayOn({ waits_for: waits, next_form: form, task, case: linked }, record) {
  if (!waits) return null;
  if (linked) return h("a", { class: "button", href: `/cases/${encodeURIComponent(linked.id)}` }, icon("clipboard-check"), _("看案件 {number}", { number: linked.number }));
  if (!may("records:write")) return null;
  if (form) return h("a", { class: "button", href: fillAddress(form, record.subject, { task }) }, icon("pencil-square"), task ? _("填写反馈") : _("再去走访"));
  const report = may("cases:view") ? h("a", { class: "button", href: reportAddress(record) }, icon("megaphone"), _("上报案件")) : null;
  return [h("a", { class: "button", href: correctAddress(record) }, icon("pencil-square"), _("补填怎样办理")), report];
}
