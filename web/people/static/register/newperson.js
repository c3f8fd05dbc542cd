// A new person at the door: consent first, then only the fields that the answers allow.

import { fill, h, icon } from "../../../static/js/dom.js";
import { page } from "../../../static/js/page.js";
import { _ } from "../../../static/js/i18n.js";
import { asking } from "./asking.js";
import { fieldOf } from "./fields.js";
import { smallForm } from "./form.js";
import { inputOf } from "./inputs.js";

/** Which purposes are asked for a new person, and the fields that each opens. */
const OPENS = {
  registration: ["person.name", "person.sex", "person.birth_date", "person.residence_status", "person.lived_from"],
  contact: ["person.phone"],
};
const REQUIRED = ["person.residence_status"];

/** The form of a new person; `send(values, answers)` adds it, `close` leaves all as it was. */
export function newPersonForm(send, close) {
  const fields = h("div", { class: "register-form" });
  const inputs = {};
  const ask = asking(page.purposes.filter(({ purpose }) => purpose in OPENS), () => draw());
  const draw = () => {
    const names = Object.entries(OPENS).flatMap(([purpose, opened]) => (ask.allows("registration") && ask.allows(purpose) ? opened : []));
    for (const name of names) inputs[name] ??= inputOf({ ...fieldOf(name), required: REQUIRED.includes(name), max: page.today });
    fill(fields, names.length ? names.map((name) => inputs[name].node) : h("p", { class: "note" }, icon("info-circle"), waitingFor(ask)));
    return names;
  };
  let names = draw();
  const save = () => {
    names = draw();
    const values = Object.fromEntries(names.map((name) => [name, inputs[name].value()]).filter(([, value]) => value !== null));
    return send(values, ask.answers());
  };
  return smallForm([h("h3", {}, _("添加一人")), ask.node, fields], { save, close });
}

function waitingFor(ask) {
  return ask.status("registration") === "refused"
    ? _("不同意登记:不记姓名和其他资料,只记下这个答复。")
    : _("先征求同意,再填写。没有征求同意的项目不能填。");
}
