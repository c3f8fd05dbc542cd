// A form while it is filled: what was answered, what the register knows, and what may be kept of it. Nothing is drawn here.
// A sheet is {sent, known, undecided, isAdded}: the answers of one row of a repeat, or of all outside of repeats.

import { newId } from "../js/ids.js";
import { _ } from "../js/i18n.js";
import { checkAnswers, offeredChoices } from "./check.js";
import { evaluate } from "./expressions.js";
import { REPEAT_ROWS, contextOf, questionsOf, repeatOf, rowsOf, walkItems, workOut } from "./state.js";
import { namesIn, numberOf, textOf, truthOf } from "./values.js";

/** An entry: of what was answered before, or of what the register knows and the defaults of the form. */
export function startEntry({ tree, prefill, answers, today, isGranted, language, closedRows = {}, draft = null }) {
  const entry = { tree, today, isGranted, language, closedRows, openedAt: new Date(), top: newSheet({}), rows: new Map(), photos: new Map() };
  for (const { name, register } of repeatsOf(tree)) entry.rows.set(name, rowsBefore(name, { answers, prefill, register }));
  const { known, sent } = answers ? { known: {}, sent: answersOutside(entry, answers) } : { known: prefill?.values ?? {}, sent: {} };
  entry.top = newSheet(sent, known);
  entry.hasDefaults = !answers;
  if (entry.hasDefaults) stamp(entry);
  if (entry.hasDefaults) fillDefaults(entry, null, entry.top);
  if (draft) bringDraft(entry, draft);
  workEntry(entry);
  return entry;
}

/** What was answered before and not sent, over what the register knows; photos are taken anew. */
function bringDraft(entry, draft) {
  const photos = new Set(questionsOf(entry.tree).filter(({ type }) => type === "image").map(({ name }) => name));
  const bring = (sheet, answers) => Object.entries(answers).filter(([name]) => !photos.has(name)).forEach(([name, value]) => setAnswer(sheet, name, value));
  bring(entry.top, answersOutside(entry, draft));
  for (const [name, sheets] of entry.rows) {
    for (const row of draft[name] ?? []) {
      let sheet = row._id && sheets.find(({ sent }) => sent._id === row._id);
      if (!sheet) sheets.push((sheet = { ...newSheet({}), isAdded: true }));
      bring(sheet, row);
    }
  }
}

/** The repeats of a form. */
export function repeatsOf(tree) {
  return walkItems(tree.items).filter(({ kind }) => kind === "repeat");
}

/** Work an entry out anew: hidden choices count as not chosen, rows are as many as the form says. Gives its state. */
export function workEntry(entry) {
  const sent = sentOf(entry);
  entry.state = workOut(entry.tree, sent, entry);
  for (let isSettled = false; !isSettled; ) {
    isSettled = !dropHidden(entry.state);
    if (!isSettled) entry.state = workOut(entry.tree, sent, entry);
  }
  return openCounted(entry) ? workEntry(entry) : entry.state;
}

/** What may be kept: {answers, marks, photos, bases, faults}; photos by their digest, bases by question. */
export function resultOf(entry) {
  stamp(entry);
  workEntry(entry);
  const { answers, marks, faults } = checkAnswers(entry.tree, sentOf(entry, entry.state), entry);
  const kept = JSON.stringify(answers);
  const photos = Object.fromEntries([...entry.photos].filter(([digest]) => kept.includes(`"${digest}"`)));
  return { answers, marks, photos, bases: basesOf(entry), faults: faults.map((fault) => worded(entry, fault)) };
}

/** The sheet of a path such as "answers.medicine[0].drug", with the name of the question. */
export function placeOf(entry, path) {
  const parts = /^answers\.(?:([^.[]+)\[(\d+)\]\.)?(.+)$/.exec(path);
  if (!parts) return null;
  const sheet = parts[1] ? entry.rows.get(parts[1])?.[Number(parts[2])] : entry.top;
  return sheet ? { sheet, name: parts[3] } : null;
}

/** The row of the state that a sheet is worked out in. */
export function rowOf(entry, repeat, sheet) {
  if (!repeat) return entry.state.top;
  return entry.state.rows.get(repeat)?.[entry.rows.get(repeat).indexOf(sheet)];
}

/** Keep an answer; nothing takes it away. */
export function setAnswer(sheet, name, value) {
  sheet.undecided.delete(name);
  if (value === null || value === undefined) delete sheet.sent[name];
  else sheet.sent[name] = value;
}

/** A new row of a repeat; nothing where there are as many as may be. Rows about people bring the id of a new person. */
export function addRow(entry, repeat) {
  const rows = entry.rows.get(repeat.name);
  if (rows.length >= REPEAT_ROWS) return null;
  const sheet = newSheet(repeat.register ? { _id: newId() } : {});
  rows.push({ ...sheet, isAdded: true });
  if (entry.hasDefaults) fillDefaults(entry, repeat.name, rows.at(-1));
  return rows.at(-1);
}

/** How many questions are asked now, and how many of them the register answers: {asked, known}. */
export function countKnown(entry) {
  const questions = questionsOf(entry.tree).filter(isAnswered);
  const places = questions.flatMap((question) => {
    const repeat = repeatOf(entry.state, question);
    const sheets = repeat ? entry.rows.get(repeat) : [entry.top];
    return sheets.filter((sheet) => rowOf(entry, repeat, sheet)?.relevant.get(question.name)).map((sheet) => sheet.known.has(question.name));
  });
  return { asked: places.length, known: places.filter(Boolean).length };
}

/** Whether somebody answers a question, and not the form or the device. */
export function isAnswered(question) {
  return !question.calculation && !["note", "calculate", "start", "end", "today"].includes(question.type);
}

const isNothing = (value) => value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);

function newSheet(sent, values = {}) {
  const known = new Map(Object.entries(values).filter(([, field]) => !isNothing(field.value)));
  const bases = Object.entries(values).filter(([, { base }]) => base !== null && base !== undefined);
  const undecided = new Set([...known].filter(([, field]) => !field.is_fresh).map(([name]) => name));
  const shown = Object.fromEntries([...known].map(([name, { value }]) => [name, value]));
  return { sent: { ...shown, ...sent }, known, undecided, bases: new Map(bases.map(([name, { base }]) => [name, base])), isAdded: false };
}

function rowsBefore(name, { answers, prefill }) {
  if (answers) return (answers[name] ?? []).map((row) => newSheet({ ...row }));
  return (prefill?.rows?.[name] ?? []).map(({ _id, values }) => newSheet({ _id }, values));
}

function answersOutside(entry, answers) {
  return Object.fromEntries(Object.entries(answers).filter(([name]) => !entry.rows.has(name)));
}

/** What counts as sent: all but what the register knows and nobody has confirmed. */
function sentOf(entry, state = null) {
  if (state) return { ...state.top.sent, ...Object.fromEntries([...state.rows].map(([name, rows]) => [name, rows.map((row) => row.sent)])) };
  const rows = [...entry.rows].map(([name, sheets]) => [name, sheets.map(decided)]);
  return { ...decided(entry.top), ...Object.fromEntries(rows) };
}

const decided = ({ sent, undecided }) => Object.fromEntries(Object.entries(sent).filter(([name]) => !undecided.has(name)));

function dropHidden(state) {
  const filtered = questionsOf(state.form).filter(({ choices, choice_filter }) => choices && choice_filter);
  return filtered.map((question) => rowsOf(state, question).map((row) => dropOf(state, question, row)).some(Boolean)).some(Boolean);
}

function dropOf(state, question, row) {
  const chosen = [row.answers.get(question.name)?.kept ?? []].flat();
  if (!chosen.length) return false;
  const offered = new Set(offeredChoices(state, question, row).map(({ name }) => name));
  const left = chosen.filter((name) => offered.has(name));
  if (left.length === chosen.length) return false;
  if (Array.isArray(row.sent[question.name]) && left.length) row.sent[question.name] = left;
  else delete row.sent[question.name];
  return true;
}

/** Rows that the form counts itself are there without being added. */
function openCounted(entry) {
  const short = repeatsOf(entry.tree).filter(({ name, count }) => count && entry.state.rows.get(name).length > entry.rows.get(name).length);
  for (const { name } of short) {
    const sheets = entry.rows.get(name);
    while (sheets.length < entry.state.rows.get(name).length) {
      sheets.push(newSheet({}));
      if (entry.hasDefaults) fillDefaults(entry, name, sheets.at(-1));
    }
  }
  return short.length > 0;
}

function fillDefaults(entry, repeat, sheet) {
  entry.state = workOut(entry.tree, sentOf(entry), entry);
  const open = questionsOf(entry.tree).filter((question) => question.default && repeatOf(entry.state, question) === (repeat ?? undefined));
  for (const question of open.filter(({ name }) => !(name in sheet.sent))) {
    const row = rowOf(entry, repeat, sheet) ?? entry.state.top;
    setAnswer(sheet, question.name, answerFrom(question.type, evaluate(question.default, contextOf(entry.state, row))));
    if (JSON.stringify(question.default).includes('"ref"')) entry.state = workOut(entry.tree, sentOf(entry), entry);
  }
}

const ANSWERS = {
  select_multiple: (value) => namesIn(value),
  integer: numberOf,
  decimal: numberOf,
  acknowledge: (value) => truthOf(value) || null,
  geopoint: () => null,
  image: () => null,
};

function answerFrom(kind, value) {
  const answer = (ANSWERS[kind] ?? textOf)(value);
  return isNothing(answer) || Number.isNaN(answer) ? null : answer;
}

/** What the device answers itself. */
function stamp(entry) {
  const moments = { start: entry.openedAt, end: new Date() };
  for (const { name, type } of questionsOf(entry.tree)) {
    if (type === "today") entry.top.sent[name] ??= entry.today;
    if (moments[type] && (type === "end" || !(name in entry.top.sent))) entry.top.sent[name] = moments[type].toISOString();
  }
}

function basesOf(entry) {
  const outside = basesIn(entry.top, entry.state.top, "");
  const inside = [...entry.rows].flatMap(([name, sheets]) =>
    sheets.flatMap((sheet) => basesIn(sheet, rowOf(entry, name, sheet), `${sheet.sent._id}.`)),
  );
  return Object.fromEntries([...outside, ...inside]);
}

function basesIn(sheet, row, before) {
  const isSaid = ([name]) => row?.relevant.get(name) && !sheet.undecided.has(name);
  return [...sheet.bases].filter(isSaid).map(([name, base]) => [`${before}${name}`, base]);
}

/** What is missing because nobody has confirmed it is told so. */
function worded(entry, fault) {
  const place = placeOf(entry, fault.field);
  if (!place?.sheet.undecided.has(place.name)) return fault;
  return { ...fault, message: _("请确认:没有变化,还是有变化") };
}
