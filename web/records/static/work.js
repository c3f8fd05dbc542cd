// Today's work: buildings with what is to be done in each, late ones first; a building opens its doors as one walks.

import { startFrame } from "../../static/js/frame.js";
import { fill, h, icon } from "../../static/js/dom.js";
import { getJson } from "../../static/js/fetch.js";
import { number } from "../../static/js/format.js";
import { lengthOf } from "../../static/js/geodesy.js";
import { _ } from "../../static/js/i18n.js";
import { may } from "../../static/js/page.js";
import { emptyNote, showFailure, waitIn } from "../../static/js/status.js";
import { textIn } from "../../static/forms/state.js";
import { locateMe } from "../../static/map/pin.js";
import { showOverdue } from "./overdue.js";
import { noteForm } from "./tasknote.js";
import { doorOf, fillHref, roundOf } from "./addresses.js";
import { openVisit } from "./visit.js";
import { showVisits } from "./visits.js";

const CHECKS = new Set(["household_check"]);
const PLACES = new Set(["building", "facility", "area"]);
const language = document.documentElement.lang.slice(0, 2);
const byText = new Intl.Collator("zh", { numeric: true }).compare;

startFrame();
const section = document.getElementById("work");
const state = { groups: [], here: null, open: new Set() };
const overdue = document.getElementById("overdue");
if (overdue) showOverdue(overdue);
const unfinished = document.getElementById("visits");
if (unfinished) showVisits(unfinished);
load();
document.getElementById("work-near").addEventListener("click", () => locateMe(near, (why) => showFailure(section.querySelector(".status"), new Error(why))));

async function load() {
  const answer = await waitIn(section.querySelector(".status"), () => Promise.all([getJson("/api/v1/work"), ownCases()]));
  if (!answer) return;
  state.groups = grouped(answer[0], answer[1]);
  show();
}

/** The account's open cases; stewards and others have none here. */
async function ownCases() {
  return may("cases:view") ? (await getJson("/api/v1/cases", { mine: 1, state: "open", order: "due" })).rows : [];
}

function near(lon, lat) {
  state.here = [lon, lat];
  show();
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
const far = (group) => (state.here && group.lon !== undefined ? lengthOf([state.here, [group.lon, group.lat]]) : Infinity);

function show() {
  const count = state.groups.reduce((total, group) => total + group.lines.length + group.cases.length, 0);
  document.getElementById("work-count").textContent = count ? _("{n} 项", { n: number(count) }) : "";
  document.getElementById("work-near").hidden = !count;
  const groups = [...state.groups].sort((group, next) => isLate(next) - isLate(group) || far(group) - far(next) || byText(group.address, next.address));
  fill(section.querySelector(".content"), groups.length ? groups.map(groupBox) : emptyNote(overdue ? _("没有。每项任务都有人负责。") : _("今天没有要做的。")));
}

function groupBox(group) {
  const box = h("details", { class: isLate(group) ? "box work-group late" : "box work-group", open: state.open.has(group.id) }, h("summary", {}, h("strong", {}, group.address), " ", h("span", {}, summary(group))), h("ul", { class: "todo" }, group.cases.map(caseLine), group.lines.map((line) => taskLine(line))));
  box.addEventListener("toggle", () => (box.open ? state.open.add(group.id) : state.open.delete(group.id)));
  return box;
}

/** "62 米 · 1 案 · 3 访 · 5 核" */
function summary(group) {
  const checks = group.lines.filter((line) => CHECKS.has(line.form)).length;
  const places = group.lines.filter((line) => PLACES.has(line.subject.kind)).length;
  const seen = group.lines.length - checks - places;
  const metres = far(group);
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

function taskLine(row) {
  const place = h("div", { class: "work-note" });
  const late = row.state === "overdue";
  const word = late ? _("应在 {day} 前完成,已超期", { day: row.due }) : _("{day} 前完成", { day: row.due });
  return h(
    "li",
    { class: late ? "late work-task" : "work-task", "data-key": row.key },
    h("p", {}, h("strong", {}, doorOf(row.subject)), " ", nameOf(row), " · ", textIn(row.title, language) || row.form, row.round ? h("span", { class: "muted" }, ` · ${row.round}`) : null),
    h("p", { class: late ? "load bad" : "load" }, icon(late ? "exclamation-octagon" : "clock"), word),
    row.with_others ? h("p", { class: "load amber" }, icon("exclamation-triangle"), _("两次没见到,请与邻居或民警同去")) : null,
    h("div", { class: "answers" }, visitButton(row, place), fillButton(row), doButton(row), h("button", { type: "button", class: "button", onclick: () => noteForm(place, row, load) }, _("备注"))),
    place,
  );
}

const nameOf = ({ subject }) => (subject.label === subject.address ? "" : subject.label);

function visitButton(row, place) {
  if (row.form !== "elder_visit" || !may("records:write")) return null;
  return h("button", { type: "button", class: "button primary", onclick: () => openVisit(place, row, load) }, icon("person-hearts"), _("已探访"));
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
