// The fields of the register: what each is called, how it is typed or chosen, and how its value reads.

import { _ } from "../../../static/js/i18n.js";
import { wordOf, wordsOf } from "../../../static/js/words.js";

const fieldWord = wordOf("register_fields");
const CHOICES = {
  "household.kind": () => wordsOf("household_kinds"),
  "person.sex": () => wordsOf("sexes"),
  "person.residence_status": () => wordsOf("residence"),
};
const KINDS = { text: "text", phone: "phone", day: "date", choice: "choice", count: "number" };

/** What an input of a field needs: its label, its kind, and the choices where it has any. */
export function fieldOf(name, type = "text") {
  const options = CHOICES[name] ? Object.entries(CHOICES[name]()) : [];
  return { name, label: fieldWord(name), kind: KINDS[type], options };
}

/** A value as it reads. */
export function valueWord(name, value) {
  if (value === null || value === undefined || value === "") return "—";
  if (value.why) return value.why === "died" ? _("{day} 去世", value) : _("{day} 迁出", value);
  if (value.since) return needWord(value);
  const options = CHOICES[name]?.() || {};
  return Object.hasOwn(options, value) ? options[value] : String(value);
}

/** A need as it reads: its grade where it has any, since when, by which paper. */
export function needWord({ grade, since, legal_basis: basis }) {
  return [grade === null ? "" : _("{n} 级", { n: grade }), _("{day} 起", { day: since }), basis].filter(Boolean).join(" · ");
}
