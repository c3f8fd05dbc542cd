// Without a hand on the map: the buildings of one grid as a list with boxes to tick, and a button that moves them.

import { fill, h } from "../../../static/js/dom.js";
import { number } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";
import { gridSelect } from "../hints.js";
import { addressesOf, loadPlaces } from "../places.js";
import { changed, gridOf, nameOf, state } from "../state.js";
import { givePicked, takeTool } from "./tools.js";
import { levelWord } from "../../../static/js/words.js";

const list = { grid: "" };

/** Show the list; addresses are fetched when it is opened first. */
export function openList(place, map) {
  const box = h("details", { class: "by-list" }, h("summary", {}, _("用列表划分")));
  const content = h("div", {});
  box.append(content);
  place.append(box);
  box.addEventListener("toggle", async () => {
    if (!box.open) return;
    takeTool(map, "select");
    await loadPlaces();
    show(content);
  });
  return (what) => box.open && what !== "stroke" && show(content);
}

function show(place) {
  const choose = (code) => {
    list.grid = code;
    state.picked.clear();
  };
  fill(
    place,
    h("div", { class: "row" }, gridSelect("listed", levelWord("grid"), _("选网格"), list.grid, choose)),
    list.grid ? [rows(), giveRow()] : h("p", { class: "muted" }, _("选一个网格,勾选楼栋,再划入别的网格。")),
  );
}

function rows() {
  const wordOf = (cell) => addressesOf(cell).join("、") || _("无楼栋的地块");
  const cells = state.store.ofGrid(list.grid).map((cell) => ({ cell, word: wordOf(cell) }));
  cells.sort((a, b) => a.word.localeCompare(b.word, "zh-CN", { numeric: true }));
  return h(
    "ul",
    { class: "plain cells-list", "aria-label": _("{grid} 的楼栋", { grid: nameOf(list.grid) }) },
    cells.map(({ cell, word }) => h("li", {}, row(cell, word))),
  );
}

function row(cell, word) {
  const box = h("input", {
    type: "checkbox",
    id: `cell-${cell.id}`,
    checked: state.picked.has(cell.id),
    onchange: () => {
      if (box.checked) state.picked.add(cell.id);
      else state.picked.delete(cell.id);
      changed();
    },
  });
  return h("label", { class: "check" }, box, h("span", {}, word), h("span", { class: "muted" }, _("{n} 户", { n: number(cell.households) })));
}

function giveRow() {
  const picked = [...state.picked].filter((id) => state.store.get(id) && gridOf(state.store.get(id)) === list.grid);
  return h(
    "div",
    { class: "row give" },
    gridSelect("list-target", _("划入"), _("选网格"), state.target || "", (code) => (state.target = code || null)),
    h(
      "button",
      {
        type: "button",
        id: "list-give",
        class: "button primary",
        disabled: !picked.length || !state.target || state.target === list.grid,
        onclick: () => givePicked(state.target),
      },
      _("划入 {n} 处", { n: picked.length }),
    ),
  );
}
