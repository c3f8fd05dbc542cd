// A proposal drawn over the map before anybody accepts it: its borders, and the cells that would change hands.

import { addOverlay } from "../../../static/map/overlay.js";
import { gridOf, state } from "../state.js";
import { frameOf } from "../view.js";

/** What is drawn of cells → code: the cells that change, with the colour of where they go, and all borders. */
export function makePreview(cells, palette) {
  const micro = [...state.store.cells.values()].every((cell) => !(cell.id in cells) || !state.grids.has(cells[cell.id]));
  const codes = [...new Set(Object.values(cells))].sort();
  const colourOf = (code) => state.colours.get(code) || palette[codes.indexOf(code) % palette.length];
  const changing = Object.entries(cells).flatMap(([id, code]) => {
    const cell = state.store.get(id);
    return cell && (micro || gridOf(cell) !== code) ? [{ path: cell.path, colour: colourOf(code) }] : [];
  });
  return { changing, borders: bordersOf(cells) };
}

/** Edges with another owner, or none, on their other side. */
function bordersOf(cells) {
  const edges = new Map();
  for (const cell of state.store.cells.values()) {
    const code = cells[cell.id] ?? gridOf(cell);
    for (const ring of cell.rings) for (let i = 1; i < ring.length; i += 1) note(edges, ring[i - 1], ring[i], code);
  }
  const path = new Path2D();
  for (const { from, to, codes } of edges.values()) {
    if (codes.length > 1 && codes[0] === codes[1]) continue;
    path.moveTo(...from);
    path.lineTo(...to);
  }
  return path;
}

function note(edges, from, to, code) {
  const [a, b] = [from.join(), to.join()];
  const key = a < b ? `${a};${b}` : `${b};${a}`;
  const edge = edges.get(key);
  if (edge) edge.codes.push(code);
  else edges.set(key, { from, to, codes: [code] });
}

/** Put the picture of `preview()` on the map, above the plan and below the hand. */
export function drawPreview(map, preview) {
  const pane = map.createPane("proposal");
  pane.style.zIndex = "430";
  pane.style.pointerEvents = "none";
  return addOverlay(map, "proposal", (context) => {
    const shown = preview();
    if (shown) draw(context, frameOf(map), shown);
  });
}

function draw(context, { scale, dx, dy }, { changing, borders }) {
  context.save();
  context.translate(dx, dy);
  context.scale(scale, scale);
  context.globalAlpha = 0.85;
  for (const { path, colour } of changing) {
    context.fillStyle = colour;
    context.fill(path, "evenodd");
  }
  context.globalAlpha = 1;
  context.lineJoin = "round";
  context.lineCap = "round";
  for (const [colour, width] of [["#ffffff", 6], ["#7b1fa2", 3]]) {
    context.strokeStyle = colour;
    context.lineWidth = width / scale;
    context.stroke(borders);
  }
  context.restore();
}
