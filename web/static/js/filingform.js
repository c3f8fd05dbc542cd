// What every form of a report does, whoever fills it in: keeps what was typed, asks whether the matter is known, sends once.

import { alikeTo, askAlike, forgetAlike, sayTheSame } from "./filingalike.js";
import { openPhotos } from "./filingphotos.js";
import { openQueue } from "./filingqueue.js";
import { sameCard } from "./filingcards.js";
import { h, icon } from "./dom.js";
import { Problem } from "./fetch.js";
import { _ } from "./i18n.js";
import { showFailure } from "./status.js";

const form = document.getElementById("report");
const status = document.getElementById("status");
const submit = form.querySelector('[type="submit"]');

/**
 * Open the form of a report. `draft` names where what was typed is kept, `fields` what of it; `lacks()` says what
 * is missing still, `body(place)` what the page adds to the place, `label()` the category in words, `again` where
 * the next one is reported. Gives `{self, change, restore, start}`; the page puts the place into `self.place`.
 */
export function openForm(way) {
  const self = { place: null, key: newKey(), asked: false, same: null };
  const change = () => {
    forget(self);
    forgetAlike();
    sessionStorage.setItem(way.draft, JSON.stringify({ place: self.place, key: self.key, ...typed(way.fields) }));
  };
  const photosOf = openPhotos(change);
  const queue = openQueue(document.getElementById("outbox"));
  form.addEventListener("input", change);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send({ self, way, queue, photosOf });
  });
  return { self, change, restore: () => restore(self, way), start: queue.start };
}

/** One key per report: a second press, a lost answer or a later sending makes no second case. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function typed(fields) {
  return Object.fromEntries(fields.map((name) => [name, form.elements[name]?.value ?? ""]));
}

/** What was typed before comes back into its fields; the page sets the place of it. */
function restore(self, { draft, fields }) {
  const kept = JSON.parse(sessionStorage.getItem(draft) || "{}");
  for (const name of fields) if (form.elements[name] && kept[name]) form.elements[name].value = kept[name];
  self.key = kept.key || self.key;
  return kept;
}

async function send({ self, way, queue, photosOf }) {
  if (way.lacks()) return;
  submit.disabled = true;
  try {
    if (!self.asked) await askSame(self);
    if (self.same) {
      finish(way, sameCard(await sayTheSame(self.place, self.same, `${self.key} ${self.same}`))); // a report has a key of its own
      return;
    }
    const body = { ...placeOf(self.place), ...way.body(), photos: photosOf() };
    finish(way, await queue.send({ key: self.key, body, label: way.label(), at: Date.now() }));
  } catch (failure) {
    if (failure instanceof Problem && failure.status === 404) forget(self);
    if (failure instanceof Problem) markFields(failure.faults);
    showFailure(status, failure);
    status.scrollIntoView({ block: "center" });
  } finally {
    submit.disabled = false;
  }
}

/** Ask whether the reporter means a known case; the answer stands until something is changed, whatever the network does. */
async function askSame(self) {
  const rows = await alikeTo(self.place, form.elements.category.value);
  if (!rows.length) return;
  self.same = await askAlike(rows);
  self.asked = true;
}

function forget(self) {
  self.asked = false;
  self.same = null;
}

function placeOf({ lon, lat, accuracy }) {
  return { lon, lat, ...(accuracy ? { accuracy_m: accuracy } : {}) };
}

function markFields(faults) {
  for (const field of form.elements) field.removeAttribute("aria-invalid");
  for (const fault of faults) {
    const field = form.elements[fault.field];
    if (field instanceof Element) field.setAttribute("aria-invalid", "true");
  }
}

/** The form goes; what became of the report stands in its place. */
function finish(way, card) {
  sessionStorage.removeItem(way.draft);
  const another = h("a", { class: "button", href: way.again }, icon("plus-lg"), _("再报一件"));
  form.replaceWith(card, h("p", { class: "after" }, another));
  if (card.querySelector('a[href^="/receipt#"]')) document.querySelector('.after > a[href="/receipt"]')?.remove(); // the card has its own
  card.focus();
  card.scrollIntoView({ block: "start" });
}
