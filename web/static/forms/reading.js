// A filled form to be read: questions with their answers, what is sensitive folded.

import { h, icon } from "../js/dom.js";
import { _ } from "../js/i18n.js";
import { questionsOf } from "./state.js";
import { sourceOf } from "./photos.js";
import { labelWords, wordsOfAnswer } from "./words.js";

const HIDDEN = ["calculate", "start", "end", "today", "note"];
const DEEPEST_HEADING = 6;

/** The nodes of a form that is read; what was not asked isn't there. */
export function readingOf(form) {
  const nodes = partsOf(form, form.entry.tree.items, form.entry.state.top, 2);
  return nodes.length ? nodes : h("p", { class: "form-note" }, _("这条记录没有填写内容。"));
}

/** Neighbouring questions stand in one list. */
function partsOf(form, items, row, depth) {
  const nodes = [];
  for (const item of items.filter(({ name }) => row.relevant.get(name))) {
    const node = READ[item.kind](form, item, row, depth);
    if (!node) continue;
    if (node.tagName !== "DIV") nodes.push(node);
    else if (nodes.at(-1)?.tagName === "DL") nodes.at(-1).append(node);
    else nodes.push(h("dl", { class: "read-answers" }, node));
  }
  return nodes;
}

const READ = {
  question: readQuestion,
  group: (form, group, row, depth) => section(form, group, depth, partsOf(form, group.items, row, depth + 1)),
  repeat: (form, repeat, _row, depth) =>
    section(form, repeat, depth, form.entry.state.rows.get(repeat.name).map((row) => readRow(form, repeat, row, depth + 1))),
};

function readQuestion(form, question, row) {
  const value = row.answers.get(question.name)?.kept;
  if (HIDDEN.includes(question.type)) return null;
  const words = labelWords(question.label, form.language, (name) => wordsIn(form, row, name)) || question.name;
  const said = answerNode(form, question, value);
  const answer = question.sensitive && value !== undefined ? h("details", {}, h("summary", {}, icon("lock"), _("敏感内容,点开查看")), said) : said;
  return h("div", {}, h("dt", {}, words), h("dd", {}, answer));
}

function answerNode(form, question, value) {
  const source = question.type === "image" && value ? sourceOf(form, value) : null;
  if (source) return h("img", { class: "read-photo", src: source, alt: _("照片") });
  const words = wordsOfAnswer(form.entry.tree, question, value, form.language);
  return words ? h("span", {}, words) : h("span", { class: "muted" }, _("未填"));
}

function wordsIn(form, row, name) {
  const question = questionsOf(form.entry.tree).find((item) => item.name === name);
  const place = [row, form.entry.state.top].find(({ answers }) => answers.has(name));
  return question && place ? wordsOfAnswer(form.entry.tree, question, place.answers.get(name).kept, form.language) : "";
}

function readRow(form, repeat, row, depth) {
  const title = h(`h${Math.min(depth, DEEPEST_HEADING)}`, {}, _("第 {n} 条", { n: row.position }));
  return h("section", { class: "form-row" }, title, partsOf(form, repeat.items, row, depth + 1));
}

function section(form, item, depth, nodes) {
  if (!nodes.length) return null;
  const words = labelWords(item.label, form.language, (name) => wordsIn(form, form.entry.state.top, name));
  const title = words ? h(`h${Math.min(depth, DEEPEST_HEADING)}`, {}, words) : null;
  if (!item.sensitive) return h("section", { class: "form-section" }, title, nodes);
  return h("details", { class: "form-section sensitive" }, h("summary", {}, icon("lock"), title ?? _("敏感内容"), h("small", {}, _("敏感内容,点开查看"))), nodes);
}
