// Everything by keyboard: a cursor on the map that arrows move and the space bar presses, and a key for each tool.

import { accept } from "./accept.js";
import { cornersIn } from "../corners.js";
import { redo, undo } from "../plan/plan.js";
import { changed, state } from "../state.js";
import * as tools from "./tools.js";
import { toFlat } from "../view.js";

/** Tools in the order of the row, by the key that takes each. */
export const KEYS = {
  hand: "H",
  paint: "1",
  select: "2",
  rectangle: "3",
  merge: "4",
  split: "5",
  reshape: "6",
  move: "7",
  divide: "8",
  lock: "9",
  outline: "0",
  transfer: "T",
};
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP_PX = 10;
const WIDE_PX = 60;
const MARGIN_PX = 30;
const BRUSH_NAMES = Object.keys(tools.BRUSHES);
const { hand } = tools;

/** Listen to the keyboard; `isFree()` says whether the plan may be edited, `showHelp()` opens the list of keys. */
export function openKeys(map, isFree, showHelp) {
  document.addEventListener("keydown", (event) => isFree() && key(map, event, showHelp), { capture: true });
  document.addEventListener("keyup", ({ key: word }) => word === " " && tools.moveWhile(map, false));
}

function key(map, event, showHelp) {
  if (document.querySelector("dialog[open]")) return;
  const isTyping = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select");
  const isOnControl = isTyping || event.target.closest("input, button, a, summary, tr[tabindex], table");
  if (event.ctrlKey || event.metaKey) {
    if (!isTyping) inTime(event);
  } else if (event.altKey || event.isComposing) return;
  else if (event.key === "Escape") leaveBy(event);
  else if (event.key === "Enter" && !isOnControl) did(event, () => accept(map));
  else if (event.key === "?" && !isTyping) did(event, showHelp);
  else if (!isTyping && toolOf(event.key)) did(event, () => tools.takeTool(map, toolOf(event.key)));
  else if (!isTyping && "[]".includes(event.key)) did(event, () => brushBy(event.key === "]" ? 1 : -1));
  else if (!isOnControl) onMap(map, event);
}

function did(event, work) {
  event.preventDefault();
  event.stopPropagation();
  work();
}

function inTime(event) {
  const word = event.key.toLowerCase();
  if (word === "y" || (word === "z" && event.shiftKey)) did(event, redo);
  else if (word === "z") did(event, undo);
}

function leaveBy(event) {
  if (event.target.closest("textarea, select")) return;
  tools.leave();
}

/** The tool of a key, where the account has it. */
function toolOf(word) {
  const name = Object.keys(KEYS).find((tool) => KEYS[tool] === word.toUpperCase());
  return name && document.querySelector(`[data-tool="${name}"]`) ? name : null;
}

function brushBy(step) {
  const at = BRUSH_NAMES.indexOf(state.brush) + step;
  state.brush = BRUSH_NAMES[Math.max(0, Math.min(BRUSH_NAMES.length - 1, at))];
  changed();
}

function onMap(map, event) {
  const isInMap = map.getContainer().contains(event.target);
  if (Object.hasOwn(ARROWS, event.key) && isInMap) {
    did(event, () => moveCursor(map, ARROWS[event.key], event.shiftKey ? WIDE_PX : STEP_PX));
  } else if (event.key === " ") did(event, () => (hand.cursor ? strike(map) : tools.moveWhile(map, true)));
  else if (["n", "p"].includes(event.key.toLowerCase()) && state.tool === "move") {
    did(event, () => nextCorner(map, event.key.toLowerCase() === "n" ? 1 : -1));
  }
}

/** The cursor begins in the middle; at the edge of the map the map moves on. */
function moveCursor(map, [dx, dy], step) {
  const size = map.getSize();
  const [x, y] = hand.cursor || [size.x / 2, size.y / 2];
  const wanted = [x + dx * step, y + dy * step];
  const held = [clamp(wanted[0], size.x), clamp(wanted[1], size.y)];
  map.panBy([wanted[0] - held[0], wanted[1] - held[1]], { animate: false });
  goTo(map, held);
}

function clamp(value, length) {
  return Math.max(MARGIN_PX, Math.min(length - MARGIN_PX, value));
}

function goTo(map, point) {
  if (tools.isPressed()) {
    tools.dragTo(map, point);
    hand.cursor = point;
    changed("stroke");
  } else tools.hoverAt(map, point, point);
}

/** What a press does at the cursor: begins or ends a stroke, sets a point, or chooses. */
function strike(map) {
  const point = hand.cursor;
  if (tools.isPressed()) tools.release(map, point);
  else if (tools.drawsLine()) {
    state.line.push(toFlat(map, ...point));
    changed();
  } else if (tools.isDragged() || (state.tool === "move" && tools.takeCorner(map, point))) tools.pressAt(map, point);
  else tools.click(map, point);
  hand.cursor = point;
  changed("stroke");
}

/** The cursor jumps to the next corner of a border that is on the screen. */
function nextCorner(map, step) {
  const size = map.getSize();
  const [west, north] = toFlat(map, MARGIN_PX, MARGIN_PX);
  const [east, south] = toFlat(map, size.x - MARGIN_PX, size.y - MARGIN_PX);
  const corners = map.getZoom() < tools.CORNERS_FROM_ZOOM ? [] : cornersIn([west, north, east, south]);
  if (!corners.length || tools.isPressed()) return;
  corners.sort((a, b) => a.at[0] - b.at[0] || a.at[1] - b.at[1]);
  hand.at = (((hand.at ?? -1) + step) % corners.length + corners.length) % corners.length;
  const { x, y } = map.latLngToContainerPoint(latLngOf(corners[hand.at]));
  goTo(map, [x, y]);
}

function latLngOf({ position: [lon, lat] }) {
  return [lat, lon];
}
