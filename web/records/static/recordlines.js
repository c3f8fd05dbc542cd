// A record as one line: day, form, whom it is about, who came, what came of it.

import { h, icon } from "../../static/js/dom.js";
import { _ } from "../../static/js/i18n.js";
import { textIn } from "../../static/forms/state.js";
import { recordAddress } from "./addresses.js";

/** The title of a form in the language of the page. */
export function titleOf({ title, form }) {
  return textIn(title, document.documentElement.lang.slice(0, 2)) || form;
}

/** The nodes of a line; `isAboutHome`: it stands on the card of a household, so that only a person is named. */
export function lineOf(row, { isLinked, isAboutHome = false }) {
  const { kind, label, address } = row.subject;
  const about = isAboutHome ? (kind === "person" && label !== address ? label : "") : label;
  return [
    h("time", { datetime: row.day }, row.day),
    " ",
    isLinked ? h("a", { href: recordAddress(row.id) }, titleOf(row)) : h("strong", {}, titleOf(row)),
    about ? ` ${about}` : null,
    h("span", { class: "muted" }, row.by ? ` ${row.by} ` : " "),
    signs(row),
  ];
}

/** Links to the cases of a record, each with whether it has ended. */
export function caseLinks(cases) {
  return cases.map(({ id, number, is_ended: isEnded }, place) => [place ? _("、") : null, h("a", { href: `/cases/${encodeURIComponent(id)}` }, number), h("span", { class: "muted" }, isEnded ? _("(已办结)") : _("(办理中)"))]);
}

/** What came of a record, each with a sign and a word. */
export function signs(row) {
  return [
    row.met === null ? null : h("span", { class: row.met ? "load good" : "load amber" }, icon(row.met ? "check-circle" : "eye-slash"), row.met ? _("见到了") : _("没见到")),
    row.is_day_doubtful ? h("span", { class: "load amber" }, icon("clock"), _("时间存疑")) : null,
    row.is_redacted ? h("span", { class: "load" }, icon("eye-slash"), _("内容已删去")) : null,
    row.is_corrected ? h("span", { class: "load" }, icon("pencil-square"), _("已更正")) : null,
    row.is_correction ? h("span", { class: "load" }, icon("pencil-square"), _("更正")) : null,
  ];
}
