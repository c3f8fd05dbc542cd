// The table of elders: counts by grid, below each part its share of those it is counted from.

import { h } from "../../../static/js/dom.js";
import { number } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";
import { nameColumn, numberColumn } from "../../../static/map/arearows.js";
import { rowNumber } from "../../../static/js/withheld.js";
import { levelWord } from "../../../static/js/words.js";
import { shareOf, titleOf, WHOLES } from "./measures.js";

const KEYS = [
  "elders",
  "elders_80",
  "reached",
  "with_member",
  "with_visitor",
  "without_visitor",
  "agreed",
  "visited",
  "unseen",
  "overdue",
  "double_gap",
  "unregistered",
];

/** The columns, with what the map is coloured by first. */
export function elderColumns(measure, digits) {
  const first = measure === "reached" ? [] : [measure, WHOLES[measure]];
  const keys = [...first, ...KEYS.filter((key) => !first.includes(key))];
  return [nameColumn(levelWord("grid")), ...keys.map((key) => column(key, digits))];
}

function column(key, digits) {
  if (!WHOLES[key]) return numberColumn(key, titleOf(key));
  return numberColumn(key, titleOf(key), {
    hint: _("下面是占“{whole}”的百分比,点击按百分比排序", { whole: titleOf(WHOLES[key]) }),
    value: (row) => shareOf(row, key),
    cell: (row) => partCell(row, key, digits),
  });
}

/** A part with its share below it. */
function partCell(row, key, digits) {
  const share = shareOf(row, key);
  const below = share === null ? null : h("small", {}, `${number(share, digits)}%`);
  return h("span", { class: "load" }, rowNumber(row, key), below);
}
