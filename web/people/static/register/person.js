// A person on the card: each field, and what can happen to somebody: moving out, coming back, dying, a need.

import { fill, h, icon } from "../../../static/js/dom.js";
import { page } from "../../../static/js/page.js";
import { _ } from "../../../static/js/i18n.js";
import { fieldOf } from "./fields.js";
import { smallForm } from "./form.js";
import { inputOf } from "./inputs.js";
import { needsOf } from "./needs.js";
import { fieldRow } from "./row.js";

/** The card of a person; `acts` sends what is changed and shows the card anew where more than a field has. */
export function personCard(person, acts) {
  const place = h("div", { class: "doing" });
  const line = (field) => fieldRow(field, (value) => acts.correct(person, field, value));
  return h(
    "article",
    { class: "register-person", "data-person": person.id },
    h("header", {}, h("h3", {}, person.name || _("未登记姓名")), person.left ? h("span", { class: "state open" }, leftWord(person)) : null),
    h("dl", { class: "register-facts" }, person.fields.map(line)),
    needsOf(person, acts),
    place,
    h("div", { class: "answers" }, person.left ? backButton(person, place, acts) : leavingButtons(person, place, acts)),
  );
}

function leftWord({ left }) {
  return left.died ? _("{day} 去世", { day: left.day }) : _("{day} 迁出", { day: left.day });
}

function leavingButtons(person, place, acts) {
  const button = (sign, word, died) =>
    h("button", { type: "button", class: "button", onclick: () => fill(place, leaving(person, place, acts, died)) }, icon(sign), word);
  return [button("box-arrow-right", _("迁出"), false), button("person-circle", _("去世"), true)];
}

/** Today is filled in: who stands at the door mostly hears of it then. */
function leaving(person, place, acts, died) {
  const day = inputOf({ ...fieldOf(died ? "person.died_on" : "person.lived_to"), value: page.today, max: page.today, required: true });
  const note = died ? _("去世后不再列入住户和老人,登记留作记录。") : _("迁出后不再列入这一户,登记留作记录,可以再迁回。");
  return smallForm([day.node, h("p", { class: "note" }, note)], {
    save: () => acts.leave(person, { day: day.value(), died }),
    close: () => fill(place),
    word: died ? _("记为去世") : _("记为迁出"),
  });
}

function backButton(person, place, acts) {
  const open = () => {
    const day = inputOf({ ...fieldOf("person.lived_from"), value: page.today, max: page.today, required: true });
    fill(place, smallForm([day.node], { save: () => acts.comeBack(person, { day: day.value() }), close: () => fill(place), word: _("记为迁回") }));
  };
  return h("button", { type: "button", class: "button", onclick: open }, icon("arrow-counterclockwise"), _("迁回"));
}
