// The own open cases, those due first; one of them with its log.

import { logOf } from "../../../cases/static/log.js";
import { stateWord } from "../../../cases/static/words.js";
import { categoryWord } from "../../../cases/static/categories.js";
import { fill, h, icon } from "../../../static/js/dom.js";
import { number, time } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";
import { emptyNote } from "../../../static/js/status.js";
import { cases } from "../data/territory.js";
import { phoneNow } from "../store/vault.js";

/** The list, or the case that the address names. */
export async function show(place, { id }) {
  const rows = await cases();
  if (id) return void fill(place, caseParts(rows.find((row) => row.id === id)));
  fill(
    place,
    h("header", { class: "page-head" }, h("h1", {}, _("我的待办案件"), " ", h("span", { class: "unit" }, _("{n} 件", { n: number(rows.length) }))), h("a", { class: "button", href: "/cases/new" }, icon("megaphone"), _("上报案件"))),
    rows.length ? h("ol", { class: "todo phone-list" }, rows.map(line)) : emptyNote(_("今天没有待办案件。发现问题请上报。")),
  );
}

const isLate = ({ deadline }) => Boolean(deadline) && Date.parse(deadline) < phoneNow();

function line(row) {
  return h("li", { class: isLate(row) ? "late" : null }, h("a", { href: `#/cases/${encodeURIComponent(row.id)}` }, h("strong", {}, row.confidential ? _("保密案件") : categoryWord(row.category_name || row.category)), h("span", {}, row.address || row.number), limit(row)));
}

function limit(row) {
  if (!row.deadline) return h("span", { class: "load" }, stateWord(row.state));
  const late = isLate(row);
  return h("span", { class: late ? "load bad" : "load" }, icon(late ? "exclamation-octagon" : "clock"), late ? _("已超期,应在 {at} 前", { at: time(row.deadline) }) : _("{at} 前", { at: time(row.deadline) }));
}

function caseParts(row) {
  if (!row) return emptyNote(_("这个案件不在这台手机里。"), h("a", { class: "button", href: "#/cases" }, _("我的待办案件")));
  return [
    h("header", { class: "page-head" }, h("h1", {}, row.confidential ? _("保密案件") : categoryWord(row.category_name || row.category)), h("span", { class: "state open" }, stateWord(row.state))),
    h("dl", { class: "facts wide-facts" }, [[_("编号"), row.number], [_("地址"), row.address || "—"], [_("时限"), limit(row)]].map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
    row.confidential ? h("p", { class: "notice" }, icon("lock"), h("span", {}, _("保密类别的内容不存在手机里,联网后打开。"))) : null,
    row.description ? h("section", { class: "box" }, h("h2", {}, _("情况")), h("p", { class: "said" }, row.description)) : null,
    row.contact ? h("p", {}, h("a", { class: "button", href: `tel:${row.contact.replace(/[^0-9+]/g, "")}` }, icon("telephone"), row.contact)) : null,
    row.lon ? h("p", {}, h("a", { class: "button", href: `#/map?at=${row.lon},${row.lat}` }, icon("map"), _("在地图上")), " ", h("a", { class: "button", href: `geo:${row.lat},${row.lon}?q=${row.lat},${row.lon}` }, icon("geo-alt"), _("用手机地图导航"))) : null,
    row.log ? logOf(row.log) : null,
    h("p", { class: "answers" }, h("a", { class: "button", href: `/cases/${encodeURIComponent(row.id)}?online` }, icon("pencil-square"), _("去办理(要有网络)"))),
  ];
}
