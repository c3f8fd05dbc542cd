// A whole grid goes to the community beside: which grids can, to whom, and what goes along.

import { h, icon } from "../../../static/js/dom.js";
import { _ } from "../../../static/js/i18n.js";
import { askIn } from "../dialog.js";
import { edit, said, takersOf } from "./plan.js";
import { changed, gridList, isLocked, nameOf, state } from "../state.js";
import { rowNumber } from "../../../static/js/withheld.js";

const known = { rows: null };

/** Ask which communities lie beside this one; the tool waits for it. */
export async function loadTakers() {
  try {
    known.rows = await takersOf();
  } catch (failure) {
    known.rows = [];
    state.refused = said(failure);
  }
  changed();
}

function takersFor(code) {
  return (known.rows || []).filter(({ grids }) => grids.includes(code));
}

/** Grids that have another community beside them, in the order of their codes. */
export function givableGrids() {
  return gridList().filter(({ code }) => takersFor(code).length);
}

/** One sentence about the tool. */
export function hintOfGiving() {
  if (!known.rows) return _("正在查找相邻社区…");
  if (!givableGrids().length) return _("旁边没有别的社区,没有能整格划出的网格。");
  if (!state.giving) return _("点一个蓝边的网格,整格划给相邻社区。");
  return _("把 {grid} 整格划出,按“选社区”。", { grid: nameOf(state.giving) });
}

/** Take a grid in hand to be given away; why not, where it cannot be. */
export function aimAway(code) {
  if (!known.rows) return;
  if (isLocked(code)) state.refused = _("{grid} 已锁定,先解锁。", { grid: nameOf(code) });
  else if (!takersFor(code).length) state.refused = _("{grid} 不挨着别的社区,不能整格划出。", { grid: nameOf(code) });
  else state.giving = code;
}

/** Say what goes along, ask to whom, and give the grid away; gives whether that was done. */
export async function giveAway(map, code) {
  const to = await askIn("give", {
    title: _("把 {grid} 整格划给相邻社区", { grid: nameOf(code) }),
    parts: (say) => form(code, say),
    focus: "input[name=taker]",
    after: () => document.getElementById("accept") || map.getContainer(),
  });
  return Boolean(to) && edit({ op: "transfer", grid: code, to });
}

function form(code, say) {
  const takers = takersFor(code);
  const made = h(
    "form",
    { method: "dialog" },
    goesAlong(state.grids.get(code).properties),
    h("p", {}, _("发布后,这个网格的楼栋、住户、设施、案件和走访记录都归对方社区,负责的人一并转过去;以前的统计不变。")),
    h(
      "fieldset",
      { class: "choice takers" },
      h("legend", {}, _("划给哪个社区")),
      takers.map((taker) => h("label", {}, h("input", { type: "radio", name: "taker", value: taker.code, required: true, checked: takers.length === 1 }), h("span", {}, taker.name))),
    ),
    h("p", { class: "muted" }, _("现在只写进方案,可以撤销;发布前须两边的街道领导审批。")),
    h(
      "div",
      { class: "row buttons" },
      h("button", { class: "button primary" }, icon("box-arrow-right"), _("划给对方")),
      h("button", { type: "button", class: "button", onclick: () => say(null) }, _("先不划")),
    ),
  );
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    say(made.elements.taker.value);
  });
  return made;
}

/** What a grid holds, as on every map. */
function goesAlong(figures) {
  const words = { households: _("户数"), residents: _("人口"), elders: _("60 岁以上"), open_cases: _("在办案件") };
  return h(
    "dl",
    { class: "facts" },
    Object.entries(words).map(([name, word]) => h("div", {}, h("dt", {}, word), h("dd", {}, rowNumber(figures, name)))),
  );
}
