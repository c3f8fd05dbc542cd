// Everything that waits on this device, as a list of cards that follows what becomes of it.

import { h, icon } from "../js/dom.js";
import { receiptCard, sameCard } from "../../cases/static/report/cards.js";
import { _ } from "../js/i18n.js";
import { forget, isForeign, onSending, waiting } from "./sending.js";
import { unreadableCard, waitingCard } from "./cards.js";

const places = new Set();

/** Show in a place what waits, and what went out since with a code that nobody has noted yet. */
export async function listOutbox(place) {
  places.add(place);
  const { entries, unreadable } = await waiting();
  place.replaceChildren(...entries.filter(isShown).map((entry) => cardOf(entry)), ...unreadable.map((key) => lostCard(key, place)));
}

/** The receipt code of a report is for who wrote it; what waits is shown to everybody, so that none is forgotten. */
function isShown(entry) {
  return !entry.answer || !entry.by || !isForeign(entry);
}

function lostCard(key, place) {
  return unreadableCard(key, { retry: () => listOutbox(place), remove: () => forget({ key }) });
}

function cardOf(entry, failure = null) {
  if (!entry.answer) return waitingCard(entry, failure);
  const card = codeCard(entry);
  card.dataset.entry = entry.key;
  card.append(h("button", { type: "button", class: "button", onclick: () => forget(entry) }, icon("check-circle"), _("我已记下受理码")));
  return card;
}

function codeCard({ kind, answer, shots }) {
  return kind === "same" ? sameCard(answer, shots || 0) : receiptCard(answer);
}

/** What went out and has no code to be noted. */
function sentNote(entry) {
  return h("p", { class: "notice good", role: "status", "data-entry": entry.key }, icon("check-circle"), _("已发出:{label}", { label: entry.label }));
}

onSending(({ entry, answer, failure, isGone, isFirst }) => {
  const make = () => (answer && !entry.answer ? sentNote(entry) : cardOf(entry, failure));
  const shown = [...document.querySelectorAll(`[data-entry="${entry.key}"]`)];
  for (const old of shown) {
    if (isGone) old.remove();
    else old.replaceWith(make());
  }
  if (isGone || answer || isFirst) return;
  for (const place of places) if (!place.querySelector(`[data-entry="${entry.key}"]`) && !shown.length) place.append(make());
});
