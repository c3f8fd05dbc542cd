// What was changed on this card within a day: who, when, what stood before; each can be taken back.

import { h, icon } from "../../../static/js/dom.js";
import { time } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";
import { authorOf } from "../../../static/js/words.js";
import { fieldOf, valueWord } from "./fields.js";

/** The changes of a household and its people, folded; `undo(id, person)` takes one back. */
export function historyOf(changes, names, undo) {
  if (!changes.length) return null;
  return h("details", { class: "history", id: "changes" }, h("summary", {}, _("修改记录")), h("ul", { class: "plain record" }, changes.map((change) => line(change, names, undo))));
}

function line({ id, at, by, field, person, before }, names, undo) {
  return h(
    "li",
    {},
    h("span", { class: "muted" }, `${time(at)} ${by ? authorOf(by) : ""} `),
    [person ? names[person] : null, fieldOf(field).label].filter(Boolean).join(" · "),
    before === undefined ? null : h("span", { class: "muted" }, ` ${_("原来是「{value}」", { value: valueWord(field, before) })} `),
    h("button", { type: "button", class: "button", onclick: () => undo(id, person) }, icon("arrow-counterclockwise"), _("撤销")),
  );
}
