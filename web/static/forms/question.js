// One question on a page: its words, its control or the folded line of what the register knows, and what is wrong with it.

import { fill, h, icon } from "../js/dom.js";
import { _ } from "../js/i18n.js";
import { isAnswered, rowOf, setAnswer } from "./entry.js";
import { holds } from "./expressions.js";
import { controlOf } from "./inputs.js";
import { knownLine } from "./known.js";
import { contextOf } from "./state.js";
import { labelWords } from "./words.js";

const HIDDEN = ["calculate", "start", "end", "today"];

/** The view of a question in a sheet; the form and the device answer without being seen. */
export function questionView(form, question, sheet, { repeat }) {
  if (HIDDEN.includes(question.type)) return unseen();
  if (question.type === "note") return noteView(form, question, sheet, { repeat });
  return askedView(form, question, sheet, { repeat });
}

const unseen = () => ({ node: null, isShown: () => false, viewAt: () => null, refresh() {} });

function isAsked(form, question, sheet, repeat) {
  return Boolean(rowOf(form.entry, repeat, sheet)?.relevant.get(question.name));
}

function noteView(form, question, sheet, { repeat }) {
  const node = h("p", { class: "form-note" });
  const isShown = () => isAsked(form, question, sheet, repeat);
  const refresh = () => {
    node.textContent = labelWords(question.label, form.language, form.wordsIn(repeat, sheet));
    node.hidden = !isShown();
  };
  return { node, isShown, viewAt: () => null, refresh };
}

function askedView(form, question, sheet, { repeat }) {
  const id = form.newId();
  const parts = partsOf(id, question);
  const set = (value, { isTyping = false } = {}) => {
    setAnswer(sheet, question.name, value);
    if (isTyping) form.changedSoon();
    else form.changed(view);
  };
  const isGiven = question.read_only || !isAnswered(question);
  const value = () => sheet.sent[question.name];
  const describedBy = `${id}-hint ${id}-fault`;
  const at = { id, form, question, sheet, set, value, describedBy, labelledBy: `${id}-label` };
  const control = isGiven ? givenControl(form, question, sheet, repeat) : controlOf(at);
  if (control.isPlain) control.invalid.setAttribute("aria-describedby", describedBy);
  else if (["select_one", "select_multiple", "geopoint"].includes(question.type)) parts.label.removeAttribute("for");
  parts.label.append(parts.words, parts.tag);
  const known = sheet.known.has(question.name) && !isGiven ? knownLine(at, control, () => form.changed(view)) : null;
  fill(parts.body, known ? known.node : null, control.node);
  const isShown = () => isAsked(form, question, sheet, repeat);
  const view = {
    node: parts.node,
    isShown,
    viewAt: (other, name) => (other === sheet && name === question.name ? view : null),
    refresh() {
      parts.node.hidden = !isShown();
      if (parts.node.hidden) return;
      const row = rowOf(form.entry, repeat, sheet);
      parts.words.textContent = labelWords(question.label, form.language, form.wordsIn(repeat, sheet)) || question.name;
      parts.hint.textContent = labelWords(question.hint, form.language, form.wordsIn(repeat, sheet));
      parts.tag.hidden = isGiven || !question.required || !holds(question.required, contextOf(form.entry.state, row));
      known?.refresh();
      control.node.hidden = known ? !known.isOpen() : false;
      control.refresh?.(row);
      parts.refresh(value());
    },
    focus: () => (parts.open(), known && !known.isOpen() ? known.focus() : control.focus()),
    say: (message) => parts.say(message, control),
    said: () => parts.fault.textContent,
    words: () => parts.words.textContent,
  };
  return view;
}

/** The parts of a question; a sensitive one is folded, and its label is that of the fold. */
function partsOf(id, question) {
  const words = h("span", { class: "words" });
  const tag = h("span", { class: "required" }, _("必填"));
  const hint = h("p", { class: "note hint", id: `${id}-hint` });
  const fault = h("p", { class: "fault", id: `${id}-fault`, "aria-live": "polite" });
  const body = h("div", { class: "control" });
  const state = h("small", {});
  const label = h("label", { class: "question-label", id: `${id}-label`, for: id });
  const node = question.sensitive
    ? h("details", { class: "question sensitive" }, h("summary", {}, icon("lock"), label, state), hint, body, fault)
    : h("div", { class: "question" }, label, hint, body, fault);
  label.addEventListener("click", (event) => question.sensitive && event.preventDefault());
  if (question.sensitive) label.addEventListener("click", () => (node.open = !node.open));
  return {
    ...{ node, label, words, tag, hint, fault, body },
    refresh: (value) => (state.textContent = value === undefined ? _("敏感内容,点开填写") : _("敏感内容,已填")),
    open() {
      for (let box = node.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    },
    say(message, control) {
      fault.textContent = message;
      node.classList.toggle("has-fault", Boolean(message));
      if (message) control.invalid?.setAttribute("aria-invalid", "true");
      else control.invalid?.removeAttribute("aria-invalid");
      if (message && question.sensitive) node.open = true;
    },
  };
}

/** What the form works out itself, to be read. */
function givenControl(form, question, sheet, repeat) {
  const node = h("output", { class: "given" });
  const refresh = () => (node.textContent = form.wordsIn(repeat, sheet)(question.name) || "—");
  return { node, refresh, focus: () => node.scrollIntoView({ block: "center" }) };
}
