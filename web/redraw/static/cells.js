// Unit cells in memory: which cell lies under a point, a brush or a box. A grid of buckets answers in microseconds.

/* global L */

import { outerRings } from "../../static/js/shapes.js";

const PER_BUCKET = 2;

/** A position as x, y of the web map at zoom 0, relative to an origin, so that a canvas keeps it exact. */
export function flatten([lon, lat], origin) {
  const point = L.CRS.EPSG3857.latLngToPoint(L.latLng(lat, lon), 0);
  return [point.x - origin[0], point.y - origin[1]];
}

/** A drawing of a shape in flat units, kept so that a pan costs nothing but filling it. */
export function pathOf(geometry, origin) {
  const path = new Path2D();
  for (const ring of allRings(geometry)) {
    ring.forEach((position, index) => {
      const [x, y] = flatten(position, origin);
      if (index) path.lineTo(x, y);
      else path.moveTo(x, y);
    });
    path.closePath();
  }
  return path;
}

function allRings(geometry) {
  if (!geometry) return [];
  return geometry.type === "Polygon" ? geometry.coordinates : geometry.coordinates.flat();
}

/** Cells from the features of the server; positions are flat units around `origin`. */
export function makeCells(features) {
  const first = features.length ? outerRings(features[0].geometry)[0][0] : [0, 0];
  const origin = flatten(first, [0, 0]);
  const cells = new Map();
  for (const { id, properties, geometry } of features) {
    const cell = cellOf({ id: id ?? properties.id, ...properties, geometry }, origin);
    cells.set(cell.id, cell);
  }
  let index = bucketsOf([...cells.values()]);
  const within = (box) => candidates(index, box);
  const store = {
    origin,
    cells,
    version: 0, // counts the changes of shapes
    get: (id) => cells.get(id),
    at: ([x, y]) => within([x, y, x, y]).find((cell) => covers(cell, x, y)) || null,
    touching: (at, radius) => within(around(at, radius)).filter((cell) => touches(cell, at, radius)),
    inBox: (box) => within(box).filter(({ middle: [x, y] }) => isInside(box, x, y)),
    inRing: (ring) => [...cells.values()].filter(({ middle: [x, y] }) => isOdd(ring, x, y)),
    ofGrid: (code) => [...cells.values()].filter((cell) => cell.grid === code),
    apply(rows) {
      if (!applyTo(cells, rows, origin)) return;
      store.version += 1;
      index = bucketsOf([...cells.values()]);
    },
  };
  return store;
}

/** Take what an edit has changed: other owners, other shapes, cells that are gone. Gives whether shapes changed. */
function applyTo(cells, rows, origin) {
  let isRedrawn = false;
  for (const row of rows) {
    const known = cells.get(row.id);
    if (row.gone) isRedrawn = cells.delete(row.id) || isRedrawn;
    else if (row.geometry) {
      cells.set(row.id, cellOf(row, origin));
      isRedrawn = true;
    } else if (known) Object.assign(known, { grid: row.grid, households: row.households ?? known.households });
  }
  return isRedrawn;
}

function cellOf({ id, grid, households, geometry }, origin) {
  const positions = allRings(geometry);
  const rings = positions.map((ring) => ring.map((position) => flatten(position, origin)));
  const box = boxOf(rings[0] || []);
  return {
    id,
    grid,
    households: households || 0,
    positions, // lon, lat as the server has them: a corner is named by them
    rings,
    box,
    middle: middleOf(rings, box),
    path: pathOf(geometry, origin),
  };
}

function boxOf(ring) {
  const [xs, ys] = [ring.map(([x]) => x), ring.map(([, y]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** A point that lies in the cell: the middle of the longest stretch of the line halfway up. */
function middleOf(rings, [west, south, east, north]) {
  const y = (south + north) / 2;
  const cuts = rings.flatMap((ring) => crossings(ring, y)).sort((a, b) => a - b);
  let best = [west, east];
  for (let at = 0; at + 1 < cuts.length; at += 2) {
    if (at === 0 || cuts[at + 1] - cuts[at] > best[1] - best[0]) best = [cuts[at], cuts[at + 1]];
  }
  return [(best[0] + best[1]) / 2, y];
}

function crossings(ring, y) {
  const cuts = [];
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [[ax, ay], [bx, by]] = [ring[i], ring[j]];
    if (ay > y !== by > y) cuts.push(ax + ((y - ay) * (bx - ax)) / (by - ay));
  }
  return cuts;
}

function bucketsOf(cells) {
  if (!cells.length) return { buckets: new Map(), step: 1 };
  const west = Math.min(...cells.map(({ box }) => box[0]));
  const south = Math.min(...cells.map(({ box }) => box[1]));
  const width = Math.max(...cells.map(({ box }) => box[2])) - west;
  const height = Math.max(...cells.map(({ box }) => box[3])) - south;
  const step = Math.sqrt((width * height * PER_BUCKET) / cells.length) || 1;
  const buckets = new Map();
  for (const cell of cells) {
    for (const key of keysOf(cell.box, step)) {
      if (!buckets.has(key)) buckets.set(key, []);
      buckets.get(key).push(cell);
    }
  }
  return { buckets, step };
}

function keysOf([west, south, east, north], step) {
  const keys = [];
  for (let x = Math.floor(west / step); x <= Math.floor(east / step); x += 1) {
    for (let y = Math.floor(south / step); y <= Math.floor(north / step); y += 1) keys.push(`${x}:${y}`);
  }
  return keys;
}

function candidates({ buckets, step }, box) {
  const near = new Set();
  for (const key of keysOf(box, step)) for (const cell of buckets.get(key) || []) near.add(cell);
  return [...near];
}

function around([x, y], radius) {
  return [x - radius, y - radius, x + radius, y + radius];
}

function isInside([west, south, east, north], x, y) {
  return west <= x && x <= east && south <= y && y <= north;
}

/** Whether a point lies in a ring, by the number of borders east of it. */
export function isOdd(ring, x, y) {
  return crossings(ring, y).filter((cut) => cut > x).length % 2 === 1;
}

function covers(cell, x, y) {
  return isInside(cell.box, x, y) && cell.rings.filter((ring) => isOdd(ring, x, y)).length % 2 === 1;
}

function touches(cell, [x, y], radius) {
  return covers(cell, x, y) || (radius > 0 && cell.rings.some((ring) => isNear(ring, x, y, radius)));
}

function isNear(ring, x, y, radius) {
  for (let i = 1; i < ring.length; i += 1) if (distance2(ring[i - 1], ring[i], x, y) <= radius * radius) return true;
  return false;
}

/** Square of the distance of a point from a stretch. */
export function distance2([ax, ay], [bx, by], x, y) {
  const [dx, dy] = [bx - ax, by - ay];
  const length2 = dx * dx + dy * dy;
  const share = length2 ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length2)) : 0;
  return (x - ax - share * dx) ** 2 + (y - ay - share * dy) ** 2;
}
