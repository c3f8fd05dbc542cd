// Steps and photos of a case as they are sent: kept first, shown beside the button where they wait, sent once.

import { stepWord } from "./words.js";
import { _ } from "../../static/js/i18n.js";
import { page } from "../../static/js/page.js";
import { again, exchange, isForeign, newEntry, offer, onSending, refusalOf, waiting } from "../../static/offline/sending.js";
import { beside, showFailure } from "../../static/js/status.js";
import { waitingCard } from "../../static/offline/cards.js";

const here = `/api/v1/cases/${encodeURIComponent(page.case_id)}`;

/** What waits of this case, by its key: `{entry, failure}`. */
const waits = new Map();
/** Whether something went out of which the card doesn't tell yet. */
const self = { isStale: false };

/**
 * Follow what becomes of this case's entries: `onSent(answer, entry)` is told of what the server has taken, from this
 * page or later, `onRefused()` of what it took no more. `number()` is the case's. Gives `{load, show, step, photo}`.
 */
export function openActs({ number, onSent, onRefused }) {
  onSending(({ entry, answer, failure, isGone, isFirst, isAhead }) => {
    if (entry.target !== page.case_id || isForeign(entry)) return;
    self.isStale ||= Boolean(isAhead);
    if (answer || isGone) waits.delete(entry.key);
    else waits.set(entry.key, { entry, failure });
    show();
    if (isFirst) document.querySelector(`#case [data-entry="${entry.key}"]`)?.scrollIntoView({ block: "nearest" });
    if (isAhead) return; // what follows it draws the card anew
    const isStale = self.isStale;
    self.isStale = false;
    if (answer) onSent(answer, entry);
    else if (failure && (isStale || refusalOf(entry))) onRefused();
  });
  return {
    load,
    show,
    step: (action, body, button) => step(newEntry("step", `${here}/${action}`, { target: page.case_id, body, label: `${stepWord(action)} · ${number()}` }), button, { onSent, onRefused }),
    photo: (body, button) => send(newEntry("photo", `${here}/photos`, { target: page.case_id, body, label: `${_("照片")} · ${number()}` }), button, { onSent, onRefused, how: { isLoose: true } }),
  };
}

/** The same button again: what waits goes out, or what was written since in its place. */
async function step(entry, button, hears) {
  const known = [...waits.values()].find((wait) => wait.entry.path === entry.path)?.entry;
  if (!known) return send(entry, button, hears);
  if (JSON.stringify(known.body) === JSON.stringify(entry.body)) await again(known);
  else await exchange(known, entry);
  return true;
}

/** Whether it was sent or is kept; what the server refuses is said beside the button. */
async function send(entry, button, { onSent, onRefused, how = {} }) {
  try {
    const { answer } = await offer(entry, how);
    self.isStale &&= !answer;
    if (button.isConnected) beside(button).querySelector(".notice.bad")?.remove();
    if (answer) onSent(answer, entry);
    return true;
  } catch (failure) {
    if (self.isStale) await onRefused();
    self.isStale = false;
    const place = button.isConnected ? beside(button) : placeOf(entry);
    showFailure(place, failure);
    show();
    place.scrollIntoView({ block: "nearest" });
    return false;
  }
}

/** What waits since this page was open last. */
async function load() {
  const { entries } = await waiting();
  for (const entry of entries) {
    if (entry.target === page.case_id && !entry.answer && !isForeign(entry)) waits.set(entry.key, { entry, failure: null });
  }
}

/** Each card beside the button it belongs to; where that is gone, above all steps. */
function show() {
  for (const old of document.querySelectorAll("#case .waiting-report")) old.remove();
  for (const { entry, failure } of waits.values()) placeOf(entry)?.append(waitingCard(entry, failure));
}

function placeOf({ kind, path, body }) {
  const name = kind === "photo" ? body.kind : path.slice(path.lastIndexOf("/") + 1);
  const button = document.querySelector(`#case [data-step="${name}"]`);
  if (!button) return document.getElementById("waits");
  button.closest("details")?.setAttribute("open", "");
  return beside(button);
}
