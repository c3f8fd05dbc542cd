// How indicators are shown: tiles, bars, columns of the table, definitions.

import { categoryWord } from "../../cases/static/categories.js";
import { bar, fill, h } from "../../static/js/dom.js";
import { number } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { page } from "../../static/js/page.js";
import { isWithheld, signOf } from "../../static/js/withheld.js";
import { levelWord, wordsOf } from "../../static/js/words.js";

const ALL = page.indicators;
const BY_CODE = new Map(ALL.indicators.map((indicator) => [indicator.code, indicator]));
const SCORES = new Map(ALL.scores.map((score) => [score.code, score]));

export const SETS = {
  closing: ["closure", "on_time_closure", "late_closure", "handling", "on_time_handling", "extension"],
  filing: ["valid_reports", "filing", "on_time_filing", "accurate_filing", "missed_rate", "proactive", "public_reports"],
  desk: [
    "on_time_dispatch",
    "accurate_dispatch",
    "on_time_verifying",
    "on_time_checking",
    "on_time_verify_asking",
    "on_time_check_asking",
  ],
  effect: ["satisfaction", "in_grid", "on_spot", "rework", "unclosed_rate"],
  scores: ["collector_score", "acceptor_score", "shift_head_score", "dispatcher_score", "area_score"],
};

export const countWord = (code) => ALL.counts[code] || code;

function nameOf(code) {
  return (BY_CODE.get(code) || SCORES.get(code)).name;
}

/** A share in per cent, a score with its grade; of nothing a dash, withheld ones as such. */
function valueWord(row, code) {
  if (isWithheld(row, code)) return signOf(row);
  const value = row[code];
  if (value === null || value === undefined) return "—";
  if (SCORES.has(code)) return `${number(value, 1)} · ${row[code.replace("_score", "_grade")]}`;
  return `${number(100 * value, 2)}%`;
}

/** The two numbers of a share, each a button that lists its cases where they may be listed. */
function numbersOf(row, code, open, whole = false) {
  const indicator = BY_CODE.get(code);
  if (!indicator || row[indicator.denominator] === null || row[indicator.denominator] === undefined) return null;
  if (!open) return h("small", { class: "parts-of" }, `${number(row[indicator.numerator])}/${number(row[indicator.denominator])}`);
  const button = (count) =>
    h(
      "button",
      {
        type: "button",
        class: "number-link",
        disabled: row[count] === 0,
        title: countWord(count),
        "aria-label": `${row.name || ""} ${countWord(count)} ${number(row[count])}`,
        onclick: (event) => {
          event.stopPropagation();
          open(count, whole ? null : row);
        },
      },
      number(row[count]),
    );
  return h("small", { class: "parts-of" }, button(indicator.numerator), "/", button(indicator.denominator));
}

export function drawTiles(box, total, { set, measure, choose, open }) {
  if (!total) return fill(box);
  const row = { ...total, suppressed: [] };
  return fill(
    box,
    set.map((code) =>
      h(
        "div",
        { class: code === measure ? "tile chosen" : "tile" },
        h("button", { type: "button", class: "tile-name", "aria-pressed": String(code === measure), onclick: () => choose(code) }, nameOf(code)),
        h("strong", {}, valueWord(row, code)),
        numbersOf(row, code, open, true),
      ),
    ),
  );
}

export function drawBars(box, rows, { measure }) {
  document.getElementById("chart-title").textContent = nameOf(measure);
  const most = SCORES.has(measure) ? 100 : 1;
  const shown = rows.filter((row) => row[measure] !== null && row[measure] !== undefined);
  if (!shown.length) return fill(box, h("p", { class: "note" }, _("没有可算的。")));
  return fill(
    box,
    shown.map((row) =>
      h(
        "div",
        { class: "bar-line" },
        h("span", { class: "bar-name" }, labelOf(row)),
        bar(row[measure] / most),
        h("span", { class: "bar-value" }, valueWord(row, measure)),
      ),
    ),
  );
}

export function labelOf(row) {
  return categoryWord(row.name || row.code) || _("其他");
}

export function drawDefinitions(box, set) {
  fill(
    box,
    set.map((code) => {
      const indicator = BY_CODE.get(code);
      const text = indicator
        ? indicator.definition
        : SCORES.get(code)
            .parts.map((part) => `${part.inverse ? `(1 − ${part.name})` : part.name} ${part.weight}%`)
            .join(" + ");
      return [
        h("dt", {}, nameOf(code)),
        h("dd", {}, text, " ", indicator ? h("small", { class: "muted" }, _("来源:{source}", { source: indicator.source })) : null),
      ];
    }),
  );
}

export function columnsOf(set, by, open) {
  const heads = { ...wordsOf("indicator_groups"), community: null };
  const name = { key: "name", title: heads[by] || levelWord(by), value: (row) => labelOf(row), cell: labelOf };
  const share = (code) => ({
    key: code,
    title: nameOf(code),
    hint: BY_CODE.get(code)?.definition,
    numeric: true,
    value: (row) => row[code],
    cell: (row) => h("span", { class: "share-cell" }, valueWord(row, code), numbersOf(row, code, open)),
  });
  return [name, ...set.map(share)];
}
