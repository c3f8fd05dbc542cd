// The map of a plan on two canvases: cells and grids below, what the hand is doing above.

import { addOverlay } from "../../static/map/overlay.js";
import { givableGrids } from "./plan/transfer.js";
import { labelPoint } from "../../static/js/shapes.js";
import { number } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { cornersIn, withCorner } from "./corners.js";
import { drawHeld, heldLabels } from "./tools/held.js";
import { isShared } from "./places.js";
import { gridList, gridOf, isLocked, onChange, state } from "./state.js";

const CELLS_FROM_ZOOM = 14;

/** Show the plan on a map and keep it in step; `hand` holds the brush, box and line in flat units. */
export function showPlan({ map, labels }, { opacity, cornersFrom, outlineOf }, hand) {
  for (const [name, level] of [["cells", 410], ["hand", 440]]) {
    const pane = map.createPane(name);
    pane.style.zIndex = String(level);
    pane.style.pointerEvents = "none"; // the tools listen on the map itself
  }
  const ground = addOverlay(map, "cells", (context) => inFlat(context, map, (scale) => drawGround(context, scale, { map, opacity })));
  const above = addOverlay(map, "hand", (context) => inFlat(context, map, (scale) => {
    if (state.tool === "move" && map.getZoom() >= cornersFrom) drawCorners(context, scale, { map, hand });
    if (hand.corner) drawCorner(context, scale, hand.corner);
    if (state.tool === "divide") drawShared(context, scale);
    if (state.tool === "transfer") for (const { path } of givableGrids()) outline(context, path, "#1e5aa8", 2.5 / scale);
    if (state.tool === "outline") drawRings(context, scale, outlineOf(map));
    drawHeld(context, scale);
    drawHand(context, scale, hand);
    if (hand.cursor) drawCursor(context, scale, toFlat(map, ...hand.cursor));
  }));
  onChange((what) => {
    above.redraw();
    if (what === "stroke") return;
    ground.redraw();
    labels.set("grids", gridLabels());
    labels.set("held", heldLabels());
  });
  return { redrawHand: () => above.redraw() };
}

/** Pixels of one flat unit, and where the flat origin stands on the map's box. */
export function frameOf(map) {
  const scale = 2 ** map.getZoom();
  const pixels = map.getPixelOrigin();
  const pane = map.layerPointToContainerPoint([0, 0]);
  const [x, y] = state.store.origin;
  return { scale, dx: x * scale - pixels.x + pane.x, dy: y * scale - pixels.y + pane.y };
}

/** A point of the map's box in flat units. */
export function toFlat(map, x, y) {
  const { scale, dx, dy } = frameOf(map);
  return [(x - dx) / scale, (y - dy) / scale];
}

function inFlat(context, map, draw) {
  const { scale, dx, dy } = frameOf(map);
  context.save();
  context.translate(dx, dy);
  context.scale(scale, scale);
  draw(scale);
  context.restore();
}

function drawGround(context, scale, { map, opacity }) {
  const showsCells = map.getZoom() >= CELLS_FROM_ZOOM;
  context.lineJoin = "round";
  for (const cell of state.store.cells.values()) {
    context.globalAlpha = opacity;
    context.fillStyle = state.colours.get(gridOf(cell)) || "#ffffff";
    context.fill(cell.path, "evenodd");
    if (!showsCells) continue;
    context.globalAlpha = 0.75;
    context.strokeStyle = "#ffffff";
    context.lineWidth = 1 / scale;
    context.stroke(cell.path);
  }
  context.globalAlpha = 1;
  for (const grid of state.grids.values()) drawOutline(context, scale, grid);
}

function drawOutline(context, scale, grid) {
  context.strokeStyle = isLocked(grid.code) ? "#57606a" : "#2b3038";
  context.lineWidth = 2.2 / scale;
  if (isLocked(grid.code)) context.setLineDash([7 / scale, 4 / scale]);
  context.stroke(grid.path);
  context.setLineDash([]);
}

function drawHand(context, scale, hand) {
  const target = state.grids.get(state.target);
  if (target && !["merge", "transfer"].includes(state.tool)) outline(context, target.path, "#1e5aa8", 4 / scale);
  for (const code of [...state.merging, state.giving]) {
    const grid = state.grids.get(code);
    if (grid) outline(context, grid.path, "#1e5aa8", 6 / scale);
  }
  for (const id of hand.stroke) paintCell(context, scale, state.store.get(id), state.colours.get(state.target));
  for (const id of state.picked) paintCell(context, scale, state.store.get(id), "#1e5aa8");
  if (hand.hover) outline(context, hand.hover.path, "#1f2328", 2 / scale);
  if (hand.box) drawBox(context, scale, hand.box);
  if (state.line.length) drawLine(context, scale, hand);
  if (hand.brush) drawBrush(context, scale, hand.brush);
}

/** Corners of borders that may be moved, as far as they are on the screen. */
function drawCorners(context, scale, { map, hand }) {
  const size = map.getSize();
  const [west, north] = toFlat(map, 0, 0);
  const [east, south] = toFlat(map, size.x, size.y);
  for (const corner of cornersIn([west, north, east, south])) {
    const isNear = hand.near?.key === corner.key;
    dot(context, corner.at, (isNear ? 8 : 4.5) / scale, isNear ? "#c62828" : "#1e5aa8");
  }
}

function dot(context, [x, y], radius, colour) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.fill();
  outlineArc(context, "#ffffff", radius / 3);
}

/** The cells at a corner as the hand has it now: both sides of each border follow. */
function drawCorner(context, scale, taken) {
  const moved = withCorner(taken);
  for (const { cell, rings } of moved) fillRings(context, rings, state.colours.get(gridOf(cell)));
  for (const isBorder of [false, true]) {
    context.strokeStyle = isBorder ? "#2b3038" : "#ffffff";
    context.lineWidth = (isBorder ? 2.6 : 1) / scale;
    context.beginPath();
    for (const { rings, borders } of moved) rings.forEach((ring, part) => trace(context, ring, (at) => borders[part][at] === isBorder));
    context.stroke();
  }
  dot(context, taken.to, 8 / scale, "#c62828");
}

function trace(context, ring, wanted) {
  for (let at = 1; at < ring.length; at += 1) {
    if (!wanted(at - 1)) continue;
    context.moveTo(...ring[at - 1]);
    context.lineTo(...ring[at]);
  }
}

/** A cell on white, so that what lay there before does not shine through. */
function fillRings(context, rings, colour) {
  context.beginPath();
  for (const ring of rings) {
    context.moveTo(...ring[0]);
    for (const point of ring.slice(1)) context.lineTo(...point);
    context.closePath();
  }
  for (const [tint, alpha] of [["#efeeea", 1], [colour || "#ffffff", 0.5]]) {
    context.globalAlpha = alpha;
    context.fillStyle = tint;
    context.fill("evenodd");
  }
  context.globalAlpha = 1;
}

/** Cells with several buildings: these can be divided. */
function drawShared(context, scale) {
  for (const cell of state.store.cells.values()) if (isShared(cell)) outline(context, cell.path, "#c62828", 2.5 / scale);
}

/** The outline of the community as the line in hand would have it. */
function drawRings(context, scale, rings) {
  if (!rings) return;
  context.beginPath();
  for (const ring of rings) {
    ring.forEach(({ flat: [x, y] }, at) => (at ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
  }
  context.globalAlpha = 0.12;
  context.fillStyle = "#1e5aa8";
  context.fill("evenodd");
  context.globalAlpha = 1;
  outlineArc(context, "#1e5aa8", 3 / scale);
}

/** The cursor of the keyboard: a cross. */
function drawCursor(context, scale, [x, y]) {
  const arm = 14 / scale;
  for (const [colour, width] of [["#ffffff", 5], ["#c62828", 2]]) {
    context.beginPath();
    context.moveTo(x - arm, y);
    context.lineTo(x + arm, y);
    context.moveTo(x, y - arm);
    context.lineTo(x, y + arm);
    outlineArc(context, colour, width / scale);
  }
}

function outline(context, path, colour, width) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke(path);
}

function paintCell(context, scale, cell, colour) {
  if (!cell) return;
  context.globalAlpha = 0.8;
  context.fillStyle = colour || "#1e5aa8";
  context.fill(cell.path, "evenodd");
  context.globalAlpha = 1;
  outline(context, cell.path, "#1f2328", 1.6 / scale);
}

function drawBox(context, scale, [west, south, east, north]) {
  context.strokeStyle = "#1e5aa8";
  context.lineWidth = 2 / scale;
  context.setLineDash([6 / scale, 4 / scale]);
  context.strokeRect(west, south, east - west, north - south);
  context.setLineDash([]);
}

function drawLine(context, scale, hand) {
  const points = hand.next ? [...state.line, hand.next] : state.line;
  context.beginPath();
  points.forEach(([x, y], index) => (index ? context.lineTo(x, y) : context.moveTo(x, y)));
  if (state.tool === "reshape" && points.length > 2) context.closePath();
  for (const [colour, width] of [["#ffffff", 6], ["#c62828", 3]]) {
    context.strokeStyle = colour;
    context.lineWidth = width / scale;
    context.stroke();
  }
  const [x, y] = points[0];
  context.beginPath();
  context.arc(x, y, 5 / scale, 0, 2 * Math.PI);
  context.fillStyle = "#c62828";
  context.fill();
}

function drawBrush(context, scale, { at: [x, y], radius }) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  outlineArc(context, "#ffffff", 3 / scale);
  outlineArc(context, "#1e5aa8", 1.5 / scale);
}

function outlineArc(context, colour, width) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

/** Households as they would be, from the cells, so that the number moves with the hand. */
function householdsByGrid() {
  const sums = new Map();
  for (const cell of state.store.cells.values()) {
    const code = gridOf(cell);
    sums.set(code, (sums.get(code) || 0) + cell.households);
  }
  return sums;
}

function gridLabels() {
  const sums = householdsByGrid();
  return gridList().flatMap((grid) => {
    const at = labelPoint(grid.geometry);
    if (!at) return [];
    const [lon, lat] = at;
    const text = isLocked(grid.code) ? `${grid.name}(${_("已锁定")})` : grid.name;
    const name = { lon, lat, key: grid.code, text, priority: 1, bold: true, size: 13, dy: -10 };
    const homes = { lon, lat, text: _("{n} 户", { n: number(sums.get(grid.code) || 0) }), priority: 5, size: 12, dy: 10, after: name };
    return [name, homes];
  });
}
