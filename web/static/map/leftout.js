// Names that found no room on the map: a number stands for each, and the table beside the map says whose it is.

import { fill, h } from "../js/dom.js";
import { _ } from "../js/i18n.js";

/** Tell a table of the labels that stand as a number only; what has no row in it is listed above it. */
export function listLeftOut(view, table) {
  view.labels.onLeftOut((labels) => table.setMarks(labels));
}

/** List the names of a second map that stand there as a number only; `titleOf()` says which map that is. */
export function listBeside(labels, place, titleOf) {
  labels.onLeftOut((marks) => {
    const listed = marks.flatMap(({ number, text }) => [" ", h("span", { class: "nowrap" }, markOf(number), " ", text)]);
    fill(place, marks.length ? [h("span", {}, _("{map}图上写不下、用号码代替的:", { map: titleOf() })), listed] : []).hidden = !marks.length;
  });
}

/** Put the numbers before the names of a drawn table's rows, and the sentence about them above it. */
export function showMarks(table, marks) {
  for (const old of table.querySelectorAll(".map-mark")) old.remove();
  const lines = new Map([...(table.tBodies[0]?.rows || [])].map((row) => [row.dataset.key, row]));
  const others = marks.filter(({ key }) => !lines.has(String(key)));
  for (const { number, key } of [...marks].reverse()) lines.get(String(key))?.querySelector(".row-button, th a")?.prepend(markOf(number), " ");
  fill(noteOf(table), marks.length ? sentences(marks, others) : []).hidden = !marks.length;
}

function markOf(number) {
  return h("span", { class: "map-mark", title: _("图上的号码") }, String(number));
}

function noteOf(table) {
  const box = table.closest(".table-box") || table;
  if (box.previousElementSibling?.matches(".left-out")) return box.previousElementSibling;
  const note = h("p", { class: "note left-out" });
  box.before(note);
  return note;
}

function sentences(marks, others) {
  const inTable = others.length < marks.length ? _("图上写不下的名称用号码代替,号码见表中名称前。") : null;
  const listed = others.flatMap(({ number, text }) => [" ", h("span", { class: "nowrap" }, markOf(number), " ", text)]);
  return [inTable, others.length ? [h("span", {}, _("图上写不下、用号码代替的:")), listed] : null];
}
