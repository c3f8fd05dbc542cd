// The plan on the server: edits go one after the other, and what is refused is taken back on the map.

import { Problem, getJson, removeJson, sendJson, sentences } from "../../../static/js/fetch.js";
import { _ } from "../../../static/js/i18n.js";
import { specOf } from "../../../static/map/map.js";
import { page } from "../../../static/js/page.js";
import { changed, gridOf, nameOf, setGrids, setGround, state } from "../state.js";
import { write } from "../../../static/js/state.js";

const spec = specOf("redraw");
const palette = spec.style.colours;
const PAINTED = new Set(["paint", "merge", "split", "reshape", "move", "divide", "lock", "duty", "transfer"]);
const origins = new Map(); // plan, position and time of a paint → its cells and the grids they were of
let chain = Promise.resolve();

/** Plans that are not over, newest first; one that waits for its day is not over. */
export async function loadPlans() {
  const { rows } = await getJson(spec.urls.plans);
  state.plans = rows
    .filter((plan) => !["published", "discarded"].includes(plan.state) || isWaiting(plan))
    .sort((a, b) => b.created_at.localeCompare(a.created_at));
}

/** Whether a published plan waits for the day on which it takes effect. */
export function isWaiting(plan) {
  if (plan.state !== "published") return false;
  return plan.may.includes("withdraw") || Date.parse(plan.effective_at ?? "") > Date.now();
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
  Object.assign(state, { plan, impact, findings: findings.rows, names: plan?.names || {}, refused: "", held: null, line: [], merging: [], giving: null, target: null, aside: null, from: "" });
  state.picked.clear();
  setGround(cells.features, areas.features, palette);
  write({ plan: id });
  changed();
}

/** The address of a plan, or of something of it. */
export function pathTo(id, ...parts) {
  return [spec.urls.plans, encodeURIComponent(id), ...parts].join("/");
}

/** Begin a plan by name; drawing begins one by itself when none is open. */
export async function newPlan(name) {
  const { id } = await sendJson(spec.urls.plans, { name });
  await loadPlans();
  await openPlan(id);
}

/** A name that no plan has yet. */
export function freeName() {
  const plain = _("{day} 网格调整", { day: page.as_of });
  const taken = new Set(state.plans.map(({ name }) => name));
  if (!taken.has(plain)) return plain;
  let n = 2;
  while (taken.has(`${plain}(${n})`)) n += 1;
  return `${plain}(${n})`;
}

/** Send an edit; cells painted by it show their new grid at once. Gives whether it was taken. */
export function edit(body) {
  const cells = body.op === "paint" ? body.cells : [];
  const from = gridsOf(cells);
  for (const id of cells) state.pending.set(id, body.to);
  const work = async () => {
    const given = await (state.plan ? sendJson(pathTo(state.plan.id, "edits"), body) : firstEdit(body));
    const last = given.plan.edits.at(-1);
    if (cells.length && last) origins.set(keyOf(given.plan, last), { cells, from });
    return given;
  };
  return inTurn(work, body);
}

/** Buildings that an edit would cut which isn't made yet, by grid; nothing where it would be refused: why is told. */
export async function foretell(body) {
  state.busy += 1;
  state.refused = "";
  changed();
  await chain;
  try {
    return (await sendJson(pathTo("foretell"), { edit: body, plan: state.plan?.id ?? null })).rows;
  } catch (failure) {
    state.refused = withNames(said(failure));
    hold(body, failure);
    return null;
  } finally {
    state.busy -= 1;
    changed();
  }
}

/** Communities beside this one that could take a grid in, each with the grids along the border to it. */
export async function takersOf() {
  return (await getJson(pathTo("takers"))).rows;
}

function gridsOf(ids) {
  const cells = ids.map((id) => state.store.get(id)).filter(Boolean);
  return [...new Set(cells.map(gridOf))];
}

/** Cells and former grids of a paint done since the page was opened; nothing for an older one. */
export function originOf(entry) {
  return origins.get(keyOf(state.plan, entry)) || null;
}

function keyOf({ id }, { position, at }) {
  return `${id} ${position} ${at}`;
}

/** A plan begins with its first edit: where that is refused, no empty plan stays behind. */
async function firstEdit(body) {
  const { id } = await sendJson(spec.urls.plans, { name: freeName() });
  try {
    const given = await sendJson(pathTo(id, "edits"), body);
    write({ plan: id });
    return given;
  } catch (failure) {
    await removeJson(pathTo(id));
    throw failure;
  }
}

/** Take the last edit back; a stroke that waits goes first. */
export function undo() {
  if (state.held && !state.busy) {
    Object.assign(state, { held: null, refused: "" });
    changed();
    return Promise.resolve(true);
  }
  if (!state.plan?.can_undo && !state.busy) return Promise.resolve(false);
  return inTurn(() => removeJson(pathTo(state.plan.id, "edits", "last")));
}

/** Take a proposal into the plan; gives whether it was taken. */
export function acceptProposal(job) {
  return inTurn(() => sendJson(pathTo(state.plan.id, "proposals", job, "accept"), {}));
}

/** Do again what was taken back. */
export function redo() {
  if (!state.plan?.can_redo) return Promise.resolve(false);
  return inTurn(() => sendJson(pathTo(state.plan.id, "edits", "redo"), {}));
}

function inTurn(work, body = null) {
  state.busy += 1;
  state.refused = "";
  changed();
  chain = chain.then(() => answer(work, body));
  return chain;
}

async function answer(work, body) {
  const cells = body?.op === "paint" ? body.cells : [];
  const isFirst = !state.plan;
  const names = namings();
  try {
    take(await work());
    letGoOfHeld();
    if (namings() !== names) await renewGrids();
    if (isFirst) await loadPlans();
    return true;
  } catch (failure) {
    state.refused = withNames(said(failure));
    if (body) hold(body, failure);
    return false;
  } finally {
    for (const id of cells) state.pending.delete(id);
    state.busy -= 1;
    changed();
  }
}

/** What was refused is not lost: a stroke stays on the map, and what mends it stands beside it. */
function hold(body, failure) {
  const mend = failure instanceof Problem ? failure.mend : null;
  if (mend || body.op === "paint") state.held = { body, mend };
}

/** What waited is done once its cells are where they were to go. */
function letGoOfHeld() {
  const { body } = state.held || {};
  if (!body) return;
  const waits = body.op === "paint" && body.cells.some((id) => state.store.get(id) && state.store.get(id).grid !== body.to);
  if (!waits) state.held = null;
}

/** Edits that change names or codes: the answer to an edit has only the grids whose cells change. */
function namings() {
  const edits = (state.plan?.edits || []).filter(({ op }) => !PAINTED.has(op));
  return edits.map(({ position }) => position).join();
}

async function renewGrids() {
  const { features } = await getJson(spec.urls.areas, { level: "grid", plan: state.plan.id });
  setGrids(features, palette);
}

function take({ plan, areas, cells, findings, impact }) {
  Object.assign(state, { plan, impact, findings: findings.rows, names: plan.names });
  state.store.apply(cells);
  for (const id of state.picked) if (!state.store.get(id)) state.picked.delete(id);
  setGrids(areas.features, palette);
}

/** Names of grids and micro grids where a sentence has their codes. */
export function withNames(text) {
  const codes = [...new Set([...state.grids.keys(), ...Object.keys(state.names)])].filter((code) => text.includes(code));
  if (!codes.length) return text;
  const plain = codes.sort((a, b) => b.length - a.length).map((code) => code.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return text.replace(new RegExp(`(?<![0-9A-Za-z-])(?:${plain.join("|")})(?![0-9A-Za-z-])`, "g"), nameOf);
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

/** Give cells to a grid, without those that are there already; a stroke that waits for the same grid goes along. */
export function give(cells, to) {
  const { body } = state.held || {};
  const waiting = body?.op === "paint" && body.to === to ? body.cells.map((id) => state.store.get(id)).filter(Boolean) : [];
  const moved = [...new Set([...waiting, ...cells])].filter((cell) => gridOf(cell) !== to).map(({ id }) => id);
  return moved.length ? edit({ op: "paint", cells: moved, to }) : Promise.resolve(false);
}
