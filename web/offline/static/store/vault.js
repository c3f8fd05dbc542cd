// What this phone holds, and whether it may be opened: by PIN, within its time, by a clock that wasn't set back.

import { work } from "./database.js";
import { newKey, newNumber, seal, unseal, unwrapped } from "./sealing.js";

export const TRIES = 5;
const HEAD = 1;
const DAY_MS = 86400000;
const SET_BACK_MS = 300000; // so much may a clock be set back by itself
const self = { edition: 0, offset: 0, key: null, parts: new Map(), listeners: new Set() };

/** Who holds what on this phone; nothing of the territory itself. Without `wrapped` nothing is held. */
export async function headOf() {
  const head = (await work(["head"], "readonly", (store) => store.get(HEAD))) || { id: HEAD };
  self.offset = head.offset || 0;
  return head;
}

/** The time by the server's clock, as far as it was known when the two last spoke. */
export function phoneNow() {
  return Date.now() + self.offset;
}

/** Change some of it, or what a function makes of it; two pages that change it at once lose nothing of each other's. */
export async function changeHead(changes) {
  let head = null;
  await work(["head"], "readwrite", (store) => {
    changeIn(store, (before) => (head = { ...before, ...(typeof changes === "function" ? changes(before) : changes) }));
  });
  return head;
}

/** Read and write within one transaction: what another page wrote in between is never written over. */
function changeIn(store, make) {
  const request = store.get(HEAD);
  request.onsuccess = () => store.put(make(request.result || { id: HEAD }));
}

/** This phone's own number, drawn once. */
export async function phoneNumber() {
  const { phone } = await headOf();
  return phone || (await changeHead({ phone: newNumber() })).phone;
}

/** Why what is held can't be opened now: `empty`, `expired`, `clock`; nothing where the PIN opens it. Old parts go. */
export async function barrier() {
  const head = await headOf();
  const now = phoneNow();
  if (!head.wrapped) return "empty";
  if (head.seen && now > head.seen + head.deleteDays * DAY_MS) {
    await wipe();
    return "empty";
  }
  if (head.latest && now < head.latest - SET_BACK_MS) return "clock";
  if (now >= head.until) return "expired";
  await changeHead(({ latest = 0 }) => ({ latest: Math.max(latest, now) }));
  return null;
}

/** Begin anew with a PIN: another key, and nothing held yet. */
export async function prepare(pin, { account, name }) {
  const { key, ...wrapping } = await newKey(pin);
  const { phone } = await headOf();
  const head = { id: HEAD, phone, account, name, tries: 0, ...wrapping };
  await work(["head", "parts"], "readwrite", (heads, parts) => {
    heads.put(head);
    parts.clear();
  });
  self.key = key;
  self.parts.clear();
  return head;
}

/**
 * Open with a PIN: `{opened: true}`, or `{opened: false, left}` with the tries that are left. A try is counted before it
 * is made; the fifth wrong one in a row deletes what is held, and never what waits to be sent.
 */
export async function unlock(pin) {
  const head = await changeHead(({ tries = 0 }) => ({ tries: tries + 1 }));
  if (!head.wrapped) return { opened: false, left: 0 };
  const key = head.tries > TRIES ? null : await unwrapped(pin, head); // several pages may try at once
  if (key) {
    await changeHead({ tries: 0 });
    self.key = key;
    return { opened: true };
  }
  if (head.tries >= TRIES) await wipe();
  return { opened: false, left: Math.max(0, TRIES - head.tries) };
}

/** Close it: keys and parts leave the memory. */
export function lock() {
  self.key = null;
  self.parts.clear();
  for (const listener of self.listeners) listener();
}

export function isOpen() {
  return self.key !== null;
}

/** Hear when it is locked. */
export function onLock(listener) {
  self.listeners.add(listener);
}

/**
 * Put parts in place of older ones and take away those that are named nowhere in `names`, with what changes of the head,
 * all in one transaction: half of a territory never stands beside the rest of an older one.
 */
export async function writeParts(parts, names, changes) {
  const head = await headOf();
  const sealed = [];
  for (const { part, tag, data } of parts) sealed.push({ name: part, tag, ...(await seal(self.key, label(head, part, tag), data)) });
  const kept = new Set(names);
  const older = await work(["parts"], "readonly", (store) => store.getAllKeys());
  await work(["head", "parts"], "readwrite", (heads, store) => {
    for (const name of older) if (!kept.has(name)) store.delete(name);
    for (const row of sealed) store.put(row);
    changeIn(heads, (before) => ({ ...before, ...changes }));
  });
  for (const name of older) if (!kept.has(name)) self.parts.delete(name);
  for (const { part, data } of parts) self.parts.set(part, data);
  self.edition += 1;
}

/** How often parts were written since the start: what was worked out from an earlier edition is old. */
export function edition() {
  return self.edition;
}

/** The tags of what is held, by name. */
export async function heldTags() {
  const rows = await work(["parts"], "readonly", (store) => store.getAll());
  return Object.fromEntries(rows.map(({ name, tag }) => [name, tag]));
}

/** One part; nothing where it isn't held. It is opened once and kept until the phone is locked. */
export async function readPart(name) {
  if (!self.parts.has(name)) {
    const row = await work(["parts"], "readonly", (store) => store.get(name));
    if (!row || !self.key) return null;
    self.parts.set(name, await unseal(self.key, label(await headOf(), name, row.tag), row));
  }
  return self.parts.get(name);
}

/** Delete what is held: the key first, so that what a broken deletion leaves behind is nothing anybody could open. */
export async function wipe() {
  const { phone, large, account } = await headOf();
  await work(["head"], "readwrite", (store) => store.put({ id: HEAD, phone, large, former: account }));
  await work(["parts", "drafts"], "readwrite", (parts, drafts) => {
    parts.clear();
    drafts.clear();
  });
  lock();
}

function label({ account }, name, tag) {
  return `${account}|${name}|${tag}`;
}
