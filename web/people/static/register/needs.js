// Needs of a person: each with its legal basis, from which day on; ended, not deleted.

import { fill, h, icon } from "../../../static/js/dom.js";
import { page } from "../../../static/js/page.js";
import { _ } from "../../../static/js/i18n.js";
import { smallForm } from "./form.js";
import { inputOf } from "./inputs.js";

/** The needs of a person, with what may be added by the answers of the household. */
export function needsOf(person, acts) {
  const { needs, offered } = person;
  if (!needs.length && !offered.length) return null;
  const place = h("div", { class: "doing" });
  const open = () => fill(place, needForm(person, acts, () => fill(place)));
  return h(
    "div",
    { class: "needs" },
    h("p", { class: "known" }, _("需要"), needs.length ? null : h("span", { class: "muted" }, _("没有登记"))),
    h("ul", { class: "plain" }, needs.map((need) => needLine(person, need, acts))),
    offered.length ? h("p", { class: "answers" }, h("button", { type: "button", class: "button", onclick: open }, icon("plus-lg"), _("登记需要"))) : null,
    place,
  );
}

function needLine(person, need, acts) {
  const end = () => acts.endNeed(person, need);
  return h(
    "li",
    {},
    h("strong", {}, need.word),
    need.grade ? ` ${_("{n} 级", { n: need.grade })}` : "",
    h("span", { class: "muted" }, ` ${[need.since ? _("{day} 起", { day: need.since }) : "", need.basis].filter(Boolean).join(" · ")} `),
    h("button", { type: "button", class: "button", onclick: end }, _("不再需要")),
  );
}

function needForm(person, acts, close) {
  const kind = inputOf({ name: "kind", label: _("需要"), options: person.offered.map(({ kind, word }) => [kind, word]), required: true });
  const grade = inputOf({ name: "grade", label: _("等级(没有可不填)"), kind: "number" });
  const basis = inputOf({ name: "basis", label: _("依据(文件或评估)"), kind: "text" });
  const day = inputOf({ name: "day", label: _("从哪天起"), kind: "date", value: page.today, max: page.today, required: true });
  return smallForm([kind.node, grade.node, basis.node, day.node], {
    save: () => acts.setNeed(person, { kind: kind.value(), grade: grade.value(), basis: basis.value(), day: day.value() }),
    close,
  });
}
