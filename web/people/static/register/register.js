// The register on the page of a household: each field, each person, adding somebody, a birth, and what was changed.

import { fill, h, icon } from "../../../static/js/dom.js";
import { page } from "../../../static/js/page.js";
import { _ } from "../../../static/js/i18n.js";
import { waitIn } from "../../../static/js/status.js";
import { actsOf } from "./acts.js";
import { birthForm, newPersonForm } from "./newperson.js";
import { countNote } from "./counts.js";
import { historyOf } from "./history.js";
import { personCard } from "./person.js";
import { fieldRow } from "./row.js";

const section = document.getElementById("register");
if (section) draw();

/** Everything anew from the server: after whatever changes more than one field. */
async function draw() {
  const acts = actsOf(page.household, draw);
  const register = await waitIn(section.querySelector(".status"), acts.read);
  if (!register) return;
  const { household, persons, changes } = register;
  const place = h("div", { class: "doing" });
  const close = () => fill(place);
  const open = (form) => {
    fill(place, form);
    place.querySelector("input")?.focus();
    place.scrollIntoView({ block: "nearest" });
  };
  const here = persons.filter(({ left }) => !left);
  const gone = persons.filter(({ left }) => left);
  const card = (person) => personCard(person, acts);
  fill(
    section.querySelector(".content"),
    h("dl", { class: "register-facts" }, household.fields.map((field) => fieldRow(field, (value) => acts.correctHousehold(field, value)))),
    countNote(household.count),
    here.map(card),
    here.length ? null : h("p", { class: "note" }, _("还没有登记的住户成员。")),
    h(
      "div",
      { class: "answers" },
      h("button", { type: "button", class: "button primary", onclick: () => open(newPersonForm(acts.addPerson, close)) }, icon("plus-lg"), _("添加一人")),
      h("button", { type: "button", class: "button", onclick: () => open(birthForm(acts.addBirth, close)) }, icon("plus-circle"), _("新出生")),
    ),
    place,
    gone.length ? h("details", {}, h("summary", {}, _("已迁出或去世 {n} 人", { n: gone.length })), gone.map(card)) : null,
    historyOf(changes, acts.undo),
  );
}
