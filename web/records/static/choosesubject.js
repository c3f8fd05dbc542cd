// Whom or what a form is about, where nothing was named: searched for in place, from a building to its doors and people.

import { fill, h, icon } from "../../static/js/dom.js";
import { getJson } from "../../static/js/fetch.js";
import { _ } from "../../static/js/i18n.js";
import { may, page } from "../../static/js/page.js";
import { emptyNote, waitIn } from "../../static/js/status.js";

const MOST = 50;
const PLACES = ["household", "building", "person"];
const byText = new Intl.Collator("zh", { numeric: true }).compare;

/** A choice of the subject of a kind; each one is a way to the form about it. */
export function chooseSubject(kind) {
  if (kind === "building" && page.buildings) return ownBuildings();
  if (PLACES.includes(kind)) return searchNode(kind);
  if (LISTS[kind]) return listNode(kind);
  return emptyNote(_("请从任务或对象的卡片打开这张表单。"), h("a", { class: "button", href: "/work" }, _("今日工作")));
}

/** Who serves buildings alone chooses among the own ones. */
function ownBuildings() {
  const rows = [...page.buildings].sort((building, next) => byText(building.address, next.address));
  if (!rows.length) return emptyNote(_("您还没有负责的楼栋。"));
  return h("div", { class: "fill-choice" }, h("h2", {}, _("填哪栋楼")), h("ul", { class: "todo" }, rows.map(({ id, address }) => way("building", id, address))));
}

const SEARCHED = {
  building: () => _("填哪栋楼:查小区、楼号"),
  household: () => _("填哪一户:查小区、楼号、门牌"),
  person: () => _("填给谁:先查住处(小区、楼号、门牌)"),
};

function searchNode(kind) {
  const [status, list] = places();
  const field = h("input", { type: "search", id: "fill-search", maxlength: 100, autocomplete: "off" });
  const form = h("form", { class: "stacked", role: "search" }, h("label", { for: "fill-search" }, SEARCHED[kind]()), field, h("button", { class: "button primary" }, icon("search"), _("查找")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!field.value.trim()) return field.focus();
    const answer = await waitIn(status, () => getJson("/api/v1/households", { q: field.value.trim(), limit: MOST }));
    if (answer) show(list, answer.results.filter((row) => isWanted(kind, row)).map((row) => hit(kind, row, { status, list })));
    return undefined;
  });
  return h("div", { class: "fill-choice" }, form, status, list);
}

function places() {
  return [h("div", { class: "status", hidden: true, "aria-live": "polite" }), h("div", { class: "results", "aria-live": "polite" })];
}

function show(list, rows, title = null) {
  fill(list, title ? h("h2", { tabindex: -1 }, title) : null, rows.length ? h("ul", { class: "todo" }, rows) : h("p", { class: "note" }, _("没有找到。")));
  if (title) list.querySelector("h2").focus();
}

/** A building leads on to its doors where a door or a person is wanted and the account sees them. */
function isWanted(kind, row) {
  if (kind === "building") return row.kind === "building";
  return row.kind === "household" || (row.kind === "building" && may("persons:edit"));
}

function hit(kind, row, at) {
  if (row.kind === "building" && kind !== "building") return step(row.title, row.subtitle, () => showDoors(kind, row, at));
  return kind === "person" ? step(row.title, row.subtitle, () => showPeople(row, at)) : way(kind, row.id, row.title, row.subtitle);
}

async function showDoors(kind, building, at) {
  const answer = await waitIn(at.status, () => getJson(`/api/v1/buildings/${encodeURIComponent(building.id)}/households`));
  if (!answer) return;
  const doors = answer.rows.filter(({ vacated_at: vacated }) => !vacated).sort((door, next) => byText(door.address, next.address));
  show(at.list, doors.map((door) => hit(kind, { kind: "household", id: door.id, title: door.address }, at)), building.title);
}

async function showPeople(household, at) {
  const answer = await waitIn(at.status, () => getJson(`/api/v1/households/${encodeURIComponent(household.id)}`));
  if (!answer) return;
  const people = answer.persons ?? [];
  if (people.length) show(at.list, people.map((person) => way("person", person.id, person.name ?? _("未登记姓名"), answer.address)), answer.address);
  else fill(at.list, emptyNote(_("这一户没有登记的人。"), h("a", { class: "button", href: `/households/${encodeURIComponent(household.id)}` }, _("去登记"))));
}

const line = (title, more) => [h("strong", {}, title), more && !title.startsWith(more) ? h("span", {}, more) : null];
const step = (title, more, go) => h("li", {}, h("button", { type: "button", class: "link", onclick: go }, line(title, more)));

function way(kind, id, title, more = "") {
  const query = new URLSearchParams(location.search);
  query.set("subject", `${kind}:${id}`);
  return h("li", {}, h("a", { href: `${location.pathname}?${query}` }, line(title, more)));
}

const LISTS = {
  facility: async () => (await getJson("/api/v1/facilities")).features.map(({ properties: place }) => way("facility", place.id, place.name, place.address ?? "")),
  area: async () => page.areas.map((area) => way("area", area.id, area.name, area.code)),
  case: async () => (await getJson("/api/v1/cases", { mine: 1, state: "open", order: "due" })).rows.map((row) => way("case", row.id, row.number, row.address ?? "")),
};

function listNode(kind) {
  const [status, list] = places();
  waitIn(status, LISTS[kind]).then((rows) => rows && show(list, rows));
  return h("div", { class: "fill-choice" }, status, list);
}
