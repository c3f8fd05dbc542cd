// What the register knows stands folded in one line: fresh, it is only opened where something changed; older, one press confirms it.

import { fill, h, icon } from "../js/dom.js";
import { _ } from "../js/i18n.js";
import { day } from "../js/format.js";
import { setAnswer } from "./entry.js";
import { wordsOfAnswer } from "./words.js";

/** The line of a question that the register answers, as {node, isOpen, refresh, focus}. */
export function knownLine(at, control, changed) {
  const { form, question, sheet } = at;
  const field = sheet.known.get(question.name);
  const said = h("span", { class: "known-words" }, wordsOfAnswer(form.entry.tree, question, field.value, form.language));
  const since = field.confirmed_at ? h("small", {}, _("{day} 核对", { day: day(field.confirmed_at) })) : null;
  const buttons = h("span", { class: "known-buttons" });
  const node = h("div", { class: "known", role: "group", "aria-labelledby": at.labelledBy });
  const isOther = !sheet.undecided.has(question.name) && JSON.stringify(sheet.sent[question.name]) !== JSON.stringify(field.value);
  const line = { isOpen: isOther }; // a draft may say something else already
  const open = () => {
    line.isOpen = true;
    setAnswer(sheet, question.name, field.value);
    changed();
    control.focus();
  };
  const confirm = () => {
    setAnswer(sheet, question.name, field.value);
    changed();
    buttons.querySelector("button")?.focus();
  };
  const change = (word) => h("button", { type: "button", class: "button", onclick: open }, word);
  const keep = () => h("button", { type: "button", class: "button primary", onclick: confirm }, icon("check-circle"), _("没有变化"));
  const refresh = () => {
    const isUndecided = sheet.undecided.has(question.name);
    const key = line.isOpen ? "open" : isUndecided ? "undecided" : "settled";
    if (key === line.key) return;
    line.key = key;
    fill(buttons, line.isOpen ? null : isUndecided ? [keep(), change(_("有变化"))] : change(_("有变化?")));
    const word = line.isOpen ? _("原登记") : isUndecided ? _("登记为") : _("登记的是");
    fill(node, icon(isUndecided ? "question-circle" : "check-circle"), h("span", { class: "muted" }, word), said, since, buttons);
    node.classList.toggle("settled", key === "settled");
  };
  refresh();
  return { node, refresh, isOpen: () => line.isOpen, focus: () => buttons.querySelector("button")?.focus() };
}
