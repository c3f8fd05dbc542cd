// The list of tools and keys, under the question mark.

import { fill, h } from "../../static/js/dom.js";
import { _ } from "../../static/js/i18n.js";
import { closeButton } from "./dialog.js";
import { KEYS } from "./tools/keys.js";

const TOOLS = {
  hand: () => _("拖动地图;用别的工具时,按住鼠标中键或右键拖动也行。"),
  paint: () => _("按住拖过楼栋,划入选定的网格。"),
  select: () => _("点楼,再点旁边的网格,两下就划过去。"),
  rectangle: () => _("拉一个框,框里的楼栋一起划过去。"),
  merge: () => _("依次点网格,并入先点的那个。"),
  split: () => _("画一条线,把一个网格分成两个。"),
  reshape: () => _("圈出一个网格的新范围。"),
  move: () => _("拖动两个网格之间边界上的圆点。"),
  divide: () => _("一块地里有几栋楼时,拆成一栋一块。"),
  lock: () => _("锁定的网格不会被改动。"),
  outline: () => _("改社区外边界,须街道领导审批。"),
  transfer: () => _("把靠边的网格整格划给相邻社区,须两边的街道领导审批。"),
};

/** Fill the dialog of help for the tools this account has, and give what opens it. */
export function openHelp(dialog) {
  const close = () => dialog.close();
  const tools = Object.keys(TOOLS).filter((name) => document.querySelector(`[data-tool="${name}"]`));
  fill(
    dialog,
    h("div", { class: "panel-head" }, h("h2", { id: "help-title" }, _("怎么用")), closeButton(close)),
    h("p", {}, _("选一个工具,在图上动手;每一步都能撤销。发布之前,现行网格不变。")),
    table(_("工具"), tools.map((name) => [KEYS[name], wordOf(name), TOOLS[name]()])),
    table(_("按键"), keyRows()),
  );
  return () => dialog.showModal();
}

function wordOf(name) {
  return document.querySelector(`[data-tool="${name}"] span`).textContent;
}

function table(title, rows) {
  const line = ([word, ...cells]) => h("tr", {}, h("th", { scope: "row" }, h("kbd", {}, word)), cells.map((cell) => h("td", {}, cell)));
  return h("table", { class: "keys" }, h("caption", {}, title), h("tbody", {}, rows.map(line)));
}

function keyRows() {
  return [
    ["Ctrl+Z", _("撤销")],
    ["Ctrl+Y", _("重做")],
    ["Enter", _("完成手上的线、圈或选择")],
    ["Esc", _("放下手上的东西")],
    ["[ ]", _("画笔变细、变粗")],
    ["← ↑ → ↓", _("先按 Tab 到地图,再移动十字光标;同时按 Shift 走得快")],
    [_("空格"), _("在十字光标处按下、放开或落点;没有光标时按住可拖动地图")],
    ["N P", _("移动边界时,跳到下一个、上一个圆点")],
    ["?", _("打开这一页")],
  ];
}
