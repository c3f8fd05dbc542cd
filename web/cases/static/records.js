// The records that a case arose from or that name it, for those who read them.

import { fill, h } from "../../static/js/dom.js";
import { getJson } from "../../static/js/fetch.js";
import { _ } from "../../static/js/i18n.js";
import { may, page } from "../../static/js/page.js";
import { waitIn } from "../../static/js/status.js";
import { lineOf } from "../../records/static/recordlines.js";


/** The section, empty until its lines are there; nothing for others. */
export function recordsOf(path) {
  if (!may("records:view") || page.role === "resident") return null;
  const section = h("section", { id: "case-records", "aria-label": _("相关记录"), hidden: true });
  show(section, path);
  return section;
}

async function show(section, path) {
  const answer = await waitIn(section, () => getJson(`${path}/records`));
  if (!answer) return;
  section.hidden = !answer.rows.length;
  fill(section, h("h2", {}, _("相关记录")), h("ul", { class: "plain record" }, answer.rows.map((row) => h("li", {}, lineOf(row, { isLinked: true })))));
}
