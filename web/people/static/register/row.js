// One field on the card: its value, and the form that corrects it in its place.

import { fill, h, icon } from "../../../static/js/dom.js";
import { _ } from "../../../static/js/i18n.js";
import { page } from "../../../static/js/page.js";
import { fieldOf, valueWord } from "./fields.js";
import { smallForm } from "./form.js";
import { inputOf } from "./inputs.js";

const CLOSED = { not_asked: () => _("还没有征求同意"), refused: () => _("不同意,不登记") };

/**
 * A field of the server with a button that corrects it; one that isn't open says why not. `save(row, value)` sends what was
 * typed with what was seen of it, and gives what changes in the row: its value, its digest, a clash.
 */
export function fieldRow(row, save) {
  const line = h("div", { "data-field": row.field });
  show(line, { ...row }, save);
  return line;
}

function show(line, row, save) {
  const { label } = fieldOf(row.field);
  const isOpen = row.state === "open";
  const open = () => edit(line, row, save);
  const button = () => h("button", { type: "button", class: "button", "aria-label": _("改{field}", { field: label }), onclick: open }, icon("pencil-square"), _("改"));
  line.className = "";
  fill(
    line,
    h("dt", {}, label),
    h("dd", { class: "value" }, isOpen ? valueWord(row.field, row.value) : h("span", { class: "muted" }, CLOSED[row.state]())),
    isOpen ? h("dd", {}, button()) : null,
    row.clash ? clashNote(row) : null,
  );
}

/** What was typed doesn't stand yet: the register says otherwise by now. */
function clashNote({ field, clash }) {
  const words = { now: valueWord(field, clash.now), typed: valueWord(field, clash.typed) };
  const text = _("您打开以后,别人已把这一项改成「{now}」。您写的「{typed}」没有丢,已列入核对清单,由网管员核对。", words);
  return h("dd", { class: "clash" }, h("p", { class: "notice amber", role: "status" }, icon("exclamation-triangle"), h("span", {}, text)));
}

function edit(line, row, save) {
  const isDay = row.type === "day";
  const input = inputOf({ ...fieldOf(row.field, row.type), value: row.value, required: !row.clearable, max: isDay ? page.today : null });
  const close = () => {
    show(line, row, save);
    line.querySelector("button")?.focus();
  };
  const form = smallForm([input.node], {
    save: async () => {
      Object.assign(row, await save(row, input.value()));
      close();
    },
    close,
  });
  line.className = "editing";
  fill(line, h("dt", { class: "visually-hidden" }, fieldOf(row.field).label), h("dd", {}, form));
  input.focus();
}
