// One field on the card: its value, and the form that corrects it in its place.

import { fill, h, icon } from "../../../static/js/dom.js";
import { _ } from "../../../static/js/i18n.js";
import { fieldOf, valueWord } from "./fields.js";
import { smallForm } from "./form.js";
import { inputOf } from "./inputs.js";

/**
 * A field with a button that corrects it. `save(value)` sends what was typed together with the value that was seen; what it
 * gives is the row as it stands then: `{ value, clash }`.
 */
export function fieldRow({ name, value, clash = null, isOpen = true, note = "" }, save) {
  const line = h("div", { "data-field": name });
  show(line, { name, value, clash, isOpen, note }, save);
  return line;
}

function show(line, row, save) {
  const { label } = fieldOf(row.name);
  const open = () => edit(line, row, save);
  line.className = "";
  fill(
    line,
    h("dt", {}, label),
    h("dd", {}, row.isOpen ? valueWord(row.name, row.value) : h("span", { class: "muted" }, row.note)),
    row.isOpen ? h("button", { type: "button", class: "button", "aria-label": _("改{field}", { field: label }), onclick: open }, icon("pencil-square"), _("改")) : null,
    row.clash ? clashNote(row) : null,
  );
}

/** What was typed doesn't stand yet: the register says otherwise by now. */
function clashNote({ name, clash }) {
  return h(
    "p",
    { class: "notice amber beside", role: "status" },
    icon("exclamation-triangle"),
    h("span", {}, _("您看到之后,别人已把这一项改了。登记表里是「{now}」,您写的是「{typed}」,已列入核对清单,由网管员核对。", { now: valueWord(name, clash.now), typed: valueWord(name, clash.typed) })),
  );
}

function edit(line, row, save) {
  const input = inputOf({ ...fieldOf(row.name), value: row.value });
  const close = () => {
    show(line, row, save);
    line.querySelector("button")?.focus();
  };
  const form = smallForm([input.node], {
    save: async () => {
      Object.assign(row, await save(input.value()));
      close();
    },
    close,
  });
  line.className = "editing";
  fill(line, form);
  input.focus();
}
