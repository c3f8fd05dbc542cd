// The input of a field of the register: its kind says how it is typed or chosen, and nothing is chosen beforehand.

import { h } from "../../../static/js/dom.js";
import { dateField } from "../../../static/js/datefield.js";

/** An input for a field, as `{ node, value(), focus() }`. `options` are pairs of code and word, for kinds of choice. */
export function inputOf({ name, kind, label, value = null, options = [], required = false, max = null }) {
  if (options.length) return choices({ name, label, value, options, required });
  const field = h("input", { name, id: idOf(name), autocomplete: "off", required, value, ...ATTRIBUTES[kind], max: kind === "date" ? max : null });
  const node = h("label", { class: "field", for: field.id }, h("span", {}, label), field);
  if (kind === "date") dateField(field);
  return { node, value: () => read(field, kind), focus: () => field.focus() };
}

const ATTRIBUTES = {
  text: { type: "text", maxlength: 80 },
  phone: { type: "tel", inputmode: "tel", maxlength: 40 },
  date: { type: "date" },
  number: { type: "text", inputmode: "numeric", pattern: "[0-9]*", maxlength: 3 },
};

let count = 0;

function idOf(name) {
  count += 1;
  return `field-${name.replaceAll(".", "-")}-${count}`;
}

function read(field, kind) {
  const text = field.value.trim();
  if (!text) return null;
  return kind === "number" ? Number(text) : text;
}

/** Few choices stand side by side, each a press; many are in a list. */
function choices({ name, label, value, options, required }) {
  if (options.length > 5) return list({ name, label, value, options, required });
  const group = idOf(name);
  const button = ([code, word]) =>
    h("label", {}, h("input", { type: "radio", name: group, value: code, required, checked: code === value }), h("span", {}, word));
  const node = h("fieldset", { class: "chips" }, h("legend", {}, label), options.map(button));
  const chosen = () => node.querySelector("input:checked")?.value ?? null;
  return { node, value: chosen, focus: () => (node.querySelector("input:checked") || node.querySelector("input")).focus() };
}

function list({ name, label, value, options, required }) {
  const option = ([code, word]) => h("option", { value: code, selected: code === value }, word);
  const field = h("select", { name, id: idOf(name), required }, h("option", { value: "" }, "—"), options.map(option));
  const node = h("label", { class: "field", for: field.id }, h("span", {}, label), field);
  return { node, value: () => field.value || null, focus: () => field.focus() };
}
