// The records that name a case, for those who serve their subjects.

import { fill, h } from "../../static/js/dom.js";
import { getJson } from "../../static/js/fetch.js";
import { _ } from "../../static/js/i18n.js";
import { page } from "../../static/js/page.js";
import { waitIn } from "../../static/js/status.js";
import { lineOf } from "../../records/static/recordlines.js";

const READERS = ["member", "staff"];

/** The section, empty until its lines are there; nothing for others. */
export function recordsOf(path) {
  if (!READERS.includes(page.role)) return null;
  const section = h("section", { id: "case-records", "aria-label": _("走访中提到"), hidden: true });
  show(section, path);
  return section;
}

async function show(section, path) {
  const answer = await waitIn(section, () => getJson(`${path}/records`));
  if (!answer) return;
  section.hidden = !answer.rows.length;
  fill(section, h("h2", {}, _("走访中提到")), h("ul", { class: "plain record" }, answer.rows.map((row) => h("li", {}, lineOf(row, { isLinked: true })))));
}
