// A report in three taps: photo, place, send. What can't be sent stays in this browser and goes out later.

import { alikeTo, askAlike, forgetAlike, sayTheSame } from "./filingalike.js";
import { openPhotos } from "./filingphotos.js";
import { openPlace } from "./filingplace.js";
import { openQueue } from "./filingqueue.js";
import { fill, h, icon } from "./dom.js";
import { Problem } from "./fetch.js";
import { number } from "./format.js";
import { startFrame } from "./frame.js";
import { _ } from "./i18n.js";
import { openMap } from "./map.js";
import { page } from "./page.js";
import { showFailure } from "./status.js";

const DRAFT = "gisgrid-filing-draft";
const form = document.getElementById("report");
const status = document.getElementById("status");
const submit = form.querySelector('[type="submit"]');
const self = { place: null, key: newKey(), asked: false };
const view = openMap();
const place = openPlace(view, (found) => {
  self.place = found;
  change();
});
const photosOf = openPhotos(change);
const queue = openQueue(document.getElementById("outbox"));

startFrame();
restore();
form.addEventListener("input", change);
form.addEventListener("submit", send);
queue.start();

/** One key per report: a second press, a lost answer or a later sending makes no second case. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function change() {
  self.asked = false;
  forgetAlike();
  const { category, description } = form.elements;
  const draft = { place: self.place, category: category.value, description: description.value };
  sessionStorage.setItem(DRAFT, JSON.stringify(draft));
}

function restore() {
  const draft = JSON.parse(sessionStorage.getItem(DRAFT) || "null");
  if (!draft) return;
  form.elements.description.value = draft.description || "";
  const chosen = [...form.querySelectorAll('[name="category"]')].find((one) => one.value === draft.category);
  if (chosen) chosen.checked = true;
  if (draft.place && !page.building) place.set(draft.place);
}

function categoryName() {
  return form.querySelector('[name="category"]:checked').closest("label").textContent.trim();
}

function body() {
  const { lon, lat, accuracy, building } = self.place;
  const { category, description, website } = form.elements;
  const address = self.place.address || form.elements.address.value.trim();
  return {
    lon,
    lat,
    category: category.value,
    description: description.value.trim() || categoryName(),
    photos: photosOf(),
    website: website.value,
    opened: page.opened || "",
    ...(accuracy ? { accuracy_m: accuracy } : {}),
    ...(building ? { building } : {}),
    ...(address ? { address } : {}),
  };
}

async function send(event) {
  event.preventDefault();
  if (!self.place) return place.missing();
  if (!form.elements.category.value) return showFailure(status, new Problem(422, { detail: _("请选择类别。") }));
  submit.disabled = true;
  try {
    const rows = self.asked ? [] : await alikeTo(self.place, form.elements.category.value);
    if (rows.length) {
      const token = await askAlike(rows);
      self.asked = true;
      if (token) return showSame(await sayTheSame(self.place, token, self.key));
    }
    const left = await queue.send({ key: self.key, body: body(), label: categoryName(), at: Date.now() });
    sessionStorage.removeItem(DRAFT);
    finish(left);
  } catch (failure) {
    if (failure instanceof Problem && failure.status === 404) self.asked = false;
    showFailure(status, failure);
    status.scrollIntoView({ block: "center" });
  } finally {
    submit.disabled = false;
  }
  return null;
}

/** The form goes; what became of the report stands in its place. */
function finish(card) {
  form.replaceWith(card, again());
  card.focus();
  card.scrollIntoView({ block: "start" });
}

function showSame(count) {
  sessionStorage.removeItem(DRAFT);
  const card = h(
    "section",
    { class: "receipt", tabindex: "-1" },
    h("h2", {}, icon("check-circle"), _("已记下")),
    h("p", {}, _("这件事已有 {n} 人反映。如果还有别的情况,请另报一件。", { n: number(count) })),
  );
  fill(document.getElementById("alike"));
  finish(card);
}

function again() {
  return h("p", { class: "after" }, h("a", { class: "button", href: "/report" }, icon("plus-lg"), _("再报一件")));
}
