// Consent comes first: each purpose with its text and an answer; which fields there are follows from the answers.

import { h, icon } from "../../../static/js/dom.js";
import { _ } from "../../../static/js/i18n.js";
import { wordOf } from "../../../static/js/words.js";

const purposeWord = wordOf("purposes");
const answerWord = wordOf("consent");
const outcomeWord = wordOf("request_outcomes");
const YES = ["granted", "statutory_duty"];

/**
 * What a household is asked before anything of it is written down. `purposes` are those of the page, each with the answer
 * so far; who has agreed isn't asked again. `onChange` is called after each answer.
 */
export function asking(purposes, onChange) {
  const given = {};
  const statusOf = (purpose) => given[purpose] ?? purposes.find((row) => row.purpose === purpose)?.status ?? null;
  const node = h(
    "div",
    { class: "asking-first" },
    purposes.map((row) =>
      YES.includes(row.status)
        ? known(row)
        : question(row, (status) => {
            given[row.purpose] = status;
            onChange();
          }),
    ),
  );
  return { node, answers: () => Object.entries(given), allows: (purpose) => YES.includes(statusOf(purpose)), status: statusOf };
}

function known({ purpose, status }) {
  return h("p", { class: "known" }, icon("check-circle"), purposeWord(purpose), h("span", { class: "muted" }, answerWord(status)));
}

let count = 0;

function question(row, choose) {
  const { purpose, by_duty: byDuty } = row;
  count += 1;
  const name = `asked-${purpose}-${count}`;
  const word = (status) => (status === "statutory_duty" ? answerWord(status) : outcomeWord(status));
  const chip = (status) =>
    h("label", {}, h("input", { type: "radio", name, value: status, onchange: () => choose(status) }), h("span", {}, word(status)));
  return h(
    "fieldset",
    { class: "chips", "data-purpose": purpose },
    h("legend", {}, purposeWord(purpose)),
    ["granted", "refused", ...(byDuty ? ["statutory_duty"] : [])].map(chip),
    h("details", {}, h("summary", {}, _("征求同意的文字")), h("p", { class: "note" }, textOf(row))),
  );
}

/** The text stands on the page of the household already. */
function textOf({ purpose }) {
  return document.querySelector(`#purpose-${purpose} details p`)?.textContent ?? "";
}
