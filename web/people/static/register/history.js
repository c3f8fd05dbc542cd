// What was changed on this card: who, when, what stood before; what is younger than a day can be taken back.

import { h, icon } from "../../../static/js/dom.js";
import { time } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";
import { authorOf } from "../../../static/js/words.js";
import { fieldOf, valueWord } from "./fields.js";

/** The changes of a household and its people, folded; `undo(change)` takes one back. */
export function historyOf(changes, undo) {
  if (!changes.length) return null;
  return h("details", { class: "history" }, h("summary", {}, _("修改记录")), h("ul", { class: "plain record" }, changes.map((change) => line(change, undo))));
}

function line(change, undo) {
  const { at, by, field, person, before, after, isBlanked, mayUndo } = change;
  return h(
    "li",
    {},
    h("span", { class: "muted" }, `${time(at)} ${authorOf(by) || ""} `),
    person ? `${person} · ` : "",
    fieldOf(field).label,
    ":",
    isBlanked ? h("span", { class: "muted" }, _("内容已随撤回或删除清除")) : `${valueWord(field, before)} → ${valueWord(field, after)}`,
    mayUndo ? h("button", { type: "button", class: "button", onclick: () => undo(change) }, icon("arrow-counterclockwise"), _("撤销")) : null,
  );
}
