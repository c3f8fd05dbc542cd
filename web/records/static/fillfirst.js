// What comes before the questions: the reason of a head, and consent where nobody has asked for it.

import { h, icon } from "../../static/js/dom.js";
import { sendJson } from "../../static/js/fetch.js";
import { _ } from "../../static/js/i18n.js";
import { sayMissing, showFailure } from "../../static/js/status.js";
import { wordOf } from "../../static/js/words.js";

const purposeWord = wordOf("purposes");
const answerWord = wordOf("consent");
const outcomeWord = wordOf("request_outcomes");

/** A reason, which is kept in the trail; `go` gets it. */
export function askReason(go) {
  const field = h("input", { type: "text", maxlength: 200, required: true, id: "fill-reason" });
  const said = h("div", { class: "beside", "aria-live": "polite" });
  const form = h("form", { class: "stacked", autocomplete: "off" }, h("label", { for: "fill-reason" }, _("查看原因(留存备查)")), field, h("div", { class: "answers" }, h("button", { class: "button primary" }, _("继续"))), said);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (field.value.trim()) go(field.value.trim());
    else sayMissing(said, _("请先写明原因"));
  });
  return form;
}

/** The text of today, to be answered before anything is written down; `go` is called once the answer is kept. */
export function askConsent({ purpose, text, by_duty: byDuty }, household, go) {
  const said = h("div", { class: "beside", "aria-live": "polite" });
  const answer = async (status) => {
    try {
      await sendJson(`/api/v1/households/${encodeURIComponent(household)}/answers`, { purpose, status });
      go();
    } catch (failure) {
      showFailure(said, failure, () => answer(status));
    }
  };
  const button = (status, word, sign, kind = "button") => h("button", { type: "button", class: kind, onclick: () => answer(status) }, icon(sign), word);
  return h(
    "section",
    { class: "box", id: "fill-consent" },
    h("h2", {}, _("先征求同意:{purpose}", { purpose: purposeWord(purpose) })),
    h("p", {}, text),
    h(
      "div",
      { class: "answers" },
      button("granted", outcomeWord("granted"), "check-circle", "button primary"),
      button("refused", answerWord("refused"), "x-lg"),
      byDuty ? button("statutory_duty", answerWord("statutory_duty"), "clipboard-check") : null,
    ),
    said,
  );
}
