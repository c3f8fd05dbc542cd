// The tools: what a press, a drag and a key do with each of them. Pointer events, so mouse, pen and finger alike.

import { edit, give, redo, undo } from "./redrawplan.js";
import { isOdd } from "./redrawcells.js";
import { changed, gridOf, isLocked, state } from "./redrawstate.js";
import { frameOf, toFlat } from "./redrawview.js";

/** Radius of each brush in pixels; the fine one takes the cell under its point. */
export const BRUSHES = { fine: 0, medium: 14, wide: 34 };
const STEP_PX = 5;
const CLICK_PX = 6;
const PRESSED_TOOLS = new Set(["paint", "rectangle", "split", "reshape"]);
const NO_HAND = { stroke: new Set(), hover: null, box: null, brush: null, next: null };

/** What the hand is doing, for the canvas above. */
export const hand = { ...NO_HAND };

let press = null;
let isMoving = false; // the space bar is held: the map moves, whatever the tool

/** Listen on a map. `isFree()` says whether the plan may be edited now. */
export function openTools(map, isFree) {
  const box = map.getContainer();
  const at = (event) => {
    const { left, top } = box.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const isMine = (event) => isFree() && !event.target.closest(".leaflet-control");
  box.addEventListener("pointerdown", (event) => isMine(event) && down(map, event, at(event)));
  box.addEventListener("pointermove", (event) => moved(map, event, at));
  box.addEventListener("pointerup", (event) => up(map, event, at(event)));
  box.addEventListener("pointercancel", cancel);
  box.addEventListener("pointerleave", () => rest());
  box.addEventListener("contextmenu", (event) => {
    if (!isMine(event) || !PRESSED_TOOLS.has(state.tool)) return;
    event.preventDefault();
    aim(cellAt(map, at(event)));
  });
  document.addEventListener("keydown", (event) => isFree() && key(map, event));
  document.addEventListener("keyup", ({ key: word }) => word === " " && moveWhile(map, false));
  map.on("click", ({ containerPoint }) => isFree() && click(map, [containerPoint.x, containerPoint.y]));
}

/** Take a tool; pressing and dragging then draws instead of moving the map. */
export function takeTool(map, name) {
  Object.assign(state, { tool: name, line: [], merging: [], refused: "" });
  state.picked.clear();
  letGo();
  changed();
}

/** Whether a drag draws or moves the map: it draws with a drawing tool on a plan that may be edited. */
export function holdMap(map, isFree) {
  const draws = isFree && PRESSED_TOOLS.has(state.tool) && !isMoving;
  map.dragging[draws ? "disable" : "enable"]();
  map.boxZoom[draws ? "disable" : "enable"]();
  map.doubleClickZoom[isFree ? "disable" : "enable"]();
  map.getContainer().classList.toggle("draws", draws);
}

/** The space bar, held, moves the map whatever the tool. */
function moveWhile(map, isHeld) {
  if (isMoving === isHeld) return;
  isMoving = isHeld;
  cancel();
  holdMap(map, true);
}

function letGo() {
  press = null;
  Object.assign(hand, { ...NO_HAND, stroke: new Set() });
}

function cellAt(map, [x, y]) {
  return state.store.at(toFlat(map, x, y));
}

/** Make the grid of a cell the one that takes. */
function aim(cell) {
  if (!cell) return;
  state.target = gridOf(cell);
  changed();
}

function down(map, event, point) {
  if (!PRESSED_TOOLS.has(state.tool) || isMoving || event.button !== 0) return;
  if (press) {
    cancel(); // a second finger: the map is moved and zoomed by both
    return;
  }
  if (!event.isPrimary) return;
  press = { id: event.pointerId, first: point, last: point, wasAimed: Boolean(state.target), isDrag: false };
  map.getContainer().setPointerCapture(event.pointerId);
  state.refused = "";
  if (state.tool === "paint") {
    if (!state.target) aim(cellAt(map, point));
    brushTo(map, point);
  }
}

function moved(map, event, at) {
  const point = at(event);
  if (!press || event.pointerId !== press.id) {
    if (event.pointerType !== "touch") hoverAt(map, point);
    return;
  }
  const trail = event.getCoalescedEvents?.() || [];
  for (const one of [...trail, event]) dragTo(map, at(one));
  changed("stroke");
}

function hoverAt(map, point) {
  hand.hover = cellAt(map, point);
  hand.brush = state.tool === "paint" ? brushAt(map, point) : null;
  hand.next = state.line.length ? toFlat(map, ...point) : null;
  changed("stroke");
}

function rest() {
  if (press) return;
  Object.assign(hand, { hover: null, brush: null, next: null });
  changed("stroke");
}

function brushAt(map, [x, y]) {
  return { at: toFlat(map, x, y), radius: BRUSHES[state.brush] / frameOf(map).scale };
}

function dragTo(map, point) {
  const way = Math.hypot(point[0] - press.first[0], point[1] - press.first[1]);
  press.isDrag = press.isDrag || way > CLICK_PX;
  if (state.tool === "paint") sweep(map, point);
  else if (press.isDrag && state.tool === "rectangle") boxTo(map, point);
  else if (press.isDrag) lineTo(map, point);
}

/** Paint all along the way from the last place, however fast the hand was. */
function sweep(map, point) {
  const [fromX, fromY] = press.last;
  const steps = Math.max(1, Math.ceil(Math.hypot(point[0] - fromX, point[1] - fromY) / STEP_PX));
  for (let step = 1; step <= steps; step += 1) {
    const share = step / steps;
    brushTo(map, [fromX + share * (point[0] - fromX), fromY + share * (point[1] - fromY)]);
  }
  press.last = point;
}

function brushTo(map, point) {
  hand.brush = brushAt(map, point);
  for (const cell of state.store.touching(hand.brush.at, hand.brush.radius)) if (isTaken(cell)) hand.stroke.add(cell.id);
}

/** Whether the target takes a cell: not its own, not locked, of the wanted grid where one is named. */
function isTaken(cell) {
  const grid = gridOf(cell);
  return state.target && grid !== state.target && !isLocked(grid) && (!state.from || grid === state.from);
}

function boxTo(map, point) {
  const [[ax, ay], [bx, by]] = [toFlat(map, ...press.first), toFlat(map, ...point)];
  hand.box = [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)];
  hand.stroke = new Set(state.store.inBox(hand.box).filter(isTaken).map(({ id }) => id));
}

function lineTo(map, point) {
  const [lastX, lastY] = press.last;
  if (state.line.length && Math.hypot(point[0] - lastX, point[1] - lastY) < 2 * STEP_PX) return;
  if (!press.hasBegun) {
    press.hasBegun = true;
    state.line.push(toFlat(map, ...press.first));
  }
  state.line.push(toFlat(map, ...point));
  press.last = point;
}

function up(map, event, point) {
  if (!press || event.pointerId !== press.id) return;
  const { isDrag, wasAimed } = press;
  const cells = [...hand.stroke].map((id) => state.store.get(id));
  if (state.tool === "rectangle" && !isDrag && !wasAimed) aim(cellAt(map, point));
  if (["split", "reshape"].includes(state.tool) && !isDrag) state.line.push(toFlat(map, ...point));
  letGo();
  if (cells.length) give(cells, state.target);
  changed();
}

function cancel() {
  if (!press) return;
  if (!press.wasAimed) state.target = null;
  letGo();
  changed();
}

/** A press that wasn't a drag, with a tool that leaves the map movable. */
function click(map, point) {
  const cell = cellAt(map, point);
  if (!cell) return;
  if (state.tool === "select") pick(cell);
  if (state.tool === "merge") toggleMerging(gridOf(cell));
  if (state.tool === "lock") edit({ op: "lock", grid: gridOf(cell), locked: !isLocked(gridOf(cell)) });
  changed();
}

/** A building, then the grid next door: two presses move it. Further buildings of its grid are added. */
function pick(cell) {
  const first = state.store.get([...state.picked][0]);
  if (first && gridOf(first) !== gridOf(cell)) {
    givePicked(gridOf(cell));
  } else if (!state.picked.delete(cell.id)) state.picked.add(cell.id);
}

/** Give what was picked to a grid. */
export async function givePicked(to) {
  const cells = [...state.picked].map((id) => state.store.get(id)).filter(Boolean);
  if (cells.length && to && (await give(cells, to))) state.picked.clear();
  changed();
}

function toggleMerging(code) {
  state.merging = state.merging.includes(code)
    ? state.merging.filter((one) => one !== code)
    : [...state.merging, code];
}

function key(map, event) {
  const isTyping = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select");
  const word = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    if (isTyping || !["z", "y"].includes(word)) return;
    event.preventDefault();
    if (word === "y" || event.shiftKey) redo();
    else undo();
  } else if (event.key === "Escape") leave();
  else if (event.key === " " && !event.target.closest("input, textarea, select, button, a, summary")) {
    event.preventDefault();
    moveWhile(map, true);
  }
  if (event.key === "Enter" && !isTyping && !event.target.closest("button, a, summary")) {
    event.preventDefault();
    accept();
  }
}

/** Drop what is in hand; with empty hands, the tool's target. */
export function leave() {
  const isEmpty = !press && !state.line.length && !state.merging.length && !state.picked.size && !state.refused;
  Object.assign(state, { line: [], merging: [], refused: "" });
  state.picked.clear();
  letGo();
  if (isEmpty) Object.assign(state, { target: null, from: "" });
  changed();
}

/** Whether there is something in hand that can be accepted. */
export function isReady() {
  if (state.tool === "select") return state.picked.size > 0 && Boolean(state.target);
  if (state.tool === "merge") return state.merging.length > 1;
  if (state.tool === "split") return state.line.length > 1 && Boolean(splitGrid());
  return state.tool === "reshape" && state.line.length > 2 && Boolean(reshapeGrid());
}

/** Do what is in hand. */
export async function accept() {
  if (!isReady()) return;
  const body = acceptedEdit();
  if (!body) {
    await givePicked(state.target);
    return;
  }
  if (await edit(body)) Object.assign(state, { line: [], merging: [] });
  changed();
}

function acceptedEdit() {
  if (state.tool === "merge") return { op: "merge", grids: state.merging, keep: state.merging[0] };
  const line = state.line.map(toLonLat);
  if (state.tool === "split") {
    return { op: "split", grid: splitGrid(), line: { type: "LineString", coordinates: line }, cut: false };
  }
  if (state.tool !== "reshape") return null;
  const polygon = { type: "Polygon", coordinates: [[...line, line[0]]] };
  return { op: "reshape", grid: reshapeGrid(), polygon, cut: false };
}

/** From flat units back to degrees. */
function toLonLat([x, y]) {
  const [west, north] = state.store.origin;
  const { lng, lat } = window.L.CRS.EPSG3857.pointToLatLng(window.L.point(x + west, y + north), 0);
  return [lng, lat];
}

/** The grid in which most of the line lies. */
export function splitGrid() {
  const grids = [];
  for (let i = 1; i < state.line.length; i += 1) {
    const [[ax, ay], [bx, by]] = [state.line[i - 1], state.line[i]];
    const length = Math.hypot(bx - ax, by - ay);
    for (const share of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      const cell = state.store.at([ax + share * (bx - ax), ay + share * (by - ay)]);
      if (cell) grids.push([gridOf(cell), length]);
    }
  }
  return heaviest(grids);
}

/** The grid that is redrawn: the one aimed at, else the one with most households in the ring. */
export function reshapeGrid() {
  if (state.target) return state.target;
  const inside = [...state.store.cells.values()].filter(({ middle: [x, y] }) => isOdd(state.line, x, y));
  return heaviest(inside.map((cell) => [gridOf(cell), 1 + cell.households]));
}

function heaviest(pairs) {
  const sums = new Map();
  for (const [code, weight] of pairs) sums.set(code, (sums.get(code) || 0) + weight);
  return [...sums].sort((a, b) => b[1] - a[1])[0]?.[0] || null;
}
