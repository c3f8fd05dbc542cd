// Corners of grid borders and the community's outline, worked out from the cells. Keyed by exact position.

import { distance2 } from "./cells.js";
import { gridOf, state } from "./state.js";

const known = { store: null, version: -1, edges: new Map(), corners: new Map() };

const keyOf = ([x, y]) => `${x},${y}`;

/** Key of the stretch between two corners, whichever way it is walked. */
function edgeKey(a, b) {
  const [first, second] = [keyOf(a), keyOf(b)];
  return first < second ? `${first};${second}` : `${second};${first}`;
}

function renew() {
  const { store } = state;
  if (known.store === store && known.version === store.version) return;
  Object.assign(known, { store, version: store.version, edges: new Map(), corners: new Map() });
  for (const cell of store.cells.values()) {
    cell.rings.forEach((ring, part) => ring.slice(1).forEach((to, at) => note(cell, part, at, ring[at], to)));
  }
  for (const { a, b, cells } of known.edges.values()) {
    if (cells.length === 1) for (const end of [a, b]) known.corners.get(keyOf(end)).isOuter = true;
  }
}

function note(cell, part, at, from, to) {
  const [edge, corner] = [edgeKey(from, to), keyOf(from)];
  if (!known.edges.has(edge)) known.edges.set(edge, { a: from, b: to, cells: [], cell, part, at });
  known.edges.get(edge).cells.push(cell);
  if (!known.corners.has(corner)) {
    known.corners.set(corner, { key: corner, at: from, position: cell.positions[part][at], cells: [], isOuter: false });
  }
  known.corners.get(corner).cells.push(cell);
}

/** Corners of borders between grids that may be moved, in a box of flat units; none on the outline. */
export function cornersIn([west, south, east, north]) {
  renew();
  const corners = [];
  for (const corner of known.corners.values()) {
    const [x, y] = corner.at;
    if (corner.isOuter || x < west || x > east || y < south || y > north) continue;
    if (new Set(corner.cells.map(gridOf)).size > 1) corners.push(corner);
  }
  return corners;
}

/** The corner nearest to a point, within a distance in flat units. */
export function cornerNear([x, y], within) {
  const far = ({ at: [cx, cy] }) => (cx - x) ** 2 + (cy - y) ** 2;
  const near = cornersIn([x - within, y - within, x + within, y + within]).filter((corner) => far(corner) <= within * within);
  return near.sort((a, b) => far(a) - far(b))[0] || null;
}

/** A corner taken in hand, with which stretches of its cells part two grids. */
export function takenCorner(corner) {
  const borders = corner.cells.map(({ rings }) => rings.map((ring) => ring.slice(1).map((point, at) => partsGrids(ring[at], point))));
  return { corner, to: corner.at, borders };
}

/** Rings of the cells at a taken corner, as they are where the hand has it now. */
export function withCorner({ corner, to, borders }) {
  return corner.cells.map((cell, index) => ({
    cell,
    rings: cell.rings.map((ring) => ring.map((point) => (keyOf(point) === corner.key ? to : point))),
    borders: borders[index],
  }));
}

function partsGrids(a, b) {
  const { cells } = known.edges.get(edgeKey(a, b));
  return cells.length < 2 || gridOf(cells[0]) !== gridOf(cells[1]);
}

/** Rings of the community's outline as [flat, lon/lat] pairs, the longest first. */
function outlineRings() {
  renew();
  const next = new Map();
  for (const { a, cells, cell, part, at } of known.edges.values()) {
    if (cells.length > 1) continue;
    const key = keyOf(a);
    if (!next.has(key)) next.set(key, []);
    next.get(key).push({ from: a, to: cell.rings[part][at + 1], position: cell.positions[part][at] });
  }
  const rings = [];
  for (const steps of next.values()) while (steps.length) rings.push(walk(next, steps.pop()));
  return rings.sort((a, b) => b.length - a.length);
}

function walk(next, first) {
  const ring = [];
  for (let step = first; step; step = next.get(keyOf(step.to))?.pop()) {
    ring.push({ flat: step.from, position: step.position });
    if (keyOf(step.to) === keyOf(first.from)) break;
  }
  return ring;
}

/** The outline with the part between the ends of a line replaced by it: the shorter way round goes. */
export function redrawnOutline(line, toLonLat, within) {
  const [ring, ...holes] = outlineRings();
  const [start, end] = [attach(ring, line[0]), attach(ring, line.at(-1))];
  if (!start || !end || start.away > within || end.away > within) return null;
  const drawn = [start.at, ...line.slice(1, -1), end.at].map((flat) => ({ flat, position: toLonLat(flat) }));
  const ways = [way(ring, end, start), way(ring, start, end).reverse()];
  const kept = lengthOf(ways[0]) >= lengthOf(ways[1]) ? ways[0] : ways[1];
  return [[...drawn, ...kept].filter((corner, index, all) => keyOf(corner.flat) !== keyOf(all.at(index - 1).flat)), ...holes];
}

/** The nearest place on a ring. */
function attach(ring, [x, y]) {
  let best = null;
  ring.forEach(({ flat: a }, index) => {
    const b = ring[(index + 1) % ring.length].flat;
    const away = Math.sqrt(distance2(a, b, x, y));
    if (!best || away < best.away) best = { index, away, a, b };
  });
  if (!best) return null;
  const [dx, dy] = [best.b[0] - best.a[0], best.b[1] - best.a[1]];
  const share = Math.max(0, Math.min(1, ((x - best.a[0]) * dx + (y - best.a[1]) * dy) / (dx * dx + dy * dy || 1)));
  return { ...best, share, at: [best.a[0] + share * dx, best.a[1] + share * dy] };
}

/** Corners of a ring passed on the way from one place on it to another. */
function way(ring, from, to) {
  const passed = [];
  const isShort = from.index === to.index && from.share <= to.share;
  const steps = isShort ? 0 : (to.index - from.index + ring.length) % ring.length || ring.length;
  for (let step = 1; step <= steps; step += 1) passed.push(ring[(from.index + step) % ring.length]);
  return passed;
}

function lengthOf(way) {
  let sum = 0;
  for (let at = 1; at < way.length; at += 1) {
    sum += Math.hypot(way[at].flat[0] - way[at - 1].flat[0], way[at].flat[1] - way[at - 1].flat[1]);
  }
  return sum;
}
