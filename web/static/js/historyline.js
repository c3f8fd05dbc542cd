// The line of revisions: when, who, why, what changed, and what can be done with each.

import { fill, h, icon } from "./dom.js";
import { day, number, time } from "./format.js";
import { _ } from "./i18n.js";
import { may } from "./page.js";
import { authorOf } from "./words.js";

const SHOWN = 6;

/** Number and day of a revision, as it is called everywhere on the page. */
export function titleOf({ revision, effective_at: at }) {
  return _("第 {n} 版 · {day}", { n: revision, day: day(at) });
}

/** What a revision changed, in a few words. */
export function changesOf({ changes }) {
  const moved = changes.cells
    ? _("{cells} 个单元、{homes} 户换了网格", { cells: number(changes.cells), homes: number(changes.households) })
    : "";
  const cut = changes.new_cells && changes.closed_cells ? _("重切 {n} 个单元", { n: number(changes.closed_cells) }) : "";
  return [moved, cut, ...listsOf(changes)].filter(Boolean);
}

function listsOf({ opened, closed, renamed, split, merged }) {
  const names = (areas) => {
    const shown = areas.slice(0, SHOWN).map(({ name, code }) => name || code);
    return shown.join("、") + (areas.length > SHOWN ? _(" 等 {n} 个", { n: areas.length }) : "");
  };
  return [
    opened.length ? _("新设:{names}", { names: names(opened) }) : "",
    closed.length ? _("撤销:{names}", { names: names(closed) }) : "",
    renamed.length ? _("改名:{names}", { names: names(renamed) }) : "",
    ...split.slice(0, SHOWN).map(({ grid, other }) => _("{grid} 由 {other} 分出", { grid, other })),
    ...merged.slice(0, SHOWN).map(({ grid, other }) => _("{grid} 并入 {other}", { grid, other })),
  ];
}

/** Show the line, newest first; `shown` is on the map, `onShow`, `onCompare`, `onRestore` are told of a revision. */
export function showLine(place, rows, shown, { onShow, onCompare, onRestore }) {
  const newest = rows.find(({ scheduled }) => !scheduled);
  const lines = rows.map((row) => line(row, { isShown: row === shown, isPresent: row === newest, onShow, onCompare, onRestore }));
  fill(place, lines);
}

function line(row, { isShown, isPresent, onShow, onCompare, onRestore }) {
  const state = row.scheduled ? _("待生效") : isPresent ? _("现行") : "";
  const published = row.backdated ? _("补录") : _("{at} 发布", { at: time(row.published_at) });
  const title = [titleOf(row), state, isShown ? _("正在显示") : ""].filter(Boolean).join(" · ");
  const heading = row.scheduled ? title : h("button", { type: "button", class: "link", onclick: () => onShow(row) }, title);
  return h(
    "li",
    { "aria-current": isShown ? "true" : null },
    h("h3", {}, heading),
    h("p", {}, row.reason),
    h("p", { class: "muted" }, [authorOf(row.by), published, _("{n} 个网格", { n: row.changes.grids })].filter(Boolean).join(" · ")),
    changesOf(row).map((text) => h("p", {}, text)),
    row.scheduled || isPresent ? null : buttons(row, onCompare, onRestore),
  );
}

function buttons(row, onCompare, onRestore) {
  const compare = { type: "button", class: "button", "aria-label": `${_("与现行对比")}:${titleOf(row)}`, onclick: () => onCompare(row) };
  const back = { type: "button", class: "button", "aria-label": `${_("恢复")}:${titleOf(row)}`, onclick: ({ currentTarget }) => onRestore(row, currentTarget) };
  return h(
    "div",
    { class: "buttons screen-only" },
    h("button", compare, _("与现行对比")),
    may("redraw_edit") ? h("button", back, icon("arrow-counterclockwise"), _("恢复")) : null,
  );
}
