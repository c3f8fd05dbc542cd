// What is in hand and waits for a word: a line, a ring, grids to merge, buildings picked.

import { _ } from "../../../static/js/i18n.js";
import { isOdd } from "../cells.js";
import { redrawnOutline } from "../corners.js";
import { isCutMeant } from "./cut.js";
import { edit } from "../plan/plan.js";
import { changed, gridOf, state } from "../state.js";
import { givePicked, toLonLat } from "./tools.js";
import { giveAway } from "../plan/transfer.js";
import { frameOf } from "../view.js";

const LINE_SAMPLES = 100; // looks along a line, whatever the number of its points
const OUTLINE_PX = 40; // how far from the outline a line may begin and end

let isAsking = false; // a second press meanwhile asks nothing anew

/** Whether there is something in hand that can be accepted. */
export function isReady() {
  if (state.tool === "select") return state.picked.size > 0 && Boolean(state.target);
  if (state.tool === "merge") return state.merging.length > 1;
  if (state.tool === "transfer") return Boolean(state.giving);
  if (state.tool === "split") return state.line.length > 1 && Boolean(splitGrid());
  if (state.tool === "outline") return state.line.length > 1;
  return state.tool === "reshape" && state.line.length > 2 && Boolean(reshapeGrid());
}

/** Do what is in hand. */
export async function accept(map) {
  if (!isReady()) return;
  if (state.tool === "select") {
    await givePicked(state.target);
    return;
  }
  if (state.tool === "transfer") {
    if (await once(() => giveAway(map, state.giving))) state.giving = null;
    changed();
    return;
  }
  const body = acceptedEdit(map);
  if (!body) state.refused = _("线的两头要落在社区外边界上。");
  else if (await sent(map, body)) Object.assign(state, { line: [], merging: [] });
  changed();
  if (document.activeElement === document.body) map.getContainer().focus(); // the button that was pressed is gone
}

/** Send an edit; where it would cut buildings the person is asked first. Gives whether it was taken. */
function sent(map, body) {
  return once(async () => (await isCutMeant(map, body)) && edit(body));
}

async function once(work) {
  if (isAsking) return false;
  isAsking = true;
  try {
    return await work();
  } finally {
    isAsking = false;
  }
}

function acceptedEdit(map) {
  const { tool, cut } = state;
  if (tool === "merge") return { op: "merge", grids: state.merging, keep: state.merging[0] };
  if (tool === "outline") return outlineEdit(map);
  const line = state.line.map(toLonLat);
  if (tool === "split") return { op: "split", grid: splitGrid(), line: { type: "LineString", coordinates: line }, cut };
  const polygon = { type: "Polygon", coordinates: [[...line, line[0]]] };
  return { op: "reshape", grid: reshapeGrid(), polygon, cut };
}

/** The whole outline with the drawn line in place of a part of it. */
function outlineEdit(map) {
  const rings = outlineOf(map);
  if (!rings) return null;
  const coordinates = rings.map((ring) => [...ring, ring[0]].map(({ position }) => position));
  return { op: "outline", polygon: { type: "Polygon", coordinates } };
}

/** The outline as the line in hand would have it; nothing while its ends are not on it. */
export function outlineOf(map) {
  return state.line.length > 1 ? redrawnOutline(state.line, toLonLat, OUTLINE_PX / frameOf(map).scale) : null;
}

/** The grid that is split: the one aimed at, else the one in which most of the line lies. */
export function splitGrid() {
  if (state.target) return state.target;
  const stretches = state.line.slice(1).map((to, at) => [state.line[at], to]);
  const whole = stretches.reduce((sum, [from, to]) => sum + lengthOf(from, to), 0);
  return heaviest(stretches.flatMap(([from, to]) => gridsAlong(from, to, whole / LINE_SAMPLES)));
}

/** Grids passed on a stretch, each with the length it was met for; one look every `step`. */
function gridsAlong(from, to, step) {
  const length = lengthOf(from, to);
  const looks = Math.ceil(length / step) || 0;
  const parts = [];
  for (let look = 0; look < looks; look += 1) {
    const share = (look + 0.5) / looks;
    const cell = state.store.at([from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])]);
    if (cell) parts.push([gridOf(cell), length / looks]);
  }
  return parts;
}

function lengthOf([ax, ay], [bx, by]) {
  return Math.hypot(bx - ax, by - ay);
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
