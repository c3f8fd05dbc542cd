// A note to a task in its line: put off to a day, or impossible for a reason.

import { fill, h } from "../../static/js/dom.js";
import { sendJson } from "../../static/js/fetch.js";
import { _ } from "../../static/js/i18n.js";
import { showFailure } from "../../static/js/status.js";

/** Open the form in a place; `saved` is called once the note is kept. A second press closes it. */
export function noteForm(place, row, saved) {
  if (place.firstChild) {
    fill(place);
    return;
  }
  const day = h("input", { type: "date", name: "until" });
  const reason = h("input", { type: "text", name: "reason", maxlength: 200 });
  const status = h("div", { "aria-live": "polite" });
  const send = async (body) => {
    try {
      await sendJson(`/api/v1/tasks/${encodeURIComponent(row.key)}/note`, { reason: reason.value || null, ...body });
      saved();
    } catch (failure) {
      showFailure(status, failure);
    }
  };
  fill(
    place,
    h("label", {}, _("原因"), reason),
    row.postponed ? null : h("label", {}, _("推迟到"), day),
    h(
      "div",
      { class: "answers" },
      row.postponed ? null : h("button", { type: "button", class: "button", onclick: () => send({ kind: "postponed", until: day.value || null }) }, _("推迟一次")),
      h("button", { type: "button", class: "button", onclick: () => send({ kind: "impossible" }) }, _("不能完成")),
    ),
    status,
  );
  reason.focus();
}
