// The line of revisions: when, who, why, what changed, and what can be done with each.

import { fill, h, icon } from "../../static/js/dom.js";
import { day, number, time } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { may } from "../../static/js/page.js";
import { authorOf } from "../../static/js/words.js";

const SHOWN = 6;

/** Number and day of a revision, as it is called everywhere on the page. */
export function titleOf({ revision, effective_at: at }) {
  return _("第 {n} 版 · {day}", { n: revision, day: day(at) });
}

/** What a revision changed, in a few words; `names` are those of areas by code. */
function changesOf({ changes }, names = new Map()) {
  const moved = changes.cells
    ? _("{cells} 个地块、{homes} 户换了网格", { cells: number(changes.cells), homes: number(changes.households) })
    : "";
  const cut = changes.new_cells && changes.closed_cells ? _("重切 {n} 个地块", { n: number(changes.closed_cells) }) : "";
  const outline = changes.outline ? _("△ 社区边界有变") : "";
  return [outline, moved, cut, ...listsOf(changes, (code) => names.get(code) || code)].filter(Boolean);
}

function listsOf({ opened, closed, renamed, split, merged }, nameOf) {
  const names = (areas) => {
    const shown = areas.slice(0, SHOWN).map(({ name, code }) => name || code);
    return shown.join("、") + (areas.length > SHOWN ? _(" 等 {n} 个", { n: areas.length }) : "");
  };
  return [
    opened.length ? _("新设:{names}", { names: names(opened) }) : "",
    closed.length ? _("撤销:{names}", { names: names(closed) }) : "",
    renamed.length ? _("改名:{names}", { names: names(renamed) }) : "",
    ...split.slice(0, SHOWN).map(({ grid, other }) => _("{grid} 由 {other} 分出", { grid: nameOf(grid), other: nameOf(other) })),
    ...merged.slice(0, SHOWN).map(({ grid, other }) => _("{grid} 并入 {other}", { grid: nameOf(grid), other: nameOf(other) })),
  ];
}

/**
 * Show the line, newest first; `shown` is on the map, `onShow`, `onCompare`, `onRestore` are told of a revision.
 * What was withdrawn before its day stands among them, with nothing to be done with it.
 */
export function showLine(place, { rows, withdrawn = [] }, shown, { onShow, onCompare, onRestore }) {
  const newest = rows.find(({ scheduled }) => !scheduled);
  const names = namesIn(rows);
  const lines = rows.map((row) => [row, line(row, { isShown: row === shown, isPresent: row === newest, names, onShow, onCompare, onRestore })]);
  const gone = withdrawn.map((row) => [row, withdrawnLine(row)]);
  fill(place, [...lines, ...gone].sort(([a], [b]) => b.revision - a.revision).map(([, made]) => made));
}

/** Names of areas by code, as the revisions tell them; the newest name counts. */
function namesIn(rows) {
  const known = [...rows].reverse().flatMap(({ changes }) => [...changes.closed, ...changes.opened]);
  return new Map(known.filter(({ name }) => name).map(({ code, name }) => [code, name]));
}

function line(row, { isShown, isPresent, names, onShow, onCompare, onRestore }) {
  const state = row.scheduled ? _("待生效") : isPresent ? _("现行") : "";
  const published = row.backdated ? _("补录") : _("{at} 发布", { at: time(row.published_at) });
  const mark = row.changes.outline ? "△ " : "";
  const title = mark + [titleOf(row), state, isShown ? _("正在显示") : ""].filter(Boolean).join(" · ");
  const heading = row.scheduled ? title : h("button", { type: "button", class: "link", onclick: () => onShow(row) }, title);
  return h(
    "li",
    { "aria-current": isShown ? "true" : null },
    h("h3", {}, heading),
    h("p", {}, row.reason),
    h("p", { class: "muted" }, [authorOf(row.by), published, _("{n} 个网格", { n: row.changes.grids })].filter(Boolean).join(" · ")),
    changesOf(row, names).map((text) => h("p", {}, text)),
    row.scheduled || isPresent ? null : buttons(row, onCompare, onRestore),
  );
}

/** A scheduled revision that was taken back: who published it and why, who took it back and why. */
function withdrawnLine(row) {
  const published = [row.by, _("{at} 发布", { at: time(row.published_at) })];
  const gone = [row.withdrawn_by, _("{at} 撤回", { at: time(row.withdrawn_at) })];
  return h(
    "li",
    { class: "withdrawn" },
    h("h3", {}, [titleOf(row), _("已撤回")].join(" · ")),
    h("p", {}, row.reason),
    h("p", { class: "muted" }, published.filter(Boolean).join(" · ")),
    h("p", {}, _("撤回原因:{reason}", { reason: row.withdrawn_reason })),
    h("p", { class: "muted" }, gone.filter(Boolean).join(" · ")),
  );
}

function buttons(row, onCompare, onRestore) {
  const compare = { type: "button", class: "button", "aria-label": `${_("与现行对比")}:${titleOf(row)}`, onclick: () => onCompare(row) };
  const back = { type: "button", class: "button", "aria-label": `${_("恢复")}:${titleOf(row)}`, onclick: ({ currentTarget }) => onRestore(row, currentTarget) };
  return h(
    "div",
    { class: "buttons screen-only" },
    h("button", compare, _("与现行对比")),
    may("redraw:edit") ? h("button", back, icon("arrow-counterclockwise"), _("恢复")) : null,
  );
}
