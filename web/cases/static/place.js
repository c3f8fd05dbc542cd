// The card of a case on the map, and what happened at its place before.

import { flagsOf } from "./flags.js";
import { hasEnded, stateWord } from "./words.js";
import { categoryWord } from "./categories.js";
import { fill, h, icon } from "../../static/js/dom.js";
import { getJson, sentences } from "../../static/js/fetch.js";
import { day, time } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { countdown } from "./limit.js";
import { levelWord, severityWord, sourceWord } from "../../static/js/words.js";

/** One case, and several on one spot; `choose(row)` opens another one. */
export const placeCard = { single, several };

function single(row, choose) {
  const before = h("div", { "aria-live": "polite" });
  const show = h(
    "button",
    { type: "button", class: "button", onclick: () => history(row, before, choose) },
    icon("clock"),
    _("此处的案件"),
  );
  return h(
    "div",
    {},
    h("h2", {}, categoryWord(row.category_name || row.category)),
    h("p", {}, severityWord(row.severity), " · ", stateWord(row.state), " ", flagsOf(row)),
    hasEnded(row.state) ? null : h("p", {}, countdown(row)),
    facts(row),
    h(
      "p",
      { class: "row" },
      h("a", { class: "button primary", href: `/cases/${encodeURIComponent(row.id)}` }, _("打开案件")),
      show,
    ),
    before,
  );
}

function facts(row) {
  const pairs = [
    [_("编号"), row.number],
    [_("地点"), row.address || "—"],
    [levelWord("grid"), row.grid_name || _("未归入网格")],
    [_("来源"), sourceWord(row.source)],
    [_("上报时间"), time(row.reported_at)],
    [_("办理期限"), time(row.deadline)],
  ];
  return h(
    "dl",
    { class: "facts" },
    pairs.filter(([, value]) => value).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

async function history(row, place, choose) {
  try {
    const { rows } = await getJson(`/api/v1/cases/${encodeURIComponent(row.id)}/around`);
    fill(place, h("h3", {}, _("同一楼栋或 30 米内,共 {n} 件", { n: rows.length })), list(rows, choose, row.id));
  } catch (failure) {
    fill(place, h("p", { class: "notice amber" }, sentences(failure)[0]));
  }
}

function several(rows, choose) {
  return h("div", {}, h("h2", {}, _("此处 {n} 件", { n: rows.length })), list(rows, choose));
}

function list(rows, choose, own = null) {
  return h(
    "ul",
    { class: "plain" },
    rows.map((row) =>
      h(
        "li",
        {},
        h(
          "button",
          { type: "button", class: "row-button", disabled: row.id === own, onclick: () => choose(row) },
          [day(row.reported_at), categoryWord(row.category_name), stateWord(row.state)].join(" · "),
        ),
      ),
    ),
  );
}
