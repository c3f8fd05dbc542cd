// Needs of a person: each with its legal basis, since a day, and who serves it; ended, not deleted.

import { fill, h, icon } from "../../../static/js/dom.js";
import { page } from "../../../static/js/page.js";
import { _ } from "../../../static/js/i18n.js";
import { fieldOf, needWord } from "./fields.js";
import { smallForm } from "./form.js";
import { inputOf } from "./inputs.js";
import { serverOf } from "./servers.js";

/** The needs of a person that hold with who serves them, and a button for those that may be added by the answers of the household. */
export function needsOf(person, rows, services, acts) {
  const open = rows.filter(({ state }) => state === "open");
  if (!open.length) return null;
  const offered = open.filter(({ value }) => !value);
  const place = h("div", { class: "doing" });
  const show = () => fill(place, needForm(person, offered, acts, () => fill(place)));
  const holding = open.filter(({ value }) => value);
  return h(
    "div",
    { class: "needs" },
    holding.length ? h("ul", { class: "plain record" }, holding.map((row) => line(person, row, services, acts))) : null,
    offered.length ? h("p", { class: "answers" }, h("button", { type: "button", class: "button", onclick: show }, icon("plus-lg"), _("登记需要"))) : null,
    place,
  );
}

const kindOf = ({ field }) => field.replace("person.need.", "");

function line(person, row, services, acts) {
  return h(
    "li",
    {},
    h("strong", {}, fieldOf(row.field).label),
    h("span", { class: "muted" }, ` ${needWord(row.value)} `),
    h("button", { type: "button", class: "button", onclick: () => acts.endNeed(person, kindOf(row)) }, _("这项结束")),
    serverOf(person, kindOf(row), services, acts),
  );
}

function needForm(person, rows, acts, close) {
  const kind = inputOf({ name: "kind", label: _("需要"), options: rows.map((row) => [kindOf(row), fieldOf(row.field).label]), required: true });
  const grade = inputOf({ name: "grade", label: _("等级"), kind: "number", required: true });
  const basis = inputOf({ name: "legal_basis", label: _("依据(文件或评估)"), kind: "text", required: true });
  const since = inputOf({ name: "since", label: _("从哪天起"), kind: "date", value: page.today, max: page.today, required: true });
  const graded = () => rows.find((row) => kindOf(row) === kind.value())?.grades ?? null;
  const choose = () => {
    grade.node.hidden = !graded();
    grade.node.querySelector("input").required = Boolean(graded());
  };
  kind.node.addEventListener("change", choose);
  choose();
  return smallForm([kind.node, grade.node, basis.node, since.node], {
    save: () => acts.setNeed(person, { kind: kind.value(), grade: graded() ? grade.value() : null, legal_basis: basis.value(), since: since.value() }),
    close,
  });
}
