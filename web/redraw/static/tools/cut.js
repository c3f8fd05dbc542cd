// Before a cut goes through buildings: which, by their addresses, and whether it shall be done all the same.

import { h, icon } from "../../../static/js/dom.js";
import { _ } from "../../../static/js/i18n.js";
import { flyTo, markPlace } from "../../../static/map/map.js";
import { askIn } from "../dialog.js";
import { foretell, withNames } from "../plan/plan.js";
import { newName, state } from "../state.js";

const FIRST_SHOWN = 8;
const CUTTING = new Set(["split", "reshape"]);

/** Whether an edit can cut buildings: a line or ring through cells, a border that is dragged. */
function mayCut({ op, cut }) {
  return op === "move" || (CUTTING.has(op) && cut);
}

/** Whether an edit shall be made: at once where it cuts no building, else as the person says. */
export async function isCutMeant(map, body) {
  if (!mayCut(body)) return true;
  const rows = await foretell(body);
  if (!rows) return false;
  return rows.length ? isStillMeant(map, rows, body.op) : true;
}

async function isStillMeant(map, rows, op) {
  const answer = await askIn("cuts", {
    title: _("边界会穿过楼栋"),
    parts: (say) => [rows.map((row) => cutGrid(row, () => say(row))), h("p", { class: "muted" }, adviceOf(op)), buttons(say)],
    focus: "#cuts-back",
    after: () => document.getElementById("accept") || map.getContainer(), // finishing what is in hand, else the map
  });
  if (answer?.addresses) lookAt(map, answer);
  return answer === "cut";
}

function lookAt(map, { lon, lat }) {
  flyTo(map, lon, lat, 18);
  markPlace(map, lon, lat);
}

function buttons(say) {
  return h(
    "div",
    { class: "row buttons" },
    h("button", { type: "button", class: "button", id: "cuts-back", onclick: () => say(null) }, icon("arrow-counterclockwise"), _("返回修改")),
    h("button", { type: "button", class: "button danger", id: "cuts-still", onclick: () => say("cut") }, icon("scissors"), _("仍然切开")),
  );
}

function adviceOf(op) {
  if (op === "move") return _("楼栋被切开的方案不能发布。返回后可换一个位置;切开后也可撤销。");
  return _("楼栋被切开的方案不能发布。返回后可改画线,或不勾“按线切开楼栋地块”,沿楼栋之间切;切开后也可撤销。");
}

/** What the rules would say; a grid that the cut makes has no name yet. */
function sentenceOf({ grid, message }) {
  return withNames(state.grids.has(grid) ? message : message.replace(grid, newName(grid)));
}

function cutGrid(row, look) {
  const { addresses } = row;
  const known = addresses.map((address) => address || _("没有地址的楼栋"));
  const rest = known.length - FIRST_SHOWN;
  return h(
    "section",
    { class: "cut-grid" },
    h("p", { class: "notice bad" }, icon("exclamation-octagon"), h("span", {}, sentenceOf(row)), h("button", { type: "button", class: "link", onclick: look }, _("看位置"))),
    h("ul", {}, known.slice(0, FIRST_SHOWN).map((address) => h("li", {}, address)), rest > 0 ? h("li", { class: "muted" }, _("另有 {n} 栋", { n: rest })) : null),
  );
}
