// Choices of a question: each a large press; many are searched by some letters, since nobody scrolls through two thousand.

import { fill, h } from "../js/dom.js";
import { _ } from "../js/i18n.js";
import { offeredChoices } from "./check.js";
import { textIn } from "./state.js";

const MOST_IN_SIGHT = 20;

/** The control of a question with choices; those that its filter hides aren't there. */
export function choiceControl(at) {
  const list = h("div", { class: "options" });
  const hits = h("p", { class: "note", "aria-live": "polite" });
  const search = h("input", { type: "search", autocomplete: "off", "aria-label": _("找选项"), placeholder: _("输入几个字找选项") });
  const node = h("div", { role: roleOf(at), "aria-labelledby": at.labelledBy, "aria-describedby": at.describedBy }, search, list, hits);
  const clear = clearing(at, list);
  const parts = { at, list, hits, search, clear, offered: [], key: "" };
  search.addEventListener("input", () => drawChoices(parts));
  search.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  const refresh = (row) => {
    const offered = offeredChoices(at.form.entry.state, at.question, row);
    const key = JSON.stringify(offered.map(({ name }) => name));
    if (key !== parts.key) drawChoices(Object.assign(parts, { offered, key }));
    else markChosen(parts);
  };
  return { node, refresh, focus: () => (list.querySelector("input:checked") ?? node.querySelector("input:not([hidden])"))?.focus(), invalid: node };
}

const isOne = (at) => at.question.type === "select_one";
const roleOf = (at) => (isOne(at) ? "radiogroup" : "group");
const chosenOf = (at) => [at.value() ?? []].flat();

/** The choices stand as they are while they are pressed: a key that moves on must find them again. */
function drawChoices(parts) {
  const { at, list, hits, search, offered, clear } = parts;
  const isLong = offered.length > MOST_IN_SIGHT;
  const chosen = chosenOf(at);
  const isChosen = ({ name }) => chosen.includes(name);
  search.hidden = !isLong;
  const fitting = isLong ? fittingChoices(at, offered, search.value) : offered;
  const ordered = [...fitting.filter(isChosen), ...fitting.filter((choice) => !isChosen(choice))].slice(0, MOST_IN_SIGHT);
  fill(list, (isLong ? ordered : fitting).map((choice) => option(parts, choice)), clear);
  hits.textContent = hitsSaid(offered.length, fitting.length, isLong);
  markChosen(parts);
}

function markChosen({ at, list, clear }) {
  const chosen = chosenOf(at);
  const fields = [...list.querySelectorAll("input")];
  for (const field of fields) field.checked = chosen.includes(field.value);
  if (clear) clear.hidden = !fields.some((field) => field.checked);
}

function fittingChoices(at, offered, typed) {
  const letters = typed.trim().toLocaleLowerCase();
  const chosen = chosenOf(at);
  const fits = (choice) => `${textIn(choice.label, at.form.language)} ${choice.name}`.toLocaleLowerCase().includes(letters);
  return offered.filter((choice) => chosen.includes(choice.name) || fits(choice));
}

function hitsSaid(count, fitting, isLong) {
  if (!count) return _("前面的答案使这里没有选项可选。");
  if (!isLong) return "";
  return fitting > MOST_IN_SIGHT ? _("共 {count} 项,只列出前 {most} 项,请多输入几个字", { count: fitting, most: MOST_IN_SIGHT }) : _("找到 {count} 项", { count: fitting });
}

function option(parts, choice) {
  const { at } = parts;
  const field = h("input", { type: isOne(at) ? "radio" : "checkbox", name: at.id, value: choice.name });
  field.addEventListener("change", () => {
    at.set(isOne(at) ? choice.name : withChoice(at, choice.name, field.checked));
    markChosen(parts);
  });
  return h("label", { class: "option" }, field, h("span", {}, textIn(choice.label, at.form.language) || choice.name));
}

/** The choices in the order of the form, so that the same answers are the same whatever was pressed first. */
function withChoice(at, name, isChosen) {
  const chosen = new Set(chosenOf(at));
  if (isChosen) chosen.add(name);
  else chosen.delete(name);
  const names = (at.form.entry.tree.choices?.[at.question.choices] ?? []).map((choice) => choice.name);
  const left = names.filter((other) => chosen.has(other));
  return left.length ? left : null;
}

/** One choice that isn't required can be taken back. */
function clearing(at, list) {
  if (!isOne(at) || at.question.required) return null;
  const clear = () => {
    at.set(null);
    list.querySelector("input")?.focus();
  };
  return h("button", { type: "button", class: "link clear", onclick: clear }, _("不选"));
}
