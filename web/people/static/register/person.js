// A person on the card: opened by a press, each field, needs, and moving out, coming back, dying.

import { fill, h, icon } from "../../../static/js/dom.js";
import { page } from "../../../static/js/page.js";
import { _ } from "../../../static/js/i18n.js";
import { waitIn } from "../../../static/js/status.js";
import { valueWord } from "./fields.js";
import { smallForm } from "./form.js";
import { inputOf } from "./inputs.js";
import { needsOf } from "./needs.js";
import { fieldRow } from "./row.js";

const ELDER = 60;

/** The folded card of a person; what is known of somebody is fetched when it is opened. */
export function personCard(person, acts, isOpen) {
  const status = h("div", { class: "status" });
  const content = h("div", { class: "content" });
  const card = h(
    "details",
    { class: "register-person", "data-person": person.id },
    h("summary", {}, icon("person-circle"), person.name || _("未登记姓名"), person.left_on ? h("span", { class: "muted" }, ` ${_("{day} 起不住这里", { day: person.left_on })}`) : null),
    status,
    content,
  );
  card.addEventListener("toggle", async () => {
    if (!card.open || content.hasChildNodes()) return;
    const answers = await waitIn(status, () => Promise.all([acts.readPerson(person.id), acts.readServices(person.id)]));
    if (answers) fill(content, parts(...answers, acts));
  });
  card.open = isOpen;
  return card;
}

function parts({ person, is_shown: isShown, fields }, services, acts) {
  const left = fields.find(({ type }) => type === "leaving");
  const plain = fields.filter(({ type }) => !["leaving", "need"].includes(type));
  const place = h("div", { class: "doing" });
  if (!isShown) return h("p", { class: "note" }, icon("lock"), _("写明事由以后才能看和改。"));
  return [
    h("dl", { class: "register-facts" }, plain.map((row) => fieldRow(row, (seen, value) => acts.correctPerson(person, seen, value)))),
    needsOf(person, fields.filter(({ type }) => type === "need"), services, acts),
    left.value || !isCaredFor(fields) ? null : h("p", { class: "answers" }, h("a", { class: "button", href: `/persons/${encodeURIComponent(person)}/plan` }, icon("person-hearts"), _("照护计划"))),
    left.value ? h("p", { class: "known" }, valueWord(left.field, left.value)) : null,
    h("div", { class: "answers" }, left.value ? backButton(person, left.value, acts) : leavingButtons(person, place, acts)),
    place,
  ];
}

/** Whether a plan of care can hold something: an elder, or somebody with a need. */
function isCaredFor(fields) {
  const known = fields.filter(({ state, value }) => state === "open" && value);
  const birth = known.find(({ field }) => field === "person.birth_date")?.value;
  return known.some(({ type }) => type === "need") || (birth && birth <= elderSince());
}

/** Born on this day or before, one is an elder today. */
function elderSince() {
  const [year, ...rest] = page.today.split("-");
  return [Number(year) - ELDER, ...rest].join("-");
}

function leavingButtons(person, place, acts) {
  const button = (why, sign, word) =>
    h("button", { type: "button", class: "button", onclick: () => show(place, leaving(person, why, place, acts)) }, icon(sign), word);
  return [button("moved", "box-arrow-right", _("迁出")), button("died", "clock", _("去世"))];
}

function show(place, form) {
  fill(place, form);
  form.scrollIntoView({ block: "nearest" });
}

/** Today is filled in: whoever stands at the door mostly hears of it then. */
function leaving(person, why, place, acts) {
  const died = why === "died";
  const day = inputOf({ name: "day", kind: "date", label: died ? _("哪天去世") : _("从哪天起不住这里"), value: page.today, max: page.today, required: true });
  const note = died ? _("去世后不再列入住户和老人,一天内可以撤销。") : _("迁出后不再列入这一户,登记留着,可以再迁回。");
  return smallForm([day.node, h("p", { class: "note" }, note)], {
    save: () => acts.leave(person, { day: day.value(), why }),
    close: () => fill(place),
    word: died ? _("记为去世") : _("记为迁出"),
  });
}

function backButton(person, { why }, acts) {
  if (why === "died") return null;
  return h("button", { type: "button", class: "button", onclick: () => acts.comeBack(person) }, icon("arrow-counterclockwise"), _("迁回"));
}
