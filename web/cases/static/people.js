// Choosing somebody on duty for a case: found by name, duty or grid, with how many open cases each has.

import { h } from "../../static/js/dom.js";
import { _ } from "../../static/js/i18n.js";
import { dutyWord } from "../../static/js/words.js";

const MANY = 8;

/** The field to choose in and the one to search in; `none` is what stands for nobody in particular. */
export function personPicker(name, people, none) {
  const input = h("select", { name, required: !none, ...(people.length > MANY ? { size: MANY } : {}) });
  const search = h("input", { type: "search", maxlength: 40, autocomplete: "off", placeholder: _("姓名、职责或网格") });
  const show = () => {
    const chosen = input.value;
    const matches = people.filter((person) => textOf(person).includes(search.value.trim()));
    const options = matches.length ? matches.map(option) : [h("option", { value: "-", disabled: true }, _("没有符合的人"))];
    input.replaceChildren(h("option", { value: "" }, none || _("请选择")), ...options);
    input.value = matches.some((person) => person.worker === chosen) ? chosen : ""; // nobody is chosen by searching
  };
  search.addEventListener("input", show);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // it searches, and gives the case to nobody
  });
  show();
  return { input, search: people.length > MANY ? search : null };
}

function option(person) {
  return h("option", { value: person.worker }, `${textOf(person)} · ${_("在办 {n} 件", { n: person.load })}`);
}

function textOf(person) {
  return [person.name, ...person.duties.map(dutyWord), ...person.grid_names.slice(0, 2)].join(" · ");
}
