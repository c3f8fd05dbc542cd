// Reporting a case by who works here: pin, what is wrong, send once.

import { membersList } from "./card.js";
import { fill, h, icon } from "./dom.js";
import { getJson, Problem, sendJson } from "./fetch.js";
import { alikeTo, askAlike, sayTheSame } from "./filingalike.js";
import { number, time } from "./format.js";
import { startFrame } from "./frame.js";
import { showGrids } from "./grids.js";
import { _ } from "./i18n.js";
import { flyTo, openMap } from "./map.js";
import { page, url } from "./page.js";
import { locateMe, openPin, otherWay } from "./pin.js";
import { showFailure, waitIn } from "./status.js";
import { levelWord } from "./words.js";

const DRAFT = "gisgrid-report-draft";
const form = document.getElementById("report");
const status = document.getElementById("status");
const where = document.getElementById("where");
const self = { place: null, key: newKey() };
const view = openMap();
const pin = openPin(view, where, (place) => {
  self.place = place;
  keepDraft();
});

startFrame((result) => {
  if (result.lon === null || result.lon === undefined) return;
  flyTo(view.map, result.lon, result.lat);
  pin.set(result.lon, result.lat);
  if (!form.elements.address.value) form.elements.address.value = result.title;
});
form.addEventListener("input", keepDraft);
form.addEventListener("submit", send);
document.getElementById("locate").addEventListener("click", () => {
  fill(where, h("p", { class: "waiting" }, _("正在定位…")));
  locateMe(found, (text) =>
    fill(where, h("p", { class: "notice amber" }, icon("exclamation-triangle"), text + otherWay())),
  );
});
showGrids(view);
showCategories().then(restoreDraft);

/** One key per report, so that a second press or a lost answer makes no second case. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function found(lon, lat, accuracy) {
  flyTo(view.map, lon, lat);
  pin.set(lon, lat, accuracy);
}

async function showCategories() {
  const answer = await waitIn(status, () => getJson("/api/v1/categories"));
  for (const one of answer ? answer.rows : []) {
    form.elements.category.append(
      h("option", { value: one.code }, one.group ? `${one.group} · ${one.name}` : one.name),
    );
  }
}

function draft() {
  const names = ["category", "severity", "description", "address"];
  const fields = names.filter((name) => form.elements[name]).map((name) => [name, form.elements[name].value]);
  return { ...Object.fromEntries(fields), place: self.place, key: self.key };
}

function keepDraft() {
  sessionStorage.setItem(DRAFT, JSON.stringify(draft()));
}

function restoreDraft() {
  const kept = JSON.parse(sessionStorage.getItem(DRAFT) || "null");
  if (!kept) return;
  for (const [name, value] of Object.entries(kept)) {
    const field = form.elements[name];
    if (field && "value" in field && typeof value === "string") field.value = value;
  }
  self.key = kept.key || self.key;
  if (kept.place) found(kept.place.lon, kept.place.lat, kept.place.accuracy);
}

async function send(event) {
  event.preventDefault();
  if (!self.place) {
    fill(
      where,
      h("p", { class: "notice bad", role: "alert" }, icon("exclamation-octagon"), _("请先在图上点出位置。")),
    );
    where.scrollIntoView({ block: "center" });
    return;
  }
  const button = form.querySelector('[type="submit"]');
  button.disabled = true;
  try {
    const rows = self.asked ? [] : await alikeTo(self.place, form.elements.category.value);
    if (rows.length) {
      const token = await askAlike(rows);
      self.asked = true;
      if (token) return showSame(await sayTheSame(self.place, token, self.key));
    }
    const answer = await sendJson(url("submit", "/api/v1/cases"), body(), { "Idempotency-Key": self.key });
    sessionStorage.removeItem(DRAFT);
    showReceipt(answer);
  } catch (failure) {
    showFailure(status, failure);
    if (failure instanceof Problem) markFields(failure.faults);
    status.scrollIntoView({ block: "center" });
  } finally {
    button.disabled = false;
  }
  return null;
}

function showSame(count) {
  sessionStorage.removeItem(DRAFT);
  const card = h(
    "section",
    { class: "receipt", tabindex: "-1" },
    h("h2", {}, icon("check-circle"), _("已记下")),
    h("p", {}, _("这件事已有 {n} 人反映。如果还有别的情况,请另报一件。", { n: number(count) })),
    h("p", {}, h("a", { class: "button", href: "/cases/new" }, icon("plus-lg"), _("再报一件"))),
  );
  form.replaceWith(card);
  card.focus();
}

function body() {
  const { place, key: _key, ...fields } = draft();
  const filled = Object.fromEntries(Object.entries(fields).filter(([, value]) => value));
  return {
    ...filled,
    lon: place.lon,
    lat: place.lat,
    ...(place.accuracy ? { accuracy_m: place.accuracy } : {}),
  };
}

function markFields(faults) {
  for (const field of form.elements) field.removeAttribute("aria-invalid");
  for (const fault of faults) {
    const field = form.elements[fault.field];
    if (field instanceof Element) field.setAttribute("aria-invalid", "true");
  }
}

function showReceipt(answer) {
  const near =
    answer.near_border_m !== null && answer.near_border_m !== undefined && answer.near_border_m < 15;
  const receipt = h(
    "section",
    { class: "receipt", tabindex: "-1" },
    h("h2", {}, icon("check-circle"), _("已上报")),
    h(
      "dl",
      { class: "facts" },
      pair(_("案件编号"), answer.number),
      pair(_("受理码"), answer.receipt),
      pair(levelWord("grid"), answer.grid_name || answer.grid || _("由社区人工分派")),
      pair(_("办理期限"), time(answer.deadline)),
    ),
    near
      ? h(
          "p",
          { class: "note" },
          _("离网格边界 {n} 米,网格员会核对位置。", { n: number(answer.near_border_m) }),
        )
      : null,
    membersList(answer.members || []),
    page.role
      ? h("a", { class: "button primary", href: `/cases/${encodeURIComponent(answer.id)}` }, _("打开案件"))
      : null,
    h("p", { class: "note" }, _("请记下受理码,可凭它查询进度。")),
    h("a", { class: "button", href: window.location.pathname }, _("再报一件")),
  );
  form.replaceWith(receipt);
  receipt.focus();
}

function pair(name, value) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value || "—"));
}
