// Sending reports: kept first, then sent as who wrote them; what the network or a busy server holds up goes out later.

import { h, icon } from "./dom.js";
import { Problem, sendJson } from "./fetch.js";
import { receiptCard, waitingCard } from "./filingcards.js";
import { refusedPhotos, withoutPhotos } from "./filingphotos.js";
import { _ } from "./i18n.js";
import { drop, keep, kept } from "./outbox.js";
import { page } from "./page.js";

const AGAIN_MS = 20000;
const LEAST_MS = 2500;
const LATER = [0, 400, 408, 429];

/** The queue; `place` shows what still waits and what went out since. */
export function openQueue(place) {
  const self = { place, busy: new Set(), refused: new Set(), isStale: false };
  const sendAll = async () => {
    for (const entry of await all()) if (goes(self, entry)) await later(self, entry);
  };
  return {
    send: (entry) => first(self, { ...entry, by: me() }),
    start: async () => {
      for (const entry of await all()) if (isShown(entry)) self.place.append(cardOf(self, entry));
      await sendAll();
      window.addEventListener("online", sendAll);
      setInterval(sendAll, AGAIN_MS);
    },
  };
}

/** Whether a report goes out by itself; what the server refused goes by a press, or once the page is opened anew. */
function goes(self, entry) {
  return !self.isStale && !entry.answer && !isForeign(entry) && !self.refused.has(entry.key);
}

/** The account that looks at this page; empty for nobody. */
function me() {
  return page.account || "";
}

/** Whether somebody else wrote a report; one of an older version was written by nobody known. */
function isForeign({ by = "" }) {
  return by !== me();
}

/** The receipt code of a report is for who wrote it; what waits is shown to everybody, so that none is forgotten. */
function isShown(entry) {
  return !entry.answer || !entry.by || !isForeign(entry);
}

async function all() {
  try {
    return await kept();
  } catch {
    return []; // a browser that keeps nothing
  }
}

/** Whether a failure passes: the network, a busy or broken server, too many at once, a page that is too old. */
function passes(failure) {
  return !(failure instanceof Problem) || LATER.includes(failure.status) || failure.status >= 500 || isOfAnother(failure);
}

/** Whether somebody else is logged in by now than the page knows of. */
function isOfAnother(failure) {
  return failure instanceof Problem && failure.faults.some((fault) => fault.field === "written_by");
}

/** A report as this browser may keep it: somebody's phone is not kept, and the card says so. */
function keepable({ body, ...entry }) {
  const { contact, ...rest } = body;
  return { ...entry, body: rest, ...(contact ? { lostPhone: true } : {}) };
}

async function first(self, entry) {
  const waits = keepable(entry);
  const isKept = await keep(waits).then(() => true, () => false);
  self.busy.add(entry.key);
  try {
    const answer = await post(entry);
    if (isKept) await drop(entry.key);
    return receiptCard(answer);
  } catch (failure) {
    if (!passes(failure) && isKept) await drop(entry.key);
    if (!passes(failure) || !isKept) throw failure; // the form stands as it is, with what was typed
    return waiting(self, waits, failure);
  } finally {
    self.busy.delete(entry.key);
  }
}

async function later(self, entry) {
  if (self.busy.has(entry.key)) return;
  self.busy.add(entry.key);
  try {
    const answer = await post(entry);
    const sent = { ...entry, answer, body: null };
    await keep(sent); // the receipt code stays here until it was read
    replace(self, cardOf(self, sent));
  } catch (failure) {
    if (isOfAnother(failure)) replace(self, waiting(self, entry, failure)); // and this page sends nothing more
    else if (!passes(failure)) {
      self.refused.add(entry.key);
      replace(self, waiting(self, { ...entry, refused: failure.message }, failure));
    }
  } finally {
    self.busy.delete(entry.key);
  }
}

/** Send a report as who wrote it; photos that the server can't take stay behind, and the answer names them. */
async function post({ key, body, by = "" }) {
  const early = body.opened ? LEAST_MS - performance.now() : 0;
  if (early > 0) await new Promise((resolve) => setTimeout(resolve, early)); // faster than any person: taken for a machine
  const send = (one) => sendJson("/api/v1/cases", { ...one, written_by: by }, { "Idempotency-Key": key });
  try {
    return await send(body);
  } catch (failure) {
    const refused = refusedPhotos(failure, body);
    if (!refused.length) throw failure;
    return { ...(await send(withoutPhotos(body, refused))), photos_refused: refused };
  }
}

function replace(self, card) {
  const old = document.querySelector(`[data-entry="${card.dataset.entry}"]`);
  if (old) old.replaceWith(card);
  else self.place.append(card);
}

function cardOf(self, entry) {
  if (!entry.answer) return waiting(self, entry, null);
  const card = receiptCard(entry.answer);
  card.dataset.entry = entry.key;
  const forget = async () => {
    await drop(entry.key);
    card.remove();
  };
  card.append(h("button", { type: "button", class: "button", onclick: forget }, icon("check-circle"), _("我已记下受理码")));
  return card;
}

function waiting(self, entry, failure) {
  self.isStale ||= isOfAnother(failure);
  const card = waitingCard(entry, {
    isForeign: isForeign(entry) || self.isStale,
    isTooMany: failure instanceof Problem && failure.status === 429,
    again: () => later(self, entry),
    adopt: () => adopt(self, entry),
    forget: async () => {
      await drop(entry.key).catch(() => null);
      card.remove();
    },
  });
  return card;
}

/** What nobody logged in wrote goes out as who is logged in now, by that person's own press. */
async function adopt(self, entry) {
  const mine = { ...entry, by: me() };
  await keep(mine);
  replace(self, waiting(self, mine, null));
  await later(self, mine);
}
