// A form as it stands on a page: groups as sections, repeats with their rows, questions as they are asked now.
// A view is {node, refresh(), viewAt(sheet, name), isShown()}; it is made once, and then follows the answers.

import { fill, h, icon } from "../js/dom.js";
import { _ } from "../js/i18n.js";
import { addRow, rowOf } from "./entry.js";
import { questionView } from "./question.js";
import { REPEAT_ROWS } from "./state.js";
import { labelWords } from "./words.js";

const DEEPEST_HEADING = 6;

/** The views of some items for a sheet of answers; `depth` is that of their headings. */
export function itemViews(form, items, sheet, { repeat = null, depth = 2 } = {}) {
  return items.map((item) => VIEWS[item.kind](form, item, sheet, { repeat, depth }));
}

const VIEWS = { question: questionView, group: groupView, repeat: repeatView };

function groupView(form, group, sheet, { repeat, depth }) {
  const views = itemViews(form, group.items, sheet, { repeat, depth: depth + 1 });
  const title = h(`h${Math.min(depth, DEEPEST_HEADING)}`, { id: form.newId() });
  const section = sectionOf(group, title, views.map(({ node }) => node));
  const isShown = () => rowOf(form.entry, repeat, sheet)?.relevant.get(group.name) && views.some((view) => view.isShown());
  return {
    node: section,
    isShown,
    viewAt: viewIn(() => views),
    refresh() {
      title.textContent = labelWords(group.label, form.language, form.wordsIn(repeat, sheet));
      title.hidden = !title.textContent;
      views.forEach((view) => view.refresh());
      section.hidden = !isShown();
    },
  };
}

/** A section; what is sensitive is folded, and opens by a press. */
function sectionOf(item, title, nodes) {
  if (!item.sensitive) return h("section", { class: "form-section", "aria-labelledby": title.id }, title, nodes);
  const summary = h("summary", {}, icon("lock"), title, h("small", {}, _("敏感内容,点开填写")));
  return h("details", { class: "form-section sensitive" }, summary, nodes);
}

const viewIn = (views) => (sheet, name) => views().reduce((known, view) => known ?? view.viewAt(sheet, name), null);

function repeatView(form, repeat, _outside, { depth }) {
  const title = h(`h${Math.min(depth, DEEPEST_HEADING)}`, { id: form.newId() });
  const place = h("div", { class: "form-rows" });
  const undone = h("div", { class: "beside", "aria-live": "polite" });
  const add = h("button", { type: "button", class: "button" }, icon("plus-lg"), _("添加一条"));
  const most = h("p", { class: "note" }, _("最多 {most} 条", { most: REPEAT_ROWS }));
  const section = sectionOf(repeat, title, [place, undone, repeat.count ? null : h("div", { class: "answers" }, add), most]);
  const drawn = new Map();
  const sheets = () => form.entry.rows.get(repeat.name);
  const isShown = () => Boolean(form.entry.state.top.relevant.get(repeat.name));
  const change = (work) => {
    work();
    form.changed();
  };
  const remove = (sheet) => {
    const index = sheets().indexOf(sheet);
    change(() => sheets().splice(index, 1));
    const bring = () => {
      fill(undone);
      change(() => sheets().splice(Math.min(index, sheets().length), 0, sheet));
      drawn.get(sheet).focus();
    };
    const button = h("button", { type: "button", class: "button", onclick: bring }, icon("arrow-counterclockwise"), _("撤销"));
    fill(undone, h("p", { class: "notice" }, h("span", {}, _("已删去第 {n} 条。", { n: index + 1 })), button));
    button.focus();
  };
  add.addEventListener("click", () => {
    fill(undone);
    change(() => addRow(form.entry, repeat));
    drawn.get(sheets().at(-1))?.focus();
  });
  return {
    node: section,
    isShown,
    viewAt: viewIn(() => [...drawn.values()]),
    refresh() {
      title.textContent = labelWords(repeat.label, form.language, form.wordsIn(null, form.entry.top)) || _("明细");
      const counted = sheets().slice(0, form.entry.state.rows.get(repeat.name).length);
      counted.forEach((sheet) => drawn.has(sheet) || drawn.set(sheet, rowView(form, repeat, sheet, { depth, remove })));
      const nodes = counted.map((sheet) => drawn.get(sheet).node);
      if (nodes.length !== place.children.length || nodes.some((node, at) => place.children[at] !== node)) fill(place, nodes);
      counted.forEach((sheet, index) => drawn.get(sheet).refresh(index));
      add.disabled = sheets().length >= REPEAT_ROWS;
      most.hidden = !add.disabled || Boolean(repeat.count);
      section.hidden = !isShown();
    },
  };
}

function rowView(form, repeat, sheet, { depth, remove }) {
  const views = itemViews(form, repeat.items, sheet, { repeat: repeat.name, depth: depth + 2 });
  const title = h(`h${Math.min(depth + 1, DEEPEST_HEADING)}`, { id: form.newId() });
  const drop = h("button", { type: "button", class: "button", onclick: () => remove(sheet) }, icon("trash"), h("span", {}));
  const isFree = !repeat.count && (!repeat.register || sheet.isAdded);
  const node = h("div", { class: "form-row", role: "group", "aria-labelledby": title.id }, h("header", {}, title, isFree ? drop : null), views.map((view) => view.node));
  return {
    node,
    viewAt: viewIn(() => views),
    focus: () => node.querySelector("input:not([hidden]), textarea, select, button:not(header button)")?.focus(),
    refresh(index) {
      title.textContent = [_("第 {n} 条", { n: index + 1 }), firstWords(form, repeat, sheet)].filter(Boolean).join(" · ");
      drop.lastChild.textContent = _("删去第 {n} 条", { n: index + 1 });
      views.forEach((view) => view.refresh());
    },
  };
}

/** What a row is called by: the first of its answers, such as a name. */
function firstWords(form, repeat, sheet) {
  const first = repeat.items.find(({ kind, sensitive }) => kind === "question" && !sensitive);
  return first ? form.wordsIn(repeat.name, sheet)(first.name).slice(0, 20) : "";
}
