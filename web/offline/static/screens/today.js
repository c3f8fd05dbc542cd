// Today on the phone: the same list as on the ordinary page, from what is held.

import { fill, h, icon } from "../../../static/js/dom.js";
import { _ } from "../../../static/js/i18n.js";
import { showWork } from "../../../records/static/today/worklist.js";

/** What is to be done today, building by building. */
export async function show(place) {
  const count = h("span", { class: "unit" });
  const near = h("button", { type: "button", class: "button", hidden: true }, icon("crosshair"), _("离我最近"));
  const section = h("section", { id: "work" }, h("div", { class: "status", hidden: true, "aria-live": "polite" }), h("div", { class: "content" }));
  fill(place, h("header", { class: "page-head" }, h("h1", {}, _("今日工作"), count), near), section);
  await showWork(section, { count, near, none: _("今天没有要做的。"), acts: false });
}
