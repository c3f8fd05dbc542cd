// The control of a question by its type, as {node, focus, refresh(row), isPlain}; what is typed is kept by `set(value)`.

import { dateField } from "../js/datefield.js";
import { h } from "../js/dom.js";
import { _ } from "../js/i18n.js";
import { choiceControl } from "./choices.js";
import { photoControl } from "./photos.js";
import { positionControl } from "./positions.js";

/** The control for a question. `at` has {id, value, set, form, question, describedBy, labelledBy}. */
export function controlOf(at) {
  return (CONTROLS[at.question.type] ?? textControl)(at);
}

const CONTROLS = {
  integer: (at) => numberControl(at, "numeric"),
  decimal: (at) => numberControl(at, "decimal"),
  date: (at) => dayControl(at, "date"),
  time: (at) => dayControl(at, "time"),
  acknowledge: acknowledgeControl,
  select_one: choiceControl,
  select_multiple: choiceControl,
  image: photoControl,
  geopoint: positionControl,
};

function plain(at, field, read) {
  field.addEventListener("input", () => at.set(read(field.value), { isTyping: true }));
  field.addEventListener("change", () => at.set(read(field.value)));
  return { node: field, isPlain: true, focus: () => field.focus(), invalid: field };
}

function textControl(at) {
  const isLong = /\bmultiline\b/.test(at.question.appearance ?? "");
  const isOfFigures = /\bnumbers\b/.test(at.question.appearance ?? "") || at.question.register?.endsWith("phone");
  const properties = { id: at.id, autocomplete: "off", spellcheck: "false", inputmode: isOfFigures ? "tel" : null };
  const field = isLong ? h("textarea", { ...properties, rows: 4 }) : h("input", { ...properties, type: "text" });
  field.value = at.value() ?? "";
  return plain(at, field, (text) => text || null);
}

/** Figures as people type them, full-width ones too; what is no number stays a text, which is told as a fault. */
function numberControl(at, inputmode) {
  const field = h("input", { id: at.id, type: "text", inputmode, autocomplete: "off", class: "number" });
  field.value = at.value() ?? "";
  return plain(at, field, (typed) => {
    const text = typed.normalize("NFKC").trim();
    return /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : text || null;
  });
}

function dayControl(at, type) {
  const field = h("input", { id: at.id, type, value: at.value() });
  const box = h("span", { class: "day-box" }, field);
  const control = plain(at, dateField(field), (text) => text.trim() || null);
  return { ...control, node: box };
}

function acknowledgeControl(at) {
  const field = h("input", { type: "checkbox", id: at.id, "aria-describedby": at.describedBy });
  field.checked = at.value() === true;
  field.addEventListener("change", () => at.set(field.checked || null));
  return { node: h("label", { class: "option", for: at.id }, field, h("span", {}, _("确认"))), focus: () => field.focus(), invalid: field };
}
