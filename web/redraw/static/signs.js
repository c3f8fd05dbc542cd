// The legend of a plan: what is drawn on its map with the tool in hand.

import { _ } from "../../static/js/i18n.js";
import { showLegend } from "../../static/map/legend.js";
import { gridList, isLocked, state } from "./state.js";
import { CORNERS_FROM_ZOOM } from "./tools/tools.js";

/** Show what is drawn now. */
export function showSigns(place, map) {
  showLegend(place, { title: _("图例"), classes: signs(map).filter(Boolean) });
}

function signs(map) {
  const locked = gridList().filter(({ code }) => isLocked(code)).length;
  const isNear = map.getZoom() >= CORNERS_FROM_ZOOM;
  return [
    { colour: "#2b3038", shape: "line", label: _("网格边界") },
    locked ? { colour: "#57606a", shape: "dash", label: _("锁定的网格"), count: locked } : null,
    { colour: "#ffffff", shape: "road", label: _("地块之间的界线") },
    state.target ? { colour: "#1e5aa8", shape: "line", label: _("选定的网格") } : null,
    state.tool === "divide" ? { colour: "#c62828", shape: "line", label: _("有几栋楼、可以拆分的地块") } : null,
    state.tool === "move" && isNear ? { colour: "#1e5aa8", shape: "circle", label: _("可以拖动的边界点") } : null,
    state.tool === "transfer" ? { colour: "#1e5aa8", shape: "line", label: _("可以整格划出的网格") } : null,
    state.held?.body.op === "paint"
      ? { colour: state.colours.get(state.held.body.to) || "#1e5aa8", opacity: 0.8, label: _("划过、还没有算数的地块") }
      : null,
    state.held ? { colour: "#b3261e", hatch: true, label: _("中间的地块") } : null,
  ];
}
