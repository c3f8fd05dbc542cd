// What was changed on this card within a day: who, when, what stood before; each can be taken back.

import { fill, h, icon } from "../../../static/js/dom.js";
import { time } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";
import { waitIn } from "../../../static/js/status.js";
import { authorOf } from "../../../static/js/words.js";
import { fieldOf, valueWord } from "./fields.js";

/** The changes of a household and its people, folded: those of the last day, each with `undo(id, person)`; all others on demand. */
export function historyOf(changes, names, { undo, readChanges }) {
  const status = h("div", { class: "status" });
  const list = h("ul", { class: "plain record" }, changes.map((change) => line(change, names, undo)));
  const undoable = new Set(changes.map(({ id }) => id));
  const more = h("button", { type: "button", class: "button" }, icon("clock"), _("全部修改记录"));
  more.addEventListener("click", async () => {
    const answer = await waitIn(status, readChanges);
    if (!answer) return;
    more.remove();
    fill(list, answer.rows.length ? answer.rows.map((row) => line(row, names, undoable.has(row.id) ? undo : null)) : h("li", { class: "muted" }, _("还没有修改过。")));
  });
  return h("details", { class: "history", id: "changes" }, h("summary", {}, _("修改记录")), list, status, more);
}

function line({ id, at, by, field, person, before }, names, undo) {
  return h(
    "li",
    {},
    h("span", { class: "muted" }, `${time(at)} ${by ? authorOf(by) : ""} `),
    [person ? names[person] : null, fieldOf(field).label].filter(Boolean).join(" · "),
    before === undefined || before === null ? null : h("span", { class: "muted" }, ` ${_("原来是「{value}」", { value: valueWord(field, before) })} `),
    !undo ? null : h("button", { type: "button", class: "button", onclick: () => undo(id, person) }, icon("arrow-counterclockwise"), _("撤销")),
  );
}
