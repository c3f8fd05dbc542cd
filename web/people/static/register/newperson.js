// A new person at the door: consent first, then only the fields that the answers allow; a newborn child; a household that moves out.

import { fill, h, icon } from "../../../static/js/dom.js";
import { page } from "../../../static/js/page.js";
import { _ } from "../../../static/js/i18n.js";
import { asking } from "./asking.js";
import { fieldOf } from "./fields.js";
import { smallForm } from "./form.js";
import { newId } from "../../../static/js/ids.js";
import { inputOf } from "./inputs.js";

/** Which purposes are asked for a new person, and the fields that each opens: their types, and whether they are needed. */
const OPENS = {
  registration: { name: ["text"], sex: ["choice"], birth_date: ["day", true], residence_status: ["choice", true] },
  contact: { phone: ["phone"] },
};

/** The form of a new person; `send(values, answers)` records the answers and adds the person. */
export function newPersonForm(send, close) {
  const fields = h("div", { class: "register-form new-person-fields" });
  const inputs = {};
  const id = newId();
  const ask = asking(page.purposes.filter(({ purpose }) => purpose in OPENS), () => draw());
  const opened = () => (ask.allows("registration") ? Object.keys(OPENS).filter(ask.allows).flatMap((purpose) => Object.entries(OPENS[purpose])) : []);
  const draw = () => {
    for (const [name, [type, required = false]] of opened())
      inputs[name] ??= inputOf({ ...fieldOf(`person.${name}`, type), required, max: page.today });
    const nodes = opened().map(([name]) => inputs[name].node);
    fill(fields, nodes.length ? nodes : h("p", { class: "note" }, icon("info-circle"), " ", waitingFor(ask)));
  };
  draw();
  const save = () => send(opened().length ? { id, ...Object.fromEntries(opened().map(([name]) => [name, inputs[name].value()])) } : null, ask.answers());
  return smallForm([h("h3", {}, _("添加一人")), ask.node, fields], { save, close });
}

function waitingFor(ask) {
  return ask.status("registration") === "refused"
    ? _("不同意登记:不记姓名和其他资料,只记下这个答复。")
    : _("先征求同意,再填写。没有同意的项目不能填。");
}

/** The form of a newborn child: a day, and no name. */
export function birthForm(send, close) {
  const id = newId();
  const day = inputOf({ ...fieldOf("person.birth_date", "day"), value: page.today, required: true, max: page.today });
  const note = h("p", { class: "note" }, _("14 岁以下只计入人数,不登记姓名。"));
  return smallForm([h("h3", {}, _("新出生")), note, day.node], { save: () => send({ id, day: day.value() }), close });
}

/** The form of a household that has moved out as a whole. */
export function movingForm(send, close) {
  const day = inputOf({ name: "day", kind: "date", label: _("从哪天起不住这里"), value: page.today, max: page.today, required: true });
  const note = h("p", { class: "note" }, _("登记在这里的人全部记为迁出,人数归零;登记留着,一天内可以撤销。"));
  return smallForm([h("h3", {}, _("全户迁出")), note, day.node], { save: () => send({ day: day.value() }), close, word: _("记为全户迁出") });
}
