// A form being worked out: which questions are asked, and the value of each; gisgrid/forms/answers/state.py is the same.
// What is not relevant counts as not answered, whatever was sent.

import { evaluate, holds } from "./expressions.js";
import { BLANK, DEVICE, computed, readAnswer } from "./kinds.js";
import { dayFromText, numberOf } from "./values.js";

export const REPEAT_ROWS = 50;

/** All questions, groups and repeats, each before what it holds. */
export function walkItems(items) {
  return items.flatMap((item) => [item, ...walkItems(item.items ?? [])]);
}

/** All questions of a form, those of groups and repeats too. */
export function questionsOf(form) {
  return walkItems(form.items).filter((item) => item.kind === "question");
}

/** A text in a language, or in the first there is; empty where there is none. */
export function textIn(texts, language) {
  return texts?.[language] || Object.values(texts ?? {})[0] || "";
}

/** A form with what was answered, worked out once: {form, isGranted, top, rows}; `closedRows`: what isn't asked of whom. Nothing is judged here. */
export function workOut(form, sent, { today, isGranted, closedRows = {} }) {
  const items = walkItems(form.items);
  const parents = new Map(items.flatMap((item) => (item.items ?? []).map((child) => [child.name, item])));
  const state = { form, isGranted, closedRows, today: dayFromText(today), top: newRow(sent, 1), rows: new Map(), parents };
  state.labels = new Map(items.filter((item) => item.choices).map((item) => [item.name, labelsOf(form, item)]));
  for (const item of inOrder(items, parents)) workOutItem(state, item);
  return state;
}

/** The name of the repeat in which an item stands, if any. */
export function repeatOf(state, item) {
  let parent = state.parents.get(item.name);
  while (parent && parent.kind !== "repeat") parent = state.parents.get(parent.name);
  return parent?.name;
}

/** The rows in which an item is answered: those of its repeat, or the one outside of repeats. */
export function rowsOf(state, item) {
  const repeat = repeatOf(state, item);
  return repeat ? state.rows.get(repeat) ?? [] : [state.top];
}

/** What expressions see from a row: its own values before those outside. */
export function contextOf(state, row, { own = "", columns } = {}) {
  const values = { get: (name) => row.values.get(name) ?? state.top.values.get(name) };
  return { values, today: state.today, own, position: row.position, labels: state.labels, columns };
}

/** Whether a question may be asked at all: without consent only what needs none. */
export function mayAsk(state, item) {
  return state.isGranted || item.no_consent === true || DEVICE.includes(item.type);
}

const newRow = (sent, position, closed = []) => ({ sent, position, closed, answers: new Map(), relevant: new Map(), values: new Map() });

function labelsOf(form, question) {
  const choices = form.choices?.[question.choices] ?? [];
  return new Map(choices.map((choice) => [choice.name, textIn(choice.label, form.languages[0])]));
}

function namesOf(node) {
  if (!Array.isArray(node)) return [];
  return node[0] === "ref" ? [node[1]] : node[0] === "text" ? [] : node.flatMap(namesOf);
}

/** All items, each behind those it waits for. */
function inOrder(items, parents) {
  const byName = new Map(items.map((item) => [item.name, item]));
  const ordered = new Set();
  const seen = new Set();
  const visit = (item) => {
    if (!item || seen.has(item)) return;
    seen.add(item);
    visit(parents.get(item.name));
    for (const name of [item.relevant, item.calculation, item.count].flatMap(namesOf)) visit(byName.get(name));
    ordered.add(item);
  };
  items.forEach(visit);
  return ordered;
}

function workOutItem(state, item) {
  const rows = rowsOf(state, item);
  for (const row of rows) {
    row.relevant.set(item.name, isRelevant(state, item, row));
    if (item.kind === "question") answer(state, item, row);
  }
  if (item.kind === "repeat") openRows(state, item);
  else if (repeatOf(state, item)) state.top.values.set(item.name, { many: rows.map((row) => row.values.get(item.name) ?? "") });
}

function isRelevant(state, item, row) {
  const parent = state.parents.get(item.name);
  const isWithin = !parent || (row.relevant.get(parent.name) ?? true);
  const isAskable = item.kind === "group" || (mayAsk(state, item) && !row.closed.includes(item.name));
  return isWithin && isAskable && (!item.relevant || holds(item.relevant, contextOf(state, row)));
}

function answer(state, question, row) {
  const read = row.relevant.get(question.name) ? readQuestion(state, question, row) : BLANK;
  row.answers.set(question.name, read);
  row.values.set(question.name, read.value);
}

function readQuestion(state, question, row) {
  if (question.calculation) return computed(evaluate(question.calculation, contextOf(state, row)));
  return question.type === "note" ? BLANK : readAnswer(question.type, row.sent[question.name]);
}

function openRows(state, repeat) {
  const isAsked = state.top.relevant.get(repeat.name);
  const sent = isAsked ? state.top.sent[repeat.name] ?? [] : [];
  const count = isAsked ? countOf(state, repeat, sent.length) : 0;
  const closed = state.closedRows[repeat.name] ?? {};
  const rows = Array.from({ length: count }, (_none, index) => newRow(sent[index] ?? {}, index + 1, closed[sent[index]?._id] ?? closed[""]));
  state.rows.set(repeat.name, rows);
  state.top.values.set(repeat.name, { many: rows.map((row) => row.position) });
}

function countOf(state, repeat, sent) {
  if (!repeat.count) return Math.min(sent, REPEAT_ROWS);
  const number = numberOf(evaluate(repeat.count, contextOf(state, state.top)));
  return Number.isNaN(number) ? 0 : Math.max(0, Math.min(Math.trunc(number), REPEAT_ROWS));
}
