// Cards: what is known of one area, household, building or case, fetched by its id when it is opened.

import { stateWord } from "../../cases/static/words.js";
import { categoryWord } from "../../cases/static/categories.js";
import { fill, h, icon } from "./dom.js";
import { getJson, sendJson } from "./fetch.js";
import { number, time } from "./format.js";
import { _ } from "./i18n.js";
import { may, page } from "./page.js";
import { waitIn } from "./status.js";
import { visitorOf } from "../../people/static/visitor.js";
import { rowNumber } from "./withheld.js";
import { consentWord, dutyWord, kindWord, levelWord, residenceWord, sexWord } from "./words.js";

/** A card that shows waiting, then what `make(answer)` gives. */
function fetched(load, make) {
  const place = h("div", {});
  const content = h("div", { class: "card-body" });
  waitIn(place, load).then((answer) => answer && fill(content, make(answer)));
  return h("div", {}, place, content);
}

function fact(name, ...value) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value));
}

/** The card of a grid or another area: where it lies, who serves it, how much there is. */
export function areaCard(code, { asOf } = {}) {
  return fetched(
    () => getJson(`/api/v1/areas/${encodeURIComponent(code)}`, { as_of: asOf }),
    (area) => [
      h("h2", {}, area.name || area.code),
      h(
        "p",
        { class: "muted" },
        `${levelWord(area.level)} ${area.code}`,
        h("br"),
        (area.path || []).join(" › "),
      ),
      h(
        "dl",
        { class: "facts" },
        fact(_("户数"), rowNumber(area, "households")),
        fact(_("老人"), rowNumber(area, "elders")),
        fact(_("在办案件"), rowNumber(area, "open_cases")),
      ),
      page.left_out ? h("p", { class: "note" }, page.left_out) : null,
      membersList(area.members || []),
    ],
  );
}

/** The people on duty, with a number to call. */
export function membersList(members) {
  if (!members.length)
    return h("p", { class: "notice amber" }, icon("exclamation-triangle"), _("还没有网格员"));
  return h(
    "ul",
    { class: "members" },
    members.map((member) =>
      h(
        "li",
        {},
        icon("person-circle"),
        h("span", {}, member.name, " ", h("span", { class: "muted" }, dutyWord(member.duty))),
        member.phone
          ? h("a", { class: "phone", href: `tel:${member.phone}` }, icon("telephone"), member.phone)
          : null,
      ),
    ),
  );
}

/** The card of a household; persons are shown only to those who may, some after giving a reason. */
function householdCard(id, reason = null) {
  return fetched(
    () => {
      const path = `/api/v1/households/${encodeURIComponent(id)}`;
      return reason === null ? getJson(path) : sendJson(path, { reason });
    },
    (house) => [
      h("h2", {}, house.address),
      h(
        "dl",
        { class: "facts" },
        fact(levelWord("grid"), house.grid ? house.grid.name : _("未归入网格")),
        fact(_("登记"), consentWord(house.consent)),
        fact(_("人数"), rowNumber(house, "people")),
        fact(_("老人"), rowNumber(house, "elders")),
      ),
      house.building ? buildingFacts(house.building) : null,
      persons(house, id),
      consentLink(house, id),
      membersList(house.members || []),
      openCases(house.open_cases || []),
    ],
  );
}

/** The card of a building, with its households to open where the account may find them. */
function buildingCard(id, openHousehold) {
  return fetched(
    () => getJson(`/api/v1/buildings/${encodeURIComponent(id)}`),
    (building) => [
      h("h2", {}, building.address || building.code),
      h("dl", { class: "facts" }, fact(levelWord("grid"), building.grid ? building.grid.name : _("未归入网格"))),
      buildingFacts(building),
      buildingLinks(building),
      membersList(building.members || []),
      householdsList(building.households || [], openHousehold),
    ],
  );
}

/** What who stands before a building may do there: look at its doors one by one, report something. */
function buildingLinks({ code, id, households }) {
  const link = (href, sign, words) => h("a", { class: "button", href }, icon(sign), words);
  const doors = may("doors:view") && households?.length ? link(`/buildings/${encodeURIComponent(id)}/doors`, "house-door", _("逐户看门")) : null;
  const report = may("cases:handle") ? link(`/cases/new?b=${encodeURIComponent(code || id)}`, "megaphone", _("在这栋楼上报")) : null;
  return doors || report ? h("p", { class: "answers" }, doors, report) : null;
}

function householdsList(households, openHousehold) {
  if (!households.length) return null;
  const line = ({ id, address }) =>
    h("li", {}, h("button", { type: "button", class: "link", onclick: () => openHousehold(id) }, address));
  return h(
    "details",
    { open: households.length <= 30 },
    h("summary", {}, _("住户")),
    h("ul", { class: "plain households" }, households.map(line)),
  );
}

/** What is known of a building. */
export function buildingFacts(building) {
  return h(
    "dl",
    { class: "facts" },
    fact(_("建成年份"), building.built_year || "—"),
    fact(_("房屋状况"), building.condition || "—"),
    fact(_("层数"), building.floors ?? "—"),
    fact(
      _("电梯"),
      building.lift === null || building.lift === undefined ? "—" : building.lift ? _("有") : _("无"),
    ),
  );
}

function persons(house, id) {
  if (house.persons) {
    const masked = house.persons_hidden === "needs_reason";
    return [personTable(house.persons), masked ? reasonForm(id) : null];
  }
  if (house.persons_hidden === "refused")
    return h("p", { class: "note" }, icon("eye-slash"), _("该户不同意登记,只显示地址。"));
  if (house.persons_hidden === "needs_reason") return reasonForm(id);
  return h("p", { class: "note" }, icon("lock"), _("您的账号不能查看住户个人信息。"));
}

/** To the page on which the household's answers are recorded, for those who may ask it. */
function consentLink(house, id) {
  if (!may("consent:record") || house.persons_hidden === "no_right") return null;
  const href = `/households/${encodeURIComponent(id)}`;
  return h(
    "p",
    { class: "answers" },
    h("a", { class: "button consent-link", href }, icon("pencil-square"), _("登记与同意")),
    may("positions:set") ? h("a", { class: "button", href: `${href}/position` }, icon("geo-alt"), _("改位置")) : null,
  );
}

function personTable(people) {
  if (!people.length) return h("p", { class: "note" }, _("没有登记的住户成员。"));
  return h(
    "ul",
    { class: "people" },
    people.map((person) =>
      h(
        "li",
        {},
        h("strong", {}, person.name),
        h(
          "span",
          { class: "muted" },
          [
            person.age === null || person.age === undefined
              ? person.birth_year
              : _("{n} 岁", { n: person.age }),
            person.sex ? sexWord(person.sex) : null,
            person.residence_status ? residenceWord(person.residence_status) : null,
          ]
            .filter(Boolean)
            .join(" · "),
        ),
        person.phone
          ? h("a", { class: "phone", href: `tel:${person.phone}` }, icon("telephone"), person.phone)
          : null,
        visitorOf(person),
      ),
    ),
  );
}

function reasonForm(id) {
  const input = h("input", {
    id: "reason",
    required: true,
    minlength: 2,
    maxlength: 200,
    autocomplete: "off",
  });
  const form = h(
    "form",
    { class: "reason" },
    h("label", { for: "reason" }, _("查看住户成员要写明事由,并会留下记录。")),
    h(
      "div",
      { class: "answers", role: "group", "aria-label": _("常用事由") },
      commonReasons().map((reason) =>
        h("button", { type: "button", class: "button", onclick: () => openWith(reason) }, reason),
      ),
    ),
    input,
    h("button", { class: "button primary" }, _("查看")),
  );
  const openWith = (reason) => form.closest(".card-body").replaceWith(householdCard(id, reason));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    openWith(input.value);
  });
  return form;
}

/** What cards are mostly opened for: one press instead of typing. */
function commonReasons() {
  return [_("办理该户案件"), _("老人探访"), _("核对登记信息"), _("紧急联系"), _("救助申请")];
}

function openCases(cases) {
  if (!cases.length) return null;
  return h(
    "div",
    {},
    h("h3", {}, _("在办案件")),
    h(
      "ul",
      { class: "plain" },
      cases.map((row) =>
        h(
          "li",
          {},
          h("a", { href: `/cases/${encodeURIComponent(row.id)}` }, row.number),
          " ",
          categoryWord(row.category_name || row.category),
          " ",
          h(
            "span",
            { class: "muted" },
            stateWord(row.state),
            " · ",
            _("期限 {at}", { at: time(row.deadline) }),
          ),
        ),
      ),
    ),
  );
}

/** A short card from what a page already has: a title and facts. */
export function factsCard(title, pairs, ...rest) {
  return h(
    "div",
    { class: "card-body" },
    h("h2", {}, title),
    h(
      "dl",
      { class: "facts one-column" },
      pairs.map(([name, value]) => fact(name, typeof value === "number" ? number(value) : value)),
    ),
    rest,
  );
}

/** The card of something found; `show(node)` opens a further card from it. */
export function resultCard(result, show) {
  if (result.kind === "household") return householdCard(result.id);
  if (result.kind === "building") return buildingCard(result.id, (id) => show(householdCard(id)));
  const facts = [
    [_("类型"), kindWord(result.kind)],
    [_("位置"), result.subtitle || "—"],
  ];
  const href = `/cases/${encodeURIComponent(result.id)}`;
  return factsCard(
    result.title,
    facts,
    result.kind === "case" ? h("a", { class: "button", href }, _("打开案件")) : null,
  );
}
