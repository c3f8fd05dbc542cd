// What stands at the foot of the map: one sentence about the tool in hand, and its choices.

import { fill, h, icon } from "../../static/js/dom.js";
import { _ } from "../../static/js/i18n.js";
import { isMeasuring } from "../../static/map/measure.js";
import { accept, isReady, outlineOf, reshapeGrid, splitGrid } from "./tools/accept.js";
import { heldParts } from "./tools/held.js";
import { aboutCell } from "./places.js";
import { changed, gridList, nameOf, state } from "./state.js";
import { givableGrids, hintOfGiving } from "./plan/transfer.js";
import { BRUSHES, CORNERS_FROM_ZOOM, hand, isPressed, leave } from "./tools/tools.js";

/** One sentence about the tool in hand. */
function hintOf(map) {
  const target = state.target ? nameOf(state.target) : "";
  const hints = {
    select: () => hintOfPicked(),
    paint: () =>
      target
        ? _("按住拖过楼栋,划入 {grid}。", { grid: target })
        : _("从要扩大的网格里按住,拖到旁边的楼栋上。"),
    rectangle: () =>
      target ? _("按住拉一个框,框内楼栋划入 {grid}。", { grid: target }) : _("先点一下要扩大的网格,再拉框。"),
    merge: () => hintOfMerging(),
    split: () => {
      const grid = state.line.length > 1 ? splitGrid() : null;
      return grid
        ? _("沿这条线切分 {grid},按“完成”。", { grid: nameOf(grid) })
        : _("按住画一条穿过网格的线,或逐点点击。");
    },
    reshape: () => {
      const grid = state.line.length > 2 ? reshapeGrid() : state.target;
      return grid
        ? _("圈出 {grid} 的新范围,按“完成”。", { grid: nameOf(grid) })
        : _("按住圈出网格的新范围,或逐点点击。");
    },
    move: () =>
      map.getZoom() < CORNERS_FROM_ZOOM
        ? _("先放大地图,网格之间的边界上会出现圆点。")
        : _("按住边界上的圆点拖动,两边的网格一起变;社区外边界不动。"),
    divide: () => _("点红框的地块:里面有几栋楼,就拆成几块,以后可以分开划。"),
    outline: () =>
      state.line.length > 1 && outlineOf(map)
        ? _("蓝色是社区新的外边界,按“完成”。须街道领导审批。")
        : _("从社区外边界上一处画到另一处,画的线就是新的外边界。"),
    transfer: hintOfGiving,
    hand: () => _("拖动地图;用别的工具时,按住鼠标中键或右键拖动也行。"),
    lock: () => _("点网格,锁定或解锁;锁定的网格不会被改动。"),
  };
  return hints[state.tool]();
}

function hintOfPicked() {
  if (!state.picked.size) return _("点一栋楼,再点旁边要划入的网格。");
  const cells = [...state.picked].map((id) => state.store.get(id)).filter(Boolean);
  const homes = cells.reduce((sum, cell) => sum + cell.households, 0);
  return _("已选 {n} 处、{homes} 户,点要划入的网格。", { n: cells.length, homes });
}

function hintOfMerging() {
  if (!state.merging.length) return _("依次点要合并的网格,保留先点的那个。");
  const [keep, ...others] = state.merging.map(nameOf);
  if (!others.length) return _("保留 {keep},再点要并入的网格。", { keep });
  return _("{others} 并入 {keep},按“完成”。", { others: others.join("、"), keep });
}

/** What the hand would move now, while it is still pressed. */
function strokeHint() {
  if (!hand.stroke.size) return null;
  const cells = [...hand.stroke].map((id) => state.store.get(id));
  const homes = cells.reduce((sum, cell) => sum + cell.households, 0);
  return _("{n} 处、{homes} 户 → {grid}", { n: cells.length, homes, grid: nameOf(state.target) });
}

/** Show the sentence, the choices of the tool and what was refused; `what` is "stroke" while the hand moves. */
export function showHint(place, { isFree, map }, what) {
  const [sentence, choices, refused] = ["#hint-text", "#hint-choices", "#refused"].map((selector) =>
    place.querySelector(selector),
  );
  sentence.textContent = state.busy ? _("正在计算…") : strokeHint() || (isFree ? hintOf(map) : whyNot());
  showUnder();
  if (what === "stroke") return;
  fill(refused, icon("exclamation-octagon"), h("span", {}, state.refused), heldParts(map));
  refused.hidden = !state.refused;
  fill(choices, isFree ? choicesOf(map) : null);
  choices.hidden = !choices.children.length;
}

/** Why nothing can be drawn now. */
function whyNot() {
  if (isMeasuring()) return _("正在测量;关掉测量再接着划。");
  if (state.plan?.may.includes("recall")) return _("只能查看:方案已提交;要再改,先收回。");
  if (["submitted", "approved"].includes(state.plan?.state)) return _("只能查看:方案已提交,退回后才能再改。");
  return _("只能查看。");
}

/** What lies under the pointer: addresses, households, grid. */
function showUnder() {
  const place = document.getElementById("under");
  const cell = !isPressed() && hand.hover;
  place.hidden = !cell;
  place.textContent = cell ? aboutCell(cell) : "";
}

const WITH_TARGET = ["select", "paint", "rectangle", "split", "reshape"];

function choicesOf(map) {
  const { tool } = state;
  return [
    WITH_TARGET.includes(tool) ? targetChoice() : null,
    tool === "paint" ? brushChoice() : null,
    ["paint", "rectangle"].includes(tool) ? fromChoice() : null,
    ["split", "reshape"].includes(tool) ? cutChoice() : null,
    tool === "transfer" ? givingChoice() : null,
    isReady() ? acceptButtons(map) : null,
  ];
}

function cutChoice() {
  const box = h("input", {
    type: "checkbox",
    name: "cut",
    checked: state.cut,
    onchange: () => {
      state.cut = box.checked;
      changed();
    },
  });
  return h("label", { class: "check" }, box, h("span", {}, _("按线切开楼栋地块")));
}

function targetChoice() {
  const word = { reshape: _("重画"), split: _("切分") }[state.tool] || _("划入");
  return gridSelect("target", word, _("选网格"), state.target || "", (code) => (state.target = code || null));
}

function fromChoice() {
  return gridSelect("from", _("只从"), _("不限网格"), state.from, (code) => (state.from = code));
}

function givingChoice() {
  const grids = givableGrids();
  return grids.length ? gridSelect("giving", _("划出"), _("选网格"), state.giving || "", (code) => (state.giving = code || null), grids) : null;
}

/** A choice of one grid with a word before it. */
export function gridSelect(name, word, none, chosen, choose, grids = gridList()) {
  const options = grids.map(({ code, name: title }) => h("option", { value: code, selected: code === chosen }, title));
  const select = h(
    "select",
    {
      name,
      onchange: () => {
        choose(select.value);
        changed();
      },
    },
    h("option", { value: "" }, none),
    options,
  );
  return h("label", { class: "inline" }, h("span", {}, word), select);
}

function brushChoice() {
  const words = { fine: _("细"), medium: _("中"), wide: _("粗") };
  const radio = (size) =>
    h(
      "label",
      {},
      h("input", {
        type: "radio",
        name: "brush",
        value: size,
        checked: state.brush === size,
        onchange: () => (state.brush = size),
      }),
      h("span", {}, words[size]),
    );
  return h("fieldset", { class: "choice brushes" }, h("legend", { class: "visually-hidden" }, _("画笔粗细")), Object.keys(BRUSHES).map(radio));
}

function acceptButtons(map) {
  return [
    h("button", { type: "button", class: "button primary", id: "accept", onclick: () => accept(map) }, icon("check-circle"), state.tool === "transfer" ? _("选社区…") : _("完成")),
    h("button", { type: "button", class: "button", onclick: leave }, _("取消")),
  ];
}
