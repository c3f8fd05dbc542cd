// The fields of the register: what each is called, how it is typed or chosen, and how its value reads.

import { _ } from "../../../static/js/i18n.js";
import { wordsOf } from "../../../static/js/words.js";

const TABLE = {
  "household.kind": () => ({ label: _("住房情况"), options: wordsOf("household_kinds") }),
  "household.contact": () => ({ label: _("联系电话"), kind: "phone" }),
  "household.people_told": () => ({ label: _("自报人数"), kind: "number" }),
  "household.minors": () => ({ label: _("14 岁以下人数"), kind: "number" }),
  "person.name": () => ({ label: _("姓名"), kind: "text" }),
  "person.sex": () => ({ label: _("性别"), options: wordsOf("sexes") }),
  "person.birth_date": () => ({ label: _("出生日期"), kind: "date" }),
  "person.phone": () => ({ label: _("电话"), kind: "phone" }),
  "person.residence_status": () => ({ label: _("居住情况"), options: wordsOf("residence") }),
  "person.lived_from": () => ({ label: _("何时住进来"), kind: "date" }),
  "person.lived_to": () => ({ label: _("何时搬走"), kind: "date" }),
};

/** A field by its name: label, kind, and the choices where it has any. */
export function fieldOf(name) {
  const { label, kind = "choice", options } = (TABLE[name] || (() => ({ label: name, kind: "text" })))();
  return { name, label, kind, options: options ? Object.entries(options) : [] };
}

/** A value as it reads. */
export function valueWord(name, value) {
  if (value === null || value === undefined || value === "") return "—";
  const { options } = fieldOf(name);
  return options.find(([code]) => code === value)?.[1] ?? String(value);
}
