// Sending what was filled in: kept first, then sent as who wrote it under its one key; what is held up goes out later.

import { Problem, sendJson } from "../js/fetch.js";
import { drop, keep, kept, read } from "./outbox.js";
import { page } from "../js/page.js";
import { refusedPhotos, withoutPhotos } from "./refusedphotos.js";

const AGAIN_MS = 20000;
const LEAST_MS = 2500;
const LOOK_MS = 100;
const PATIENCE_MS = 30000;
const BYTES_PER_S = 20000;
const LATER = [0, 400, 401, 408, 429];
const LOCK = "gisgrid-outbox";
const WITH_CODE = ["report", "same"]; // their answers hold a receipt code, which stays until it was noted
const self = { busy: new Set(), refused: new Map(), unkept: new Map(), listeners: new Set(), isStale: false, isStarted: false };

/** One key per content: a second press, a lost answer or a later sending does nothing twice. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** An entry as who looks at this page writes it now. */
export function newEntry(kind, path, { body, label, ...more }) {
  return { key: newKey(), kind, path, body, label, at: Date.now(), by: me(), ...more };
}

/** The account that looks at this page; empty for nobody. */
export function me() {
  return page.account || "";
}

/** Whether somebody else wrote an entry; one of an older version was written by nobody known. */
export function isForeign({ by = "" }) {
  return by !== me();
}

/** Whether another account is logged in by now than the page knows of: then it sends nothing more. */
export function isStale() {
  return self.isStale;
}

/** The answer of the server that refused an entry since the page was opened, if it did. */
export function refusalOf(entry) {
  return self.refused.get(entry.key) || null;
}

/**
 * Hear what becomes of entries: `{entry, answer}` sent, `{entry, failure}` waits or refused, `{entry, isGone}`; with
 * `isFirst` whoever offered it shows it, with `isAhead` it went before another one of its case, which follows.
 */
export function onSending(listener) {
  self.listeners.add(listener);
}

function tell(event) {
  for (const listener of self.listeners) listener(event);
}

/** All that waits or waited here, the earliest first, and keys of what can't be read. */
export async function waiting() {
  const stored = await kept().catch(() => ({ entries: [], unreadable: [] })); // a browser that keeps nothing
  return { entries: [...stored.entries, ...self.unkept.values()].sort((entry, other) => entry.at - other.at), unreadable: stored.unreadable };
}

/**
 * Send for the first time. Gives `{answer}`, or `{waits, failure}` where it is kept and goes out later. Whatever the
 * server refuses, or can neither be sent nor kept, is thrown: the form stands as it is, with what was typed. With
 * `isLoose` nothing on the page holds the content: then it is kept in any case, in memory where nothing else can.
 */
export async function offer(entry, { isLoose = false } = {}) {
  const waits = keepable(entry);
  const isKept = await keep(waits).then(() => true, () => false);
  if (!isKept && isLoose) self.unkept.set(entry.key, waits);
  self.busy.add(entry.key);
  try {
    const ahead = await sendEarlier(entry);
    if (ahead) throw ahead;
    const answer = await post(entry);
    await forgotten(entry.key);
    return { answer };
  } catch (failure) {
    if (!passes(failure) && !isLoose) await forgotten(entry.key);
    if (!isLoose && (!passes(failure) || !isKept)) throw failure;
    note(waits, failure);
    tell({ entry: waits, failure, isFirst: true });
    return { waits, failure };
  } finally {
    self.busy.delete(entry.key);
  }
}

/** Send once more. */
export async function again(entry) {
  if (self.busy.has(entry.key)) return;
  self.busy.add(entry.key);
  try {
    const ahead = await sendEarlier(entry);
    if (ahead) {
      tell({ entry, failure: ahead }); // it waits still, and was not refused itself
      return;
    }
    const answer = await post(entry);
    self.refused.delete(entry.key);
    await settle(entry, answer);
  } catch (failure) {
    note(entry, failure);
    tell({ entry, failure });
  } finally {
    self.busy.delete(entry.key);
  }
}

/** Put one entry in the place of another and send it: the same by another account, or another way to say it. */
export async function exchange(entry, fresh) {
  await keep(fresh).catch(() => self.unkept.set(fresh.key, fresh)); // a browser that keeps nothing
  if (entry.key !== fresh.key) await forget(entry);
  tell({ entry: fresh });
  await again(fresh);
}

/** Take an entry away for good. */
export async function forget(entry) {
  await forgotten(entry.key);
  tell({ entry, isGone: true });
}

/** Send what waits: now, when the network is back, and every twenty seconds while a page is open. */
export function startSending() {
  if (self.isStarted) return;
  self.isStarted = true;
  sendAll();
  window.addEventListener("online", sendAll);
  window.addEventListener("beforeunload", (event) => self.unkept.size && event.preventDefault()); // it goes with this page
  setInterval(sendAll, AGAIN_MS);
}

/** One page of the browser sends at a time; without locks (over plain http) the keys alone see to it. */
async function sendAll() {
  if (self.isSending) return;
  self.isSending = true;
  try {
    const { entries } = await waiting();
    if (!entries.some(goes)) return;
    if (navigator.locks) await navigator.locks.request(LOCK, () => sendEach(entries));
    else await sendEach(entries);
  } finally {
    self.isSending = false;
  }
}

/** The earliest first; of one case the later ones wait for the earlier. */
async function sendEach(entries) {
  const held = new Set();
  for (const next of [...entries].sort((a, b) => rank(a) - rank(b))) {
    if (next.target && held.has(next.target)) continue;
    const entry = await stillThere(next);
    if (entry && goes(entry)) await again(entry);
    if (next.target && (await isThere(next.key))) held.add(next.target);
  }
}

/** Photos before all steps: a case that has ended takes none any more, and no step waits for one. */
function rank({ kind }) {
  return kind === "photo" ? 0 : 1;
}

/**
 * Send what waits of the same case and goes before an entry; the reason where one of it didn't go. What the server
 * refused before holds up nothing that somebody sends all the same.
 */
async function sendEarlier(entry) {
  if (!entry.target || rank(entry) === 0) return null;
  const { entries } = await waiting();
  const earlier = entries.filter((other) => other.target === entry.target && other.key !== entry.key && (rank(other) < rank(entry) || other.at < entry.at));
  for (const other of earlier.sort((a, b) => rank(a) - rank(b))) {
    const failure = goes(other) ? await sendAhead(other) : null;
    if (failure) return failure;
  }
  return null;
}

async function sendAhead({ key }) {
  while (self.busy.has(key)) await new Promise((resolve) => setTimeout(resolve, LOOK_MS)); // it is on its way already
  const entry = await stillThere({ key });
  if (!entry || !goes(entry)) return null;
  self.busy.add(key);
  try {
    await settle(entry, await post(entry), { isAhead: true });
    return null;
  } catch (failure) {
    note(entry, failure);
    tell({ entry, failure });
    return failure;
  } finally {
    self.busy.delete(key);
  }
}

/** An entry as it is kept by now; nothing where another page has sent it meanwhile. */
async function stillThere({ key }) {
  return self.unkept.get(key) || (await read(key).catch(() => null));
}

async function isThere(key) {
  return self.unkept.has(key) || Boolean(await read(key).catch(() => true));
}

/** Whether an entry goes out by itself; what the server refused goes by a press, or once a page is opened anew. */
function goes(entry) {
  return !self.isStale && !entry.answer && !isForeign(entry) && !self.refused.has(entry.key);
}

async function settle(entry, answer, how = {}) {
  if (!WITH_CODE.includes(entry.kind || "report")) {
    await forgotten(entry.key);
    tell({ entry, answer, ...how });
    return;
  }
  const sent = { ...entry, answer, body: null, instead: null };
  self.unkept.delete(entry.key);
  await keep(sent).catch(() => null); // the card shows the code in any case
  tell({ entry: sent, answer });
}

async function forgotten(key) {
  self.unkept.delete(key);
  self.refused.delete(key);
  await drop(key).catch(() => null);
}

function note(entry, failure) {
  self.isStale ||= isOfAnother(failure);
  if (!passes(failure)) self.refused.set(entry.key, failure);
}

/** Whether a failure passes: the network, a login that has ended, a busy server, too many at once, a page too old. */
export function passes(failure) {
  return !(failure instanceof Problem) || LATER.includes(failure.status) || failure.status >= 500 || isOfAnother(failure);
}

/** Whether somebody else is logged in by now than the page knows of. */
function isOfAnother(failure) {
  return failure instanceof Problem && failure.faults.some((fault) => fault.field === "written_by");
}

/** An entry as this browser may keep it: somebody's phone is not kept, and the card says so. */
function keepable({ body, ...entry }) {
  const { contact, ...rest } = body;
  return { ...entry, body: rest, ...(contact ? { lostPhone: true } : {}) };
}

/** Send an entry as who wrote it; photos that the server can't take stay behind, and the answer names them. */
async function post({ key, path = "/api/v1/cases", body, by = "" }) {
  const early = body.opened ? LEAST_MS - performance.now() : 0;
  if (early > 0) await new Promise((resolve) => setTimeout(resolve, early)); // faster than any person: taken for a machine
  const send = (sent) => sendJson(path, { ...sent, written_by: by }, { "Idempotency-Key": key }, patience(sent));
  try {
    return await send(body);
  } catch (failure) {
    const refused = refusedPhotos(failure, body);
    if (!refused.length) throw failure;
    return { ...(await send(withoutPhotos(body, refused))), photos_refused: refused };
  }
}

/** How long an answer may take: a photo over a weak line longer than a word. */
function patience(body) {
  return PATIENCE_MS + (1000 * JSON.stringify(body).length) / BYTES_PER_S;
}
