// Today's work as a list: buildings with what is to be done in each, late ones first, doors as one walks.

import { fill, h, icon } from "../../../static/js/dom.js";
import { getJson } from "../../../static/js/fetch.js";
import { number } from "../../../static/js/format.js";
import { lengthOf } from "../../../static/js/geodesy.js";
import { _ } from "../../../static/js/i18n.js";
import { may, page } from "../../../static/js/page.js";
import { emptyNote, showFailure, waitIn } from "../../../static/js/status.js";
import { textIn } from "../../../static/forms/state.js";
import { locateMe } from "../../../static/map/pin.js";
import { noteForm } from "../tasknote.js";
import { doorOf, fillHref, roundOf } from "../addresses.js";
import { openVisit } from "../visit.js";

const CHECKS = new Set(["household_check"]);
const PLACES = new Set(["building", "facility", "area"]);
const byText = new Intl.Collator("zh", { numeric: true }).compare;
const language = () => page.lang || document.documentElement.lang.slice(0, 2);

/**
 * Draw the list into a section that holds `.status` and `.content`; `count` tells how many there are, `near` sorts by
 * where one stands. `none` is said where nothing is to do. Without `acts` nothing can be done from the list: it is read.
 */
export async function showWork(section, { count, near, none, acts = true }) {
  const self = { section, count, near, none, acts, groups: [], here: null, open: new Set() };
  near.addEventListener("click", () => locateMe((lon, lat) => show(Object.assign(self, { here: [lon, lat] })), (why) => showFailure(section.querySelector(".status"), new Error(why))));
  await load(self);
}

async function load(self) {
  const answer = await waitIn(self.section.querySelector(".status"), () => Promise.all([getJson("/api/v1/work"), ownCases()]));
  if (!answer) return;
  self.groups = grouped(answer[0], answer[1]);
  show(self);
}

/** The account's open cases; stewards and others have none here. */
async function ownCases() {
  return may("cases:view") ? (await getJson("/api/v1/cases", { mine: 1, state: "open", order: "due" })).rows : [];
}

/** Tasks and cases by building; what answers the same visit to the same person is one line. */
function grouped({ rows, buildings }, cases) {
  const groups = new Map(buildings.map((building) => [building.id, { ...building, lines: [], cases: [] }]));
  const other = { id: "", address: _("其他地点"), lines: [], cases: [] };
  for (const line of visits(rows)) (groups.get(line.subject.building) || other).lines.push(line);
  for (const row of cases) (placeOf(row, groups) || other).cases.push(row);
  for (const group of groups.values()) group.lines.sort(byDoor);
  return [...groups.values(), other].filter((group) => group.lines.length + group.cases.length);
}

function placeOf(row, groups) {
  return [...groups.values()].find((group) => (row.address || "").startsWith(group.address));
}

function visits(rows) {
  const lines = new Map();
  for (const row of rows) {
    const key = `${row.form}|${row.subject.id}`;
    const known = lines.get(key);
    if (!known) lines.set(key, { ...row });
    else {
      known.with_others ||= row.with_others;
      if (roundOf(row.key)) Object.assign(known, { filled_for: row.key, round: row.round }); // answers the rule, too
    }
  }
  return [...lines.values()];
}

function byDoor(task, next) {
  const [a, b] = [task.subject, next.subject];
  return byText(a.unit || "", b.unit || "") || (a.floor ?? -1) - (b.floor ?? -1) || byText(a.room || "", b.room || "");
}

const isLate = (group) => group.lines.some((line) => line.state === "overdue") || group.cases.some((row) => row.overdue);
const far = ({ here }, group) => (here && group.lon !== undefined ? lengthOf([here, [group.lon, group.lat]]) : Infinity);

function show(self) {
  const total = self.groups.reduce((sum, group) => sum + group.lines.length + group.cases.length, 0);
  self.count.textContent = total ? _("{n} 项", { n: number(total) }) : "";
  self.near.hidden = !total;
  const groups = [...self.groups].sort((group, next) => isLate(next) - isLate(group) || far(self, group) - far(self, next) || byText(group.address, next.address));
  fill(self.section.querySelector(".content"), groups.length ? groups.map((group) => groupBox(self, group)) : emptyNote(self.none));
}

function groupBox(self, group) {
  const box = h("details", { class: isLate(group) ? "box work-group late" : "box work-group", open: self.open.has(group.id) }, h("summary", {}, h("strong", {}, group.address), " ", h("span", {}, summary(self, group))), h("ul", { class: "todo" }, group.cases.map(caseLine), group.lines.map((line) => taskLine(self, line))));
  box.addEventListener("toggle", () => (box.open ? self.open.add(group.id) : self.open.delete(group.id)));
  return box;
}

/** "62 米 · 1 案 · 3 访 · 5 核" */
function summary(self, group) {
  const checks = group.lines.filter((line) => CHECKS.has(line.form)).length;
  const places = group.lines.filter((line) => PLACES.has(line.subject.kind)).length;
  const seen = group.lines.length - checks - places;
  const metres = far(self, group);
  return [
    Number.isFinite(metres) ? _("{n} 米", { n: number(Math.round(metres)) }) : null,
    group.cases.length ? _("{n} 案", { n: group.cases.length }) : null,
    seen ? _("{n} 访", { n: seen }) : null,
    checks ? _("{n} 核", { n: checks }) : null,
    places ? _("{n} 查", { n: places }) : null,
  ]
    .filter(Boolean)
    .join(" · ");
}

function caseLine(row) {
  return h("li", { class: row.overdue ? "late" : null }, h("a", { href: `/cases/${encodeURIComponent(row.id)}` }, h("strong", {}, _("案件")), h("span", {}, row.address || row.number), row.overdue ? h("span", { class: "load bad" }, icon("exclamation-octagon"), _("超期")) : null));
}

function taskLine(self, row) {
  const place = h("div", { class: "work-note" });
  const late = row.state === "overdue";
  const word = late ? _("应在 {day} 前完成,已超期", { day: row.due }) : _("{day} 前完成", { day: row.due });
  return h(
    "li",
    { class: late ? "late work-task" : "work-task", "data-key": row.key },
    h("p", {}, h("strong", {}, doorOf(row.subject)), " ", nameOf(row), " · ", textIn(row.title, language()) || row.form, row.round ? h("span", { class: "muted" }, ` · ${row.round}`) : null),
    h("p", { class: late ? "load bad" : "load" }, icon(late ? "exclamation-octagon" : "clock"), word),
    row.with_others ? h("p", { class: "load amber" }, icon("exclamation-triangle"), _("两次没见到,请与邻居或民警同去")) : null,
    self.acts ? h("div", { class: "answers" }, buttons(self, row, place)) : h("div", { class: "answers" }, doButton(row)),
    place,
  );
}

const nameOf = ({ subject }) => (subject.label === subject.address ? "" : subject.label);

function buttons(self, row, place) {
  const again = () => load(self);
  return [visitButton(row, place, again), fillButton(row), doButton(row), h("button", { type: "button", class: "button", onclick: () => noteForm(place, row, again) }, _("备注"))];
}

function visitButton(row, place, again) {
  if (row.form !== "elder_visit" || !may("records:write")) return null;
  return h("button", { type: "button", class: "button primary", onclick: () => openVisit(place, row, again) }, icon("person-hearts"), _("已探访"));
}

/** What is no elder's visit is filled as a form, about the subject of the task. */
function fillButton(row) {
  if (row.form === "elder_visit" || !row.subject.id || !may("records:write")) return null;
  return h("a", { class: "button primary", href: fillHref(row) }, icon("clipboard-check"), _("填表"));
}

function doButton({ subject }) {
  if (subject.household && may("persons:edit")) return h("a", { class: "button", href: `/households/${encodeURIComponent(subject.household)}` }, icon("house-door"), _("去办理"));
  if (subject.building && may("doors:view")) return h("a", { class: "button", href: `/buildings/${encodeURIComponent(subject.building)}/doors` }, icon("house-door"), _("看这栋楼"));
  return null;
}
