// The tools: what a press, a drag and a key do with each of them. Pointer events, so mouse, pen and finger alike.

import { cornerNear, takenCorner } from "../corners.js";
import { isCutMeant } from "./cut.js";
import { edit, give } from "../plan/plan.js";
import { openPan } from "./pan.js";
import { hasPlaces, isShared } from "../places.js";
import { changed, gridOf, isLocked, nameOf, state } from "../state.js";
import { aimAway, loadTakers } from "../plan/transfer.js";
import { _ } from "../../../static/js/i18n.js";
import { frameOf, toFlat } from "../view.js";

/** Radius of each brush in pixels; the fine one takes the cell under its point. */
export const BRUSHES = { fine: 0, medium: 14, wide: 34 };
const STEP_PX = 5;
const CLICK_PX = 6;
const CORNER_PX = { mouse: 16, pen: 20, touch: 30 };
const PRESSED_TOOLS = new Set(["paint", "rectangle", "split", "reshape", "outline"]);
const LINES = new Set(["split", "reshape", "outline"]);
const FIND_THEIR_GRID = new Set(["split", "reshape"]); // by the line, unless one is chosen while they are in hand
const NO_HAND = { stroke: new Set(), hover: null, box: null, brush: null, next: null, corner: null, near: null, cursor: null };
/** From this zoom on corners of borders are shown and can be taken. */
export const CORNERS_FROM_ZOOM = 17;

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
  const aimBy = (event) => isMine(event) && PRESSED_TOOLS.has(state.tool) && aim(cellAt(map, at(event)));
  const pan = openPan(map, aimBy);
  box.addEventListener("contextmenu", (event) => {
    if (event.target.closest(".leaflet-control")) return;
    if (pan.isUsed() || (isMine(event) && PRESSED_TOOLS.has(state.tool))) event.preventDefault();
    if (!pan.isUsed()) aimBy(event); // a long press of a finger
  });
  map.on("click", ({ containerPoint }) => isFree() && click(map, [containerPoint.x, containerPoint.y]));
}

/** Whether a tool draws points one by one. */
export function drawsLine() {
  return LINES.has(state.tool);
}

/** Whether a tool is pressed and dragged. */
export function isDragged() {
  return PRESSED_TOOLS.has(state.tool) && !LINES.has(state.tool);
}

/** Take a tool; pressing and dragging then draws instead of moving the map. */
export function takeTool(map, name) {
  if (name !== state.tool) changeAim(name);
  const held = state.held?.body.op === "paint" ? state.held : null; // a stroke stays; a line or ring goes with its tool
  Object.assign(state, { tool: name, line: [], merging: [], giving: null, held, refused: held ? state.refused : "" });
  state.picked.clear();
  letGo();
  if (name === "transfer") loadTakers();
  changed();
}

/** What was painted last isn't what is split next: such tools begin without a target, the others find theirs again. */
function changeAim(name) {
  const held = FIND_THEIR_GRID.has(state.tool) ? (state.target ?? state.aside) : state.target;
  Object.assign(state, FIND_THEIR_GRID.has(name) ? { target: null, aside: held } : { target: held, aside: null });
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
export function moveWhile(map, isHeld) {
  if (isMoving === isHeld) return;
  isMoving = isHeld;
  cancel();
  holdMap(map, true);
}

function letGo() {
  press = null;
  Object.assign(hand, { ...NO_HAND, stroke: new Set(), cursor: hand.cursor });
}

/** Whether the hand is pressed now. */
export function isPressed() {
  return Boolean(press);
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
  if (isMoving || event.button !== 0) return;
  if (press) {
    cancel(); // a second finger: the map is moved and zoomed by both
    return;
  }
  if (!event.isPrimary) return;
  hand.cursor = null;
  const isTaken = state.tool === "move" ? takeCorner(map, point, event.pointerType) : PRESSED_TOOLS.has(state.tool);
  if (!isTaken) return;
  if (state.tool === "move") map.dragging.disable(); // else the map would follow the corner
  map.getContainer().setPointerCapture(event.pointerId);
  pressAt(map, point, event.pointerId);
}

/** Begin a stroke of the tool in hand. */
export function pressAt(map, point, id = null) {
  press = { id, first: point, last: point, wasAimed: Boolean(state.target), isDrag: false };
  if (!state.held) state.refused = "";
  Object.assign(hand, { hover: null, near: null });
  if (state.tool !== "paint") return;
  if (!state.target) aim(cellAt(map, point));
  brushTo(map, point);
}

/** Take the corner of a border at a point, if there is one. */
export function takeCorner(map, point, kind = "mouse") {
  const corner = cornerAt(map, point, kind);
  hand.corner = corner && takenCorner(corner);
  return Boolean(corner);
}

function cornerAt(map, point, kind = "mouse") {
  if (map.getZoom() < CORNERS_FROM_ZOOM) return null;
  return cornerNear(toFlat(map, ...point), (CORNER_PX[kind] || CORNER_PX.mouse) / frameOf(map).scale);
}

function moved(map, event, at) {
  const point = at(event);
  if (!press || event.pointerId !== press.id) {
    if (event.pointerType !== "touch" && press?.id !== null) hoverAt(map, point);
    return;
  }
  const trail = event.getCoalescedEvents?.() || [];
  for (const move of [...trail, event]) dragTo(map, at(move));
  changed("stroke");
}

/** Show what lies under a point: its cell, the brush there, the next stretch of the line in hand. */
export function hoverAt(map, point, cursor = null) {
  hand.cursor = cursor;
  hand.hover = cellAt(map, point);
  hand.near = state.tool === "move" ? cornerAt(map, point) : null;
  hand.brush = state.tool === "paint" ? brushAt(map, point) : null;
  hand.next = state.line.length ? toFlat(map, ...point) : null;
  changed("stroke");
}

function rest() {
  if (press) return;
  Object.assign(hand, { hover: null, brush: null, next: null, near: null });
  changed("stroke");
}

function brushAt(map, [x, y]) {
  return { at: toFlat(map, x, y), radius: BRUSHES[state.brush] / frameOf(map).scale };
}

/** Go on with the stroke. */
export function dragTo(map, point) {
  const way = Math.hypot(point[0] - press.first[0], point[1] - press.first[1]);
  press.isDrag = press.isDrag || way > CLICK_PX;
  if (state.tool === "paint") sweep(map, point);
  else if (state.tool === "move") hand.corner.to = toFlat(map, ...point);
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
  if (press && event.pointerId === press.id) release(map, point);
}

/** End the stroke: what it took goes on its way. */
export function release(map, point) {
  const { isDrag, wasAimed } = press;
  const cells = [...hand.stroke].map((id) => state.store.get(id)).filter(Boolean);
  const { corner } = hand;
  if (state.tool === "rectangle" && !isDrag && !wasAimed) aim(cellAt(map, point));
  if (LINES.has(state.tool) && !isDrag) state.line.push(toFlat(map, ...point));
  letGo();
  if (state.tool === "move") {
    map.dragging.enable();
    if (isDrag && corner) dropCorner(map, corner);
  } else if (cells.length) give(cells, state.target);
  changed();
}

/** The corner stays where the hand left it until the server has answered. */
async function dropCorner(map, taken) {
  const { corner, to } = taken;
  hand.corner = taken;
  const body = { op: "move", from: corner.position, to: toLonLat(to) };
  if (await isCutMeant(map, body)) await edit(body);
  hand.corner = null;
  changed();
}

/** Drop a stroke that is under way. */
export function cancel() {
  if (!press) return;
  if (!press.wasAimed) state.target = null;
  letGo();
  changed();
}

/** From flat units back to degrees. */
export function toLonLat([x, y]) {
  const [west, north] = state.store.origin;
  const { lng, lat } = window.L.CRS.EPSG3857.pointToLatLng(window.L.point(x + west, y + north), 0);
  return [lng, lat];
}

/** A press that wasn't a drag, with a tool that leaves the map movable. */
export function click(map, point) {
  const cell = cellAt(map, point);
  if (!cell) return;
  if (!state.held) state.refused = "";
  if (state.tool === "divide") divide(cell);
  if (state.tool === "select") pick(cell);
  if (state.tool === "transfer") aimAway(gridOf(cell));
  if (state.tool === "merge") toggleMerging(gridOf(cell));
  if (state.tool === "lock") edit({ op: "lock", grid: gridOf(cell), locked: !isLocked(gridOf(cell)) });
  changed();
}

function divide(cell) {
  if (hasPlaces() && !isShared(cell)) state.refused = _("这块地不到两栋楼,不用拆分。");
  else if (isLocked(gridOf(cell))) state.refused = _("{grid} 已锁定,先解锁。", { grid: nameOf(gridOf(cell)) });
  else edit({ op: "divide", cell: cell.id });
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
    ? state.merging.filter((grid) => grid !== code)
    : [...state.merging, code];
}

/** Drop what is in hand; with empty hands, the tool's target. */
export function leave() {
  const isEmpty = !press && !state.line.length && !state.merging.length && !state.giving && !state.picked.size && !state.held && !state.refused;
  Object.assign(state, { line: [], merging: [], giving: null, held: null, refused: "" });
  state.picked.clear();
  letGo();
  if (isEmpty) Object.assign(state, { target: null, from: "" });
  changed();
}
