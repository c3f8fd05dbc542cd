// The card of a household: who lives there by right, whom to call, what they need, and when somebody was there last.

import { fill, h, icon } from "../../../static/js/dom.js";
import { number } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";
import { page } from "../../../static/js/page.js";
import { emptyNote } from "../../../static/js/status.js";
import { consentWord, residenceWord, sexWord, visitorWord, wordOf } from "../../../static/js/words.js";
import { homeOf, work } from "../data/territory.js";
import { stateSign } from "./doorstates.js";

const needWord = wordOf("need_kinds");

/** The household as this phone holds it. */
export async function show(place, { id }) {
  const home = await homeOf(id);
  if (!home) return void fill(place, emptyNote(_("这一户不在这台手机里。"), h("a", { class: "button", href: "#/find" }, _("查找"))));
  const { door, building } = home;
  const tasks = ((await work())?.rows || []).filter((row) => row.subject.household === id);
  fill(
    place,
    h("header", { class: "page-head" }, h("h1", {}, door.address), building ? h("a", { class: "button", href: `#/buildings/${encodeURIComponent(building.id)}` }, icon("building"), _("门户图")) : null),
    h("p", {}, stateSign(door.state)),
    h("dl", { class: "facts wide-facts" }, facts(door)),
    tasks.length ? h("section", { class: "box" }, h("h2", {}, _("要做的")), h("ul", { class: "todo" }, tasks.map(taskLine))) : null,
    persons(door),
    h("p", { class: "answers" }, h("a", { class: "button", href: `/households/${encodeURIComponent(id)}?online` }, icon("pencil-square"), _("去办理(要有网络)"))),
  );
}

function facts(door) {
  const rows = [
    [_("登记"), consentWord(consentOf(door))],
    [_("上次核实"), door.verified || "—"],
    [_("上次没见到"), door.missed],
    [_("登记人数"), door.people ? number(door.people) : null],
    [_("14 岁以下"), door.minors ? number(door.minors) : null],
    [_("联系电话"), door.contact ? call(door.contact) : null],
  ];
  return rows.filter(([, value]) => value).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)));
}

function consentOf({ consent, people }) {
  if (["refused", "withdrawn"].includes(consent)) return consent;
  return people ? "registered" : "not_registered";
}

function taskLine({ title, due, state, subject }) {
  const late = state === "overdue";
  return h("li", { class: late ? "late" : null }, h("p", {}, h("strong", {}, title[page.lang] || title.zh || Object.values(title)[0]), " ", subject.label === subject.address ? "" : subject.label), h("p", { class: late ? "load bad" : "load" }, icon(late ? "exclamation-octagon" : "clock"), late ? _("应在 {day} 前完成,已超期", { day: due }) : _("{day} 前完成", { day: due })));
}

function persons(door) {
  if (["refused", "withdrawn"].includes(door.consent)) return h("p", { class: "notice" }, icon("eye-slash"), h("span", {}, _("这户不同意登记,没有可以看的资料。")));
  if (!door.persons) return h("p", { class: "note" }, _("没有登记的住户成员,或您不查看住户资料。"));
  return door.persons.map((person) => h("section", { class: "box phone-person" }, h("h2", {}, person.name || _("未登记姓名"), " ", h("span", { class: "unit" }, [ageOf(person.born), person.sex ? sexWord(person.sex) : null].filter(Boolean).join(" · "))), details(person)));
}

function details({ phone, residence, needs = [], visitor }) {
  return [
    phone ? h("p", {}, call(phone)) : null,
    residence ? h("p", { class: "note" }, residenceWord(residence)) : null,
    needs.length ? h("p", {}, icon("person-hearts"), " ", needs.map(({ kind, grade }) => (grade ? `${needWord(kind)} ${number(grade)}` : needWord(kind))).join("、")) : null,
    visitor ? h("p", { class: "note" }, _("探访人 {name}", { name: visitor.name || visitor.worker || visitorWord(visitor.kind) })) : null,
  ];
}

function call(phone) {
  return h("a", { class: "button", href: `tel:${phone.replace(/[^0-9+]/g, "")}` }, icon("telephone"), phone);
}

function ageOf(born) {
  if (!born || !page.today) return null;
  const years = Number(page.today.slice(0, 4)) - Number(born.slice(0, 4)) - (page.today.slice(5) < born.slice(5) ? 1 : 0);
  return _("{n} 岁", { n: number(years) });
}
