// The way to the server: whether this phone may go on, and what of the territory has changed.

import { getJson, Problem, sendJson } from "../../../static/js/fetch.js";
import { page } from "../../../static/js/page.js";
import { changeHead, headOf, heldTags, isOpen, phoneNumber, wipe, writeParts } from "./vault.js";

const BASE = "/api/v1/offline";
const self = { isOnline: null, listeners: new Set() };

/** Hear of each try to reach the server: `{isOnline}`. What the browser says of the network is never asked. */
export function onContact(listener) {
  self.listeners.add(listener);
}

/** Whether the last try reached the server; nothing before the first. */
export function isOnline() {
  return self.isOnline;
}

/** Greet the server. Throws where it can't be reached. */
export async function hello() {
  const phone = await phoneNumber();
  try {
    const greeting = await getJson(`${BASE}/hello`, { phone }, { direct: true });
    note(true);
    page.csrf = greeting.csrf;
    return greeting;
  } catch (failure) {
    if (failure instanceof Problem && failure.status) throw failure;
    note(false);
    throw failure;
  }
}

function note(isOnlineNow) {
  self.isOnline = isOnlineNow;
  for (const listener of self.listeners) listener();
}

/**
 * Greet the server and bring what is held up to date. Gives `{state}`: `fresh`; `pin`, where the session asks for the
 * PIN; `gone`, where this account or this phone may hold nothing any more, which is deleted; with the `lost` grids.
 */
export async function refresh() {
  const greeting = await hello();
  const head = await headOf();
  if (greeting.session === "pin") return { state: "pin", greeting };
  if (!greeting.holding || greeting.account !== head.account || (head.pinVersion && greeting.pin_version !== head.pinVersion)) {
    const isStopped = greeting.state === "stopped";
    await wipe();
    if (greeting.account) await purged(true);
    return { state: "gone", isStopped, greeting };
  }
  if (!isOpen()) return { state: "locked", greeting };
  return { state: "fresh", greeting, lost: await load(greeting) };
}

async function load(greeting) {
  const { holding } = greeting;
  const held = await heldTags();
  const wanted = holding.parts.filter(({ name, tag }) => held[name] !== tag);
  const names = holding.parts.map(({ name }) => name);
  const answer = wanted.length ? await sendJson(`${BASE}/parts`, { phone: await phoneNumber(), have: held }) : { parts: [] };
  const all = new Set([...names, ...answer.parts.map(({ part }) => part)]);
  await writeParts(answer.parts, all, headFrom(greeting));
  if (holding.lost.length) await purged(false);
  return holding.lost;
}

/** What the head keeps of a greeting. */
export function headFrom({ now, holding, page: words, pin_version: pinVersion, lock_minutes: lockMinutes, delete_days: deleteDays, program }) {
  const server = Date.parse(now);
  return {
    seen: server,
    latest: server,
    offset: server - Date.now(),
    until: Date.parse(holding.until),
    page: { ...words, csrf: "" },
    grants: holding.grants,
    size: holding.size,
    pinVersion,
    lockMinutes,
    deleteDays,
    program,
  };
}

async function purged(all) {
  await sendJson(`${BASE}/purged`, { phone: await phoneNumber(), all }).catch(() => null); // it is told at the next call
}

/** Note the large type that somebody chose. */
export function setLarge(large) {
  return changeHead({ large });
}
