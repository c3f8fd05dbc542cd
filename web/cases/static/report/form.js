// What every form of a report does, whoever fills it in: keeps what was typed, asks whether the matter is known, sends once.

import { alikeTo, askAlike, forgetAlike } from "./duplicates.js";
import { openPhotos } from "./photos.js";
import { receiptCard, sameCard } from "./cards.js";
import { h, icon } from "../../../static/js/dom.js";
import { Problem } from "../../../static/js/fetch.js";
import { _ } from "../../../static/js/i18n.js";
import { listOutbox } from "../../../static/offline/list.js";
import { newEntry, newKey, offer } from "../../../static/offline/sending.js";
import { showFailure } from "../../../static/js/status.js";
import { waitingCard } from "../../../static/offline/cards.js";

const form = document.getElementById("report");
const status = document.getElementById("status");
const submit = form.querySelector('[type="submit"]');

/**
 * Open the form of a report. `draft` names where what was typed is kept, `fields` what of it; `lacks()` says what
 * is missing still, `body(place)` what the page adds to the place, `said()` what was written, `label()` the
 * category in words, `again` where
 * the next one is reported. Gives `{self, change, restore, start}`; the page puts the place into `self.place`.
 */
export function openForm(way) {
  const self = { place: null, key: newKey(), asked: false, same: null };
  const change = () => {
    forget(self);
    forgetAlike();
    for (const said of form.querySelectorAll(".beside")) said.replaceChildren(); // of what was missing
    sessionStorage.setItem(way.draft, JSON.stringify({ place: self.place, key: self.key, ...typed(way.fields) }));
  };
  const photosOf = openPhotos(change);
  form.addEventListener("input", change);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send({ self, way, photosOf });
  });
  return { self, change, restore: () => restore(self, way), start: () => listOutbox(document.getElementById("outbox")) };
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

async function send({ self, way, photosOf }) {
  if (way.lacks()) return;
  submit.disabled = true;
  try {
    if (!self.asked) await askSame(self);
    const body = { ...placeOf(self.place), ...way.body(), photos: photosOf() };
    finish(way, await (self.same ? sayTheSame(self, way, body) : report(self, way, body)));
  } catch (failure) {
    if (failure instanceof Problem && failure.status === 404) forget(self);
    if (failure instanceof Problem) markFields(failure.faults);
    showFailure(status, failure);
    status.scrollIntoView({ block: "nearest" });
  } finally {
    submit.disabled = false;
  }
}

async function report(self, way, body) {
  const { answer, waits, failure } = await offer({ ...newEntry("report", "/api/v1/cases", { body, label: way.label() }), key: self.key });
  return waits ? waitingCard(waits, failure) : receiptCard(answer);
}

/** Say the same of a known case, with what was written and photographed; where it is open no more, it is told anew. */
async function sayTheSame(self, way, body) {
  const { lon, lat, photos, website = "", opened = "" } = body;
  const said = { lon, lat, token: self.same, description: way.said(), photos, website, opened };
  const { contact, ...instead } = body; // somebody's phone is kept nowhere
  const more = { instead, shots: photos.length, ...(contact ? { lostPhone: true } : {}) };
  const entry = newEntry("same", "/api/v1/report/me-too", { body: said, label: _("我也反映:{what}", { what: way.label() }), ...more });
  const { answer, waits, failure } = await offer({ ...entry, key: self.sameKey });
  return waits ? waitingCard(waits, failure) : sameCard(answer, photos.length);
}

/** Ask whether the reporter means a known case; the answer stands until something is changed, whatever the network does. */
async function askSame(self) {
  const rows = await alikeTo(self.place, form.elements.category.value);
  if (!rows.length) return;
  self.same = await askAlike(rows);
  self.sameKey = newKey(); // a report has a key of its own
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
