// The plan on the server: edits go one after the other, and what is refused is taken back on the map.

import { Problem, getJson, removeJson, sendJson, sentences } from "./fetch.js";
import { _ } from "./i18n.js";
import { specOf } from "./map.js";
import { page } from "./page.js";
import { changed, gridOf, setGrids, setGround, state } from "./redrawstate.js";
import { write } from "./state.js";

const spec = specOf("redraw");
const palette = spec.style.colours;
const CELLS_STAY = new Set(["paint", "merge", "rename", "lock"]);
let chain = Promise.resolve();
let opening = null;

/** Plans that are not over, newest first. */
export async function loadPlans() {
  const { rows } = await getJson(spec.urls.plans);
  state.plans = rows
    .filter(({ state: at }) => !["published", "discarded"].includes(at))
    .sort((a, b) => b.created_at.localeCompare(a.created_at));
}

/** Open a plan with its ground and figures; nothing named: the grids as they are. */
export async function openPlan(id) {
  const [cells, areas, plan, impact, findings] = await Promise.all([
    getJson(spec.urls.cells, { plan: id }),
    getJson(spec.urls.areas, { level: "grid", plan: id }),
    id ? getJson(pathTo(id)) : null,
    id ? getJson(pathTo(id, "impact")) : { grids: [], moves: [] },
    id ? getJson(pathTo(id, "findings")) : { rows: [] },
  ]);
  Object.assign(state, { plan, impact, findings: findings.rows, refused: "", line: [], merging: [] });
  state.picked.clear();
  setGround(cells.features, areas.features, palette);
  write({ plan: id });
  changed();
}

function pathTo(id, ...parts) {
  return [spec.urls.plans, encodeURIComponent(id), ...parts].join("/");
}

/** Begin a plan; drawing begins one by itself when none is open. */
export async function newPlan(name) {
  const { id } = await sendJson(spec.urls.plans, { name });
  const [plan, findings] = await Promise.all([getJson(pathTo(id)), getJson(pathTo(id, "findings")), loadPlans()]);
  Object.assign(state, { plan, findings: findings.rows });
  write({ plan: id });
  changed();
}

async function planId() {
  if (!state.plan) {
    opening = opening || newPlan(_("{day} 网格调整", { day: page.as_of }));
    await opening.finally(() => (opening = null));
  }
  return state.plan.id;
}

/** Send an edit; cells painted by it show their new grid at once. Gives whether it was taken. */
export function edit(body) {
  const cells = body.op === "paint" ? body.cells : [];
  for (const id of cells) state.pending.set(id, body.to);
  return inTurn(async () => sendJson(pathTo(await planId(), "edits"), body), {
    cells,
    stays: CELLS_STAY.has(body.op),
  });
}

/** Take the last edit back. */
export function undo() {
  if (!state.plan?.can_undo && !state.busy) return Promise.resolve(false);
  return inTurn(() => {
    state.last = state.plan.edits.at(-1)?.op;
    return removeJson(pathTo(state.plan.id, "edits", "last"));
  });
}

/** Do again what was taken back. */
export function redo() {
  if (!state.plan?.can_redo) return Promise.resolve(false);
  return inTurn(() => sendJson(pathTo(state.plan.id, "edits", "redo"), {}));
}

function inTurn(work, { cells = [], stays = null } = {}) {
  state.busy += 1;
  state.refused = "";
  changed();
  chain = chain.then(() => answer(work, cells, stays));
  return chain;
}

async function answer(work, cells, stays) {
  try {
    const given = await work();
    const undone = given.plan.edits.length < (state.plan?.edits.length ?? 0);
    const op = undone ? state.last : given.plan.edits.at(-1)?.op;
    take(given);
    if (!(stays ?? CELLS_STAY.has(op))) await renewCells();
    return true;
  } catch (failure) {
    state.refused = withNames(said(failure));
    return false;
  } finally {
    for (const id of cells) state.pending.delete(id);
    state.busy -= 1;
    changed();
  }
}

function take({ plan, areas, cells, findings, impact }) {
  Object.assign(state, { plan, impact, findings: findings.rows });
  for (const { id, grid } of cells) {
    const cell = state.store.get(id);
    if (cell) cell.grid = grid;
  }
  setGrids(areas.features, palette);
}

/** After an edit that may cut cells, the cells are other ones. */
async function renewCells() {
  const [cells, areas] = await Promise.all([
    getJson(spec.urls.cells, { plan: state.plan.id }),
    getJson(spec.urls.areas, { level: "grid", plan: state.plan.id }),
  ]);
  const { colours } = state;
  setGround(cells.features, areas.features, palette);
  for (const [code, colour] of colours) if (state.grids.has(code)) state.colours.set(code, colour);
  state.picked.clear();
}

/** Names of grids where a sentence has their codes. */
function withNames(text) {
  return text.replace(/[0-9A-Za-z-]{2,}/g, (code) => state.grids.get(code)?.name || code);
}

/** Why something was refused: the server's own sentence where it has one. */
export function said(failure) {
  if (failure instanceof Problem && [409, 422].includes(failure.status)) {
    const faults = failure.faults.map(({ message }) => message);
    const own = faults.length ? faults.join(" ") : failure.detail;
    if (own) return own;
  }
  return sentences(failure).join(" ");
}

/** A step of the plan after drawing: submit, approve, return, comments, publish. */
export async function step(name, body) {
  await chain;
  return sendJson(pathTo(state.plan.id, name), body);
}

/** Throw a plan away. */
export async function discard() {
  await chain;
  await removeJson(pathTo(state.plan.id));
}

/** Give cells to a grid, without those that are there already. */
export function give(cells, to) {
  const moved = cells.filter((cell) => gridOf(cell) !== to).map(({ id }) => id);
  return moved.length ? edit({ op: "paint", cells: moved, to }) : Promise.resolve(false);
}
