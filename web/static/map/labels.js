// Words on the map: with a halo, never one over another, names before numbers.

import { isShown, onLayers } from "./layers.js";
import { addOverlay } from "./overlay.js";

const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
const GAP = 3;
const MARK_PX = 20;
const MARK_WAYS = [[0, 0], ...[15, 26, 38, 52, 70].flatMap((by) => [[0, by], [0, -by], [by, 0], [-by, 0], [by, by], [-by, -by], [by, -by], [-by, by]])];
const CONTROLS = ".leaflet-control, .home-button, .open-panel, .side-name, .legend";

/**
 * Labels of a map. `set(group, labels)` replaces one group; lower `priority` is placed first. A label is a
 * `text`, or a `draw(context)` of its own around its middle with a `box` of width and height in pixels;
 * one with `after` is left out where that label found no room. Where somebody lists what is left out
 * (`onLeftOut`), a label with a `key` that found no room leaves a number in its place.
 */
export function addLabels(map) {
  const groups = new Map();
  let before = "[]";
  let tell = null;
  const overlay = addOverlay(map, "labels", (context, project) => {
    const all = isShown("labels") ? [...groups.values()].flat() : [];
    const labels = all.sort((a, b) => a.priority - b.priority);
    const leftOut = place(context, project, { labels, map, hasList: Boolean(tell) });
    if (tell && before !== JSON.stringify(leftOut)) {
      before = JSON.stringify(leftOut);
      tell(leftOut);
    }
  });
  onLayers(() => overlay.redraw());
  return {
    /** `listener([{number, key, text}])` is told which labels stand as a number only, whenever these change. */
    onLeftOut(listener) {
      tell = listener;
      overlay.redraw();
    },
    set(group, labels) {
      groups.set(group, labels);
      overlay.redraw();
    },
  };
}

function place(context, project, { labels, map, hasList }) {
  const leftOut = [];
  const taken = controlsOver(map);
  const placed = new Set();
  const size = map.getSize();
  const zoom = map.getZoom();
  for (const label of labels) {
    if ((label.minZoom && zoom < label.minZoom) || (label.after && !placed.has(label.after))) continue;
    const at = project(label.lon, label.lat);
    const box = drawnIn(boxOf(context, label, at), at, size);
    const isOutside = box.right < 0 || box.left > size.x || box.bottom < 0 || box.top > size.y;
    if (isOutside) continue;
    if (taken.some((other) => overlaps(box, other))) {
      if (!hasList || !label.key) continue;
      const number = leftOut.length + 1;
      leftOut.push({ number, key: label.key, text: label.text });
      writeMark(context, String(number), { at, taken, size });
      continue;
    }
    taken.push(box);
    placed.add(label);
    write(context, label, at);
  }
  return leftOut;
}

/** A number in a ring where a name found no room, as near to its place as there is room for that. */
function writeMark(context, text, { at, taken, size }) {
  for (const [dx, dy] of MARK_WAYS) {
    const [x, y] = [at.x + dx, at.y + dy];
    const box = { left: x - MARK_PX / 2, right: x + MARK_PX / 2, top: y - MARK_PX / 2, bottom: y + MARK_PX / 2 };
    const isSeen = box.left >= 0 && box.right <= size.x && box.top >= 0 && box.bottom <= size.y;
    if (!isSeen || taken.some((other) => overlaps(box, other))) continue;
    taken.push(box);
    drawMark(context, text, x, y);
    return;
  }
}

function drawMark(context, text, x, y) {
  context.save();
  context.translate(x, y);
  context.beginPath();
  context.arc(0, 0, MARK_PX / 2 - 1, 0, 2 * Math.PI);
  context.fillStyle = "#ffffff";
  context.fill();
  context.strokeStyle = "#1f2328";
  context.lineWidth = 1.2;
  context.stroke();
  writeText(context, { text, bold: true, size: 12 }, 0.5);
  context.restore();
}

/** Where buttons, legends and titles lie over the map: nobody could read a word there. */
function controlsOver(map) {
  const frame = map.getContainer();
  const { left, top, right, bottom } = frame.getBoundingClientRect();
  const around = frame.closest(".map-box") || frame;
  return [...around.querySelectorAll(CONTROLS)]
    .map((control) => control.getBoundingClientRect())
    .filter((box) => box.width && box.right > left && box.left < right && box.bottom > top && box.top < bottom)
    .map((box) => ({ left: box.left - left, right: box.right - left, top: box.top - top, bottom: box.bottom - top }));
}

/** A word whose middle is in view is moved in as far as it sticks out at a side. */
function drawnIn(box, at, size) {
  if (at.x < 0 || at.x > size.x) return box;
  const by = Math.max(0, -box.left) - Math.max(0, box.right - size.x);
  at.x += by;
  return { ...box, left: box.left + by, right: box.right + by };
}

function boxOf(context, label, at) {
  context.font = fontOf(label);
  const [width, height] = label.box || [
    context.measureText(label.text).width + 2 * GAP,
    (label.size || 13) + 2 * GAP,
  ];
  const turn = label.angle || 0;
  const half = {
    x: (Math.abs(width * Math.cos(turn)) + Math.abs(height * Math.sin(turn))) / 2,
    y: (Math.abs(width * Math.sin(turn)) + Math.abs(height * Math.cos(turn))) / 2,
  };
  const y = at.y + (label.dy || 0);
  return { left: at.x - half.x, right: at.x + half.x, top: y - half.y, bottom: y + half.y };
}

function overlaps(a, b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function fontOf(label) {
  return `${label.bold ? "600 " : ""}${label.size || 13}px ${FONT}`;
}

function write(context, label, at) {
  context.save();
  context.translate(at.x, at.y + (label.dy || 0));
  context.rotate(label.angle || 0);
  if (label.draw) label.draw(context);
  else writeText(context, label, 0);
  context.restore();
}

/** One line of words with a halo around the present origin, so many pixels below it. */
export function writeText(context, label, y) {
  context.font = fontOf(label);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 4;
  context.strokeStyle = label.halo || "rgba(255, 255, 255, 0.92)";
  context.strokeText(label.text, 0, y);
  context.fillStyle = label.colour || "#1f2328";
  context.fillText(label.text, 0, y);
}
