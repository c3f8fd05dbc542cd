// Whether somebody has told of it already: the reporter says so, or that it is another matter.

import { categoryWord } from "../categories.js";
import { fill, h, icon } from "../../../static/js/dom.js";
import { getJson } from "../../../static/js/fetch.js";
import { _ } from "../../../static/js/i18n.js";
import { number } from "../../../static/js/format.js";

const box = document.getElementById("alike");

/** Open cases close by; none where it can't be asked, so that nothing stands in the way of a report. */
export async function alikeTo({ lon, lat }, category) {
  try {
    return (await getJson("/api/v1/report/alike", { lon, lat, category })).rows;
  } catch {
    return [];
  }
}

/** Ask whether it is one of these; gives the token of the one it is, or null for another matter. */
export function askAlike(rows) {
  return new Promise((resolve) => {
    const answer = (token) => {
      fill(box);
      resolve(token);
    };
    const group = h(
      "section",
      { class: "choose", tabindex: "-1", role: "group", "aria-label": _("附近已有人上报") },
      h("p", {}, h("strong", {}, _("附近最近已有人上报,是同一件事吗?"))),
      rows.map((row) => line(row, answer)),
      document.getElementById("contact")?.value.trim() ? h("p", { class: "note" }, _("反映人电话不随“+1”保存,请另行记下。")) : null,
      h("button", { type: "button", class: "button primary", onclick: () => answer(null) }, icon("send"), _("我的是另一件,继续上报")),
    );
    fill(box, group);
    group.focus();
    group.scrollIntoView({ block: "center" });
  });
}

function line(row, answer) {
  return h(
    "button",
    { type: "button", class: "button", onclick: () => answer(row.token) },
    icon("hand-thumbs-up"),
    h("strong", {}, _("我也反映(+1)")),
    h("span", {}, categoryWord(row.category_name)),
    h("span", { class: "muted" }, [row.day, row.state_name, _("{n} 人反映", { n: number(row.said_by) })].join(" · ")),
  );
}

/** Take the question away: the place or the category is another now. */
export function forgetAlike() {
  fill(box);
}
