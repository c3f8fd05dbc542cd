// Whether answers may be kept: every fault at once, with its question; gisgrid/forms/answers/checks.py is the same.

import { _ } from "../js/i18n.js";
import { holds } from "./expressions.js";
import { contextOf, mayAsk, questionsOf, repeatOf, rowsOf, textIn, workOut } from "./state.js";
import { isBlank, truthOf } from "./values.js";

/** What is kept of a form: {answers, marks, faults}; faults are {field, message}, rows in fields counted from 0. */
export function checkAnswers(form, sent, { today, isGranted, language, closedRows }) {
  const state = workOut(form, sent, { today, isGranted, closedRows });
  return { answers: keptOf(state), marks: marksOf(state), faults: faultsOf(state, language) };
}

/** The choices of a question that its filter leaves in a row. */
export function offeredChoices(state, question, row) {
  const columnsOf = (choice) => new Map(Object.entries({ name: choice.name, ...choice.columns }));
  return (state.form.choices?.[question.choices] ?? []).filter(
    (choice) => !question.choice_filter || holds(question.choice_filter, contextOf(state, row, { columns: columnsOf(choice) })),
  );
}

function faultsOf(state, language) {
  return questionsOf(state.form).flatMap((question) =>
    rowsOf(state, question).flatMap((row) => {
      const message = row.relevant.get(question.name) ? faultOf(state, question, row, language) : null;
      return message ? [{ field: pathOf(state, question, row), message }] : [];
    }),
  );
}

function faultOf(state, question, row, language) {
  const answer = row.answers.get(question.name);
  if (answer.fault) return answer.fault;
  if (isBlank(answer.value)) return missing(state, question, row, language);
  return unlisted(state, question, row, answer) || brokenRule(state, question, row, language);
}

function missing(state, question, row, language) {
  if (!question.required || ["note", "calculate"].includes(question.type)) return null;
  if (!holds(question.required, contextOf(state, row))) return null;
  return textIn(question.required_message, language) || _("此题必填");
}

function unlisted(state, question, row, answer) {
  if (!question.choices) return null;
  const offered = offeredChoices(state, question, row).map((choice) => choice.name);
  return [answer.kept].flat().every((name) => offered.includes(name)) ? null : _("此处没有这个选项");
}

function brokenRule(state, question, row, language) {
  const own = row.values.get(question.name);
  if (!question.constraint || holds(question.constraint, contextOf(state, row, { own }))) return null;
  return textIn(question.constraint_message, language) || _("这个答案不符合要求");
}

function pathOf(state, question, row) {
  const repeat = repeatOf(state, question);
  return repeat ? `answers.${repeat}[${row.position - 1}].${question.name}` : `answers.${question.name}`;
}

function keptOf(state) {
  const filled = [...state.rows].filter(([, rows]) => rows.length);
  return { ...keptRow(state.top), ...Object.fromEntries(filled.map(([name, rows]) => [name, rows.map(keptRow)])) };
}

function keptRow(row) {
  const kept = [...row.answers].filter(([, answer]) => answer.kept !== undefined).map(([name, answer]) => [name, answer.kept]);
  return { ...(row.sent._id ? { _id: row.sent._id } : {}), ...Object.fromEntries(kept) };
}

function marksOf(state) {
  const marks = questionsOf(state.form).filter((question) => question.mark && mayAsk(state, question));
  return Object.fromEntries(marks.map((question) => [question.name, truthOf(state.top.values.get(question.name))]));
}
