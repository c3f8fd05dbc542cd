// The register on the page of a household: each field, each person, adding somebody, a birth, and what was changed.

import { fill, h, icon } from "../../../static/js/dom.js";
import { page } from "../../../static/js/page.js";
import { _ } from "../../../static/js/i18n.js";
import { waitIn } from "../../../static/js/status.js";
import { actsOf } from "./acts.js";
import { countNote } from "./counts.js";
import { historyOf } from "./history.js";
import { birthForm, movingForm, newPersonForm } from "./newperson.js";
import { personCard } from "./person.js";
import { reasonForm } from "./reason.js";
import { fieldRow } from "./row.js";

const section = document.getElementById("register");
let reason = "";
if (section) {
  const acts = actsOf(page.household, { reason: () => reason, again: (person) => draw(acts, person) });
  draw(acts);
}

/** Everything anew from the server: after whatever changes more than one field. */
async function draw(acts, opened = null) {
  const answer = await waitIn(section.querySelector(".status"), acts.read);
  if (answer) fill(section.querySelector(".content"), answer.is_shown ? parts(answer, acts, opened) : askReason(acts));
}

function askReason(acts) {
  return reasonForm((text) => {
    reason = text;
    draw(acts);
    document.dispatchEvent(new CustomEvent("household:opened", { detail: { reason } }));
  });
}

function parts({ fields, persons, count, changes }, acts, opened) {
  if (fields.every(({ state }) => state === "refused"))
    return h("p", { class: "note" }, icon("eye-slash"), " ", _("这户不同意登记,没有可以改的资料。住户自己来办时,在下面记录。"));
  const place = h("div", { class: "doing" });
  const close = () => fill(place);
  const card = (person) => personCard(person, acts, person.id === opened);
  const gone = persons.filter(({ left_on: leftOn }) => leftOn && leftOn <= page.today);
  const here = persons.filter((person) => !gone.includes(person));
  const open = (form) => {
    fill(place, form);
    form.scrollIntoView({ block: "nearest" });
  };
  return [
    h("dl", { class: "register-facts" }, fields.map((row) => fieldRow(row, acts.correctHousehold))),
    countNote(count),
    here.length ? here.map(card) : h("p", { class: "note" }, _("还没有登记的住户成员。")),
    h(
      "div",
      { class: "answers" },
      h("button", { type: "button", class: "button primary", onclick: () => open(newPersonForm(acts.addPerson, close)) }, icon("plus-lg"), _("添加一人")),
      h("button", { type: "button", class: "button", onclick: () => open(birthForm(acts.addBirth, close)) }, icon("plus-circle"), _("新出生")),
      here.length ? h("button", { type: "button", class: "button", onclick: () => open(movingForm(acts.moveOut, close)) }, icon("box-arrow-right"), _("全户迁出")) : null,
    ),
    place,
    gone.length ? h("details", { open: gone.some(({ id }) => id === opened) }, h("summary", {}, _("已不住这里的 {n} 人", { n: gone.length })), gone.map(card)) : null,
    historyOf(changes, Object.fromEntries(persons.map(({ id, name }) => [id, name || _("未登记姓名")])), acts),
  ];
}
