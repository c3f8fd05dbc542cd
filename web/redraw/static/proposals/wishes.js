// What a helper is asked for: which kind, over which grids, into how many, past which barriers, how exactly.

import { h } from "../../../static/js/dom.js";
import { number } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";
import { gridList, isLocked, state } from "../state.js";
import { levelWord, usesLevel, wordsOf } from "../../../static/js/words.js";

/** What each helper is called. */
export const KINDS = wordsOf("proposals");
const ABOUT = {
  balance: () => _("让各网格户数接近,外形紧凑,每格连成一片。"),
  micro_grids: () => _("把一个网格分成几个户数相近的微网格。"),
  tidy: () => _("只挪没有楼栋和住户的地块,把参差的边界理直。"),
};
/** What is wished for now; counts are kept as they were typed, a tolerance in percent. */
export const wish = {
  ...{ kind: "balance", scope: "all", chosen: new Set(), start: "current", by: "grids", grids: "", norm: "" },
  ...{ few_changes: "balanced", barriers: "ignore", from: new Set(["compounds"]), tolerance: "3", seed: "1", curve: false },
  ...{ grid: "", parts: "" },
};

/** The form of a wish: `begin()` when it is sent, `show()` when it has to be drawn anew. */
export function wishForm(begin, show) {
  const { kind } = wish;
  const made = h(
    "form",
    { id: "helpers" },
    radios("kind", _("要助手做什么"), offered(), { show, hidden: true }),
    h("p", { class: "muted" }, ABOUT[kind]()),
    kind === "balance" && balanceFields(show),
    kind === "micro_grids" && microFields(),
    h("button", { class: "button primary" }, _("开始计算")),
  );
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    begin();
  });
  return made;
}

/** The wish as the server takes it. */
export function asked() {
  const seed = Number(wish.seed || 1);
  if (wish.kind === "tidy") return { kind: wish.kind };
  if (wish.kind === "micro_grids") return { kind: wish.kind, grid: wish.grid, seed, ...(wish.parts && { parts: Number(wish.parts) }) };
  const { kind, start, few_changes, barriers, curve } = wish;
  return {
    ...{ kind, start, few_changes, barriers, curve, seed, tolerance: Number(wish.tolerance || 3) / 100 },
    ...(barriers !== "ignore" && { barriers_from: [...wish.from] }),
    ...(wish[wish.by] && { [wish.by]: Number(wish[wish.by]) }),
    ...(wish.scope === "chosen" && { scope: chosenGrids() }),
  };
}

/** The helpers there are here: micro grids only where the community uses them. */
function offered() {
  return Object.fromEntries(Object.entries(KINDS).filter(([kind]) => kind !== "micro_grids" || usesLevel("micro_grid")));
}

/** What is missing from the wish, in a sentence; nothing where it can be asked. */
export function missing() {
  if (wish.kind !== "balance") return "";
  if (wish.scope === "chosen" && !chosenGrids().length) return _("先勾选要重新划的网格。");
  if (wish.barriers !== "ignore" && !wish.from.size) return _("先勾选哪些边界不跨。");
  return "";
}

function freeGrids() {
  return gridList().filter(({ code }) => !isLocked(code));
}

function chosenGrids() {
  return freeGrids()
    .map(({ code }) => code)
    .filter((code) => wish.chosen.has(code));
}

/** Choices side by side; where what follows depends on them, the form is drawn anew and the focus kept. */
function radios(name, title, words, { show, hidden = false }) {
  const radio = (value) =>
    h(
      "label",
      {},
      h("input", {
        type: "radio",
        name,
        value,
        checked: wish[name] === value,
        onchange: () => {
          wish[name] = value;
          show();
          document.querySelector(`#helpers [name=${name}][value=${value}]`)?.focus();
        },
      }),
      h("span", {}, words[value]),
    );
  return h("fieldset", { class: "choice" }, h("legend", { class: hidden ? "visually-hidden" : null }, title), Object.keys(words).map(radio));
}

function balanceFields(show) {
  return [
    radios("scope", _("范围"), { all: _("整个社区"), chosen: _("选定的网格") }, { show }),
    wish.scope === "chosen" ? gridBoxes() : lockedNote(),
    h(
      "div",
      { class: "row" },
      select("start", _("起点"), wordsOf("starts")),
      select("few_changes", _("改动"), wordsOf("few_changes")),
      select("by", _("分多少格"), { grids: _("网格数"), norm: _("每格户数") }, show),
      wish.by === "grids" ? count("grids", _("网格数"), { placeholder: countOfGrids(), max: 2000 }) : count("norm", _("每格户数"), { max: 100000, required: true }),
      select("barriers", _("边界限制"), wordsOf("barriers"), show),
    ),
    wish.barriers !== "ignore" && boxes("barriers_from", _("哪些边界"), Object.entries(wordsOf("barrier_sources")), wish.from),
    finer(),
  ];
}

function countOfGrids() {
  return number(wish.scope === "chosen" ? chosenGrids().length || freeGrids().length : freeGrids().length);
}

/** Grids that a person has locked are never shared out. */
function lockedNote() {
  const locked = gridList().filter(({ code }) => isLocked(code));
  return locked.length ? h("p", { class: "muted" }, _("已锁定的不动:{grids}", { grids: locked.map(({ name }) => name).join("、") })) : null;
}

function gridBoxes() {
  const free = freeGrids().map(({ code, name }) => [code, name]);
  return [boxes("scope_grids", _("重新划哪些网格"), free, wish.chosen), lockedNote()];
}

function boxes(name, title, options, chosen) {
  const box = ([value, word]) => {
    const box = h("input", {
      type: "checkbox",
      name,
      value,
      checked: chosen.has(value),
      onchange: () => (box.checked ? chosen.add(value) : chosen.delete(value)),
    });
    return h("label", { class: "check" }, box, h("span", {}, word));
  };
  return h("fieldset", { class: "boxes" }, h("legend", {}, title), options.map(box));
}

/** What few people change. */
function finer() {
  const curve = h("input", { type: "checkbox", name: "curve", checked: wish.curve, onchange: () => (wish.curve = curve.checked) });
  const box = h(
    "details",
    { class: "finer", open: wish.isFine },
    h("summary", {}, _("更多设置")),
    h(
      "div",
      { class: "row" },
      count("tolerance", _("容差(百分比)"), { min: 0.5, max: 50, step: 0.5 }),
      count("seed", _("随机种子"), { min: 0, max: 2 ** 31 }),
    ),
    h("label", { class: "check" }, curve, h("span", {}, _("同时比较不同容差(用时约 6 倍)"))),
    h("p", { class: "note" }, _("容差大些,换网格的住户一般少些。种子相同,结果相同。")),
  );
  box.addEventListener("toggle", () => (wish.isFine = box.open));
  return box;
}

function microFields() {
  const free = freeGrids();
  if (!free.some(({ code }) => code === wish.grid)) wish.grid = free.some(({ code }) => code === state.target) ? state.target : free[0]?.code || "";
  const names = Object.fromEntries(free.map(({ code, name }) => [code, name]));
  return h("div", { class: "row" }, select("grid", levelWord("grid"), names), count("parts", _("分成几个"), { placeholder: _("自动"), min: 2, max: 200 }));
}

function select(name, word, words, show) {
  const changed = () => {
    wish[name] = made.value;
    if (!show) return;
    show();
    document.querySelector(`#helpers [name=${name}]`)?.focus();
  };
  const made = h(
    "select",
    { name, onchange: changed },
    Object.entries(words).map(([value, text]) => h("option", { value, selected: wish[name] === value }, text)),
  );
  return h("label", { class: "field" }, h("span", {}, word), made);
}

function count(name, word, limits) {
  const made = h("input", {
    ...{ name, type: "number", min: 1, inputmode: "decimal", autocomplete: "off", value: wish[name] },
    ...limits,
    oninput: () => (wish[name] = made.value),
  });
  return h("label", { class: "field" }, h("span", {}, word), made);
}
