// A form to be filled or read, the same on a page, in a preview and on a telephone that is out of reach of the server.

import { h } from "../js/dom.js";
import { _ } from "../js/i18n.js";
import { countKnown, placeOf, resultOf, rowOf, startEntry, workEntry } from "./entry.js";
import { checkAnswers } from "./check.js";
import { itemViews } from "./layout.js";
import { readingOf } from "./reading.js";
import { questionsOf } from "./state.js";
import { faultSummary } from "./summary.js";
import { wordsOfAnswer } from "./words.js";

const TYPING_MS = 150;
let opened = 0;

/**
 * A form as {element, result, show, grant}. `prefill` is what the register knows, `draft` what was answered and not sent, `answers` what was answered before
 * (of a record that is read or corrected), `today` a day as text, `photoUrl(digest)` where a photo that is kept stands;
 * `closedRows` by repeat and person the questions that aren't asked of them, under "" of somebody who is added.
 *
 * `result()` gives {answers, marks, photos, bases, faults} and changes nothing; `show(faults)` tells of them beside their
 * questions and goes to the first; `grant()` asks the rest after consent was given.
 */
export function openForm({ tree, prefill = null, language = "zh", readOnly = false, today, isGranted = true, closedRows = {}, answers = null, draft = null, onChange = null, photoUrl = null }) {
  const entry = startEntry({ tree, prefill, answers, today, isGranted, language, closedRows, draft });
  if (readOnly) return readForm(entry, { language, photoUrl });
  const form = { entry, language, photoUrl, newId: idMaker(), wordsIn: (repeat, sheet) => wordsAt(form, repeat, sheet), countPhotos: () => countPhotos(entry) };
  const known = h("p", { class: "form-known", "aria-live": "polite" });
  const summary = faultSummary(form, (fault) => viewOf(fault));
  const views = itemViews(form, tree.items, entry.top);
  const nothing = h("p", { class: "form-note none" }, _("这张表单现在没有要填的题目。"));
  const element = h("div", { class: "filled-form", lang: language === "zh" ? "zh-CN" : language }, summary.node, known, views.map(({ node }) => node), nothing);
  let waiting = null;
  const viewOf = ({ field }) => {
    const place = placeOf(entry, field);
    return place && views.reduce((first, view) => first ?? view.viewAt(place.sheet, place.name), null);
  };
  const refresh = () => {
    clearTimeout(waiting);
    waiting = null;
    workEntry(entry);
    views.forEach((view) => view.refresh());
    nothing.hidden = views.some((view) => view.isShown());
    known.textContent = knownWords(entry);
    known.hidden = !known.textContent;
  };
  const judge = (view) => {
    const { faults } = checkAnswers(tree, stateAnswers(entry), entry);
    const fault = faults.find((other) => viewOf(other) === view && (summary.tells(view) || isAnsweredNow(entry, other)));
    view.say(fault?.message ?? "");
    summary.settle(view, fault?.message ?? "");
  };
  form.changed = (view = null) => {
    refresh();
    if (view) judge(view);
    onChange?.();
  };
  form.changedSoon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => form.changed(), TYPING_MS);
  };
  element.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input:not([type=file], [type=checkbox], [type=radio])")) event.preventDefault();
  });
  refresh();
  return {
    element,
    result: () => resultOf(entry),
    show(faults) {
      refresh();
      summary.show(faults);
    },
    grant() {
      entry.isGranted = true;
      form.changed();
    },
  };
}

function readForm(entry, { language, photoUrl }) {
  const element = h("div", { class: "filled-form read" }, readingOf({ entry, language, photoUrl }));
  return { element, result: () => resultOf(entry), show() {}, grant() {} };
}

function idMaker() {
  opened += 1;
  let count = 0;
  const prefix = `form${opened}`;
  return () => `${prefix}-${(count += 1)}`;
}

function wordsAt(form, repeat, sheet) {
  return (name) => {
    const question = (form.questions ??= new Map(questionsOf(form.entry.tree).map((item) => [item.name, item]))).get(name);
    const row = [rowOf(form.entry, repeat, sheet), form.entry.state.top].find((place) => place?.answers.has(name));
    return question && row ? wordsOfAnswer(form.entry.tree, question, row.answers.get(name).kept, form.language) : "";
  };
}

function countPhotos(entry) {
  const images = questionsOf(entry.tree).filter(({ type }) => type === "image");
  const sheets = [entry.top, ...[...entry.rows.values()].flat()];
  return sheets.reduce((count, { sent }) => count + images.filter(({ name }) => sent[name]).length, 0);
}

function stateAnswers({ state }) {
  return { ...state.top.sent, ...Object.fromEntries([...state.rows].map(([name, rows]) => [name, rows.map((row) => row.sent)])) };
}

function isAnsweredNow(entry, { field }) {
  const { sheet, name } = placeOf(entry, field);
  return name in sheet.sent && !sheet.undecided.has(name);
}

/** "最多报一次": how many of the questions came filled in. */
function knownWords(entry) {
  const { asked, known } = countKnown(entry);
  return known ? _("{asked} 项里 {known} 项已带出", { asked, known }) : "";
}
