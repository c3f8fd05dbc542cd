// The chain of corrections of a record: each with its day, who made it and why, and the answers it changed.

import { h } from "../../static/js/dom.js";
import { _ } from "../../static/js/i18n.js";
import { questionsOf, textIn, walkItems } from "../../static/forms/state.js";
import { wordsOfAnswer } from "../../static/forms/words.js";
import { recordAddress } from "./addresses.js";

const language = document.documentElement.lang.slice(0, 2);

/** The box with the chain; nothing where nobody corrected the record. */
export function chainOf({ chain, tree }, shown) {
  if (!chain.length) return null;
  const steps = chain.map((link, place) => step(link, place, tree, shown));
  return h("section", { class: "box", id: "chain" }, h("h2", {}, _("更正")), h("ol", { class: "plain record" }, steps));
}

function step(link, place, tree, shown) {
  const word = place ? _("第 {n} 次更正", { n: place }) : _("最初的记录");
  return h(
    "li",
    {},
    h("time", {}, link.day),
    " ",
    link.id === shown ? h("strong", {}, word, _("(本条)")) : h("a", { href: recordAddress(link.id) }, word),
    link.by ? h("span", { class: "muted" }, ` ${link.by}`) : null,
    link.reason ? h("p", {}, _("原因:{reason}", { reason: link.reason })) : null,
    link.changes.length ? h("ul", { class: "changed" }, link.changes.map((change) => h("li", {}, changeNode(change, tree)))) : null,
  );
}

function changeNode({ name, before, after }, tree) {
  const item = walkItems(tree.items).find((part) => part.name === name);
  const question = questionsOf(tree).find((part) => part.name === name);
  const word = textIn(item?.label, language) || name;
  if (!question) return _("{field}有改动", { field: word });
  const said = (value) => wordsOfAnswer(tree, question, value, language) || _("未填");
  const text = _("{field}:由「{before}」改为「{after}」", { field: word, before: said(before), after: said(after) });
  return question.sensitive ? h("details", {}, h("summary", {}, word), text) : text;
}
