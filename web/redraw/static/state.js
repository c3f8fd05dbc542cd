// What the redraw page knows: the plan, its cells and grids, the tool in hand. One object, one signal of change.

import { _ } from "../../static/js/i18n.js";
import { makeCells, pathOf } from "./cells.js";
import { boundsOf } from "../../static/js/shapes.js";

const listeners = new Set();

export const state = {
  plans: [],
  plan: null, // as the server gives it
  store: makeCells([]),
  grids: new Map(), // code → {code, name, properties, geometry, path}
  colours: new Map(),
  pending: new Map(), // cell → grid it is on its way to
  tool: "select",
  target: null,
  aside: null, // the target of the other tools, while a tool is in hand that finds its grid by the line
  from: "",
  brush: "medium",
  cut: false, // whether a line or ring cuts cells
  picked: new Set(), // cells chosen one by one
  merging: [],
  giving: null, // the grid that is to go to another community
  line: [], // positions of the line or ring in hand
  impact: { grids: [], moves: [] },
  findings: [],
  refused: "",
  held: null, // an edit that was refused: {body, mend}, with the one that takes the plots between along
  names: {}, // what grids and micro grids are called in the plan, also those that are gone, by code
  busy: 0, // edits on their way
};

/** Call after every change. */
export function onChange(listener) {
  listeners.add(listener);
}

/** Tell everybody that something changed; `what` is "stroke" while the hand moves, else "all". */
export function changed(what = "all") {
  for (const listener of listeners) listener(what);
}

/** Whether the open plan, or a new one, may be edited by this account. */
export function isEditable(may) {
  return state.plan ? state.plan.may.includes("edit") : may;
}

/** The grid a cell belongs to, with what is on its way counted as done. */
export function gridOf(cell) {
  return state.pending.get(cell.id) ?? cell.grid;
}

/** A grid's name, also that of one which is gone; never its code. */
export function nameOf(code) {
  const known = state.grids.get(code)?.name || state.names[code];
  return known && known !== code ? known : newName(code);
}

/** What a grid is called that has no name of its own yet. */
export function newName(code) {
  return _("新网格 {n}", { n: code.slice(-3) });
}

/** Grids in the order of their codes. */
export function gridList() {
  return [...state.grids.values()].sort((a, b) => a.code.localeCompare(b.code, "zh-CN", { numeric: true }));
}

/** Whether the plan has cells that are not yet: it takes effect at once then, no day can be set. */
export function hasNewCells() {
  return [...state.store.cells.keys()].some((id) => /^n\d+$/.test(id));
}

/** What stops a plan when it is published. */
export function isStopping({ level, at_approval: later }) {
  return level === "block" || later === "block";
}

/** What is amber or red now. */
export function wrongNow() {
  return state.findings.filter((finding) => isStopping(finding) || finding.level === "warn");
}

export function isLocked(code) {
  return Boolean(state.plan?.locks.includes(code));
}

/** Take cells and grids from the server, all anew. */
export function setGround(cells, areas, palette) {
  state.store = makeCells(cells);
  state.grids = new Map();
  state.colours = new Map();
  state.pending.clear();
  setGrids(areas, palette);
}

/** Take changed grids; one without a shape is closed. */
export function setGrids(features, palette) {
  for (const { properties, geometry } of features) {
    const { code } = properties;
    const name = properties.name === code ? newName(code) : properties.name;
    if (!geometry) state.grids.delete(code);
    else {
      const path = pathOf(geometry, state.store.origin);
      state.grids.set(code, { code, name, properties, geometry, path, box: boundsOf(geometry) });
    }
  }
  if (state.target && !state.grids.has(state.target)) state.target = null;
  if (state.aside && !state.grids.has(state.aside)) state.aside = null;
  if (state.giving && !state.grids.has(state.giving)) state.giving = null;
  if (state.from && !state.grids.has(state.from)) state.from = "";
  for (const grid of gridList()) if (!state.colours.has(grid.code)) state.colours.set(grid.code, freeColour(grid, palette));
}

/** A colour that no neighbour has, and that is used least. */
function freeColour(grid, palette) {
  const near = new Set();
  const used = new Map(palette.map((colour) => [colour, 0]));
  for (const [code, colour] of state.colours) {
    used.set(colour, (used.get(colour) || 0) + 1);
    const other = state.grids.get(code);
    if (other && touch(grid.box, other.box)) near.add(colour);
  }
  const free = palette.filter((colour) => !near.has(colour));
  return (free.length ? free : palette).reduce((a, b) => (used.get(b) < used.get(a) ? b : a));
}

function touch([west, south, east, north], other) {
  return west <= other[2] && other[0] <= east && south <= other[3] && other[1] <= north;
}
