// Visits in five steps that aren't done yet: which step each waits for, until when, and the way on.

import { fill, h } from "../../static/js/dom.js";
import { getJson } from "../../static/js/fetch.js";
import { number } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { waitIn } from "../../static/js/status.js";
import { recordAddress } from "./addresses.js";
import { titleOf } from "./recordlines.js";
import { stepsOf, waitingNote, wayOn } from "./visitsteps.js";

/** Fill the section; it stays hidden where no visit waits. */
export async function showVisits(section) {
  const answer = await waitIn(section.querySelector(".status"), () => getJson("/api/v1/work/visits"));
  if (!answer) return;
  section.hidden = !answer.rows.length;
  section.querySelector(".unit").textContent = _("{n} 项", { n: number(answer.rows.length) });
  fill(section.querySelector(".content"), h("ul", { class: "plain record visits" }, answer.rows.map(line)));
}

function line(visit) {
  const { record, is_late: isLate } = visit;
  return h(
    "li",
    { class: isLate ? "late" : null },
    h("p", {}, h("time", {}, record.day), " ", h("a", { href: recordAddress(record.id) }, titleOf(record)), ` ${record.subject.label}`, h("span", { class: "muted" }, record.by ? ` ${record.by}` : "")),
    stepsOf(visit),
    waitingNote(visit),
    h("div", { class: "answers" }, wayOn(visit, record)),
  );
}
