// Reporting a case by who works here: pin, photos, what is wrong, send once.

import { categoryWord } from "../categories.js";
import { h, icon, fill } from "../../../static/js/dom.js";
import { getJson } from "../../../static/js/fetch.js";
import { openForm } from "./form.js";
import { startFrame } from "../../../static/js/frame.js";
import { showGrids } from "../../../static/map/grids.js";
import { showHere } from "../../../static/map/here.js";
import { _ } from "../../../static/js/i18n.js";
import { flyTo, openMap } from "../../../static/map/map.js";
import { page } from "../../../static/js/page.js";
import { gridAt, locateMe, openPin, otherWay } from "../../../static/map/pin.js";
import { beside, sayMissing, waitIn } from "../../../static/js/status.js";

/** What this tab remembers; the phone is not among it, it is sent and nothing else. */
const FIELDS = ["category", "source", "hotline_class", "severity", "description", "address"];
/** The record that it arises from, by its id; what is typed for another one is kept apart. */
const origin = new URLSearchParams(location.search).get("record");
const HOTLINES = ["hotline", "12345"];
let severityBefore = null;
const form = document.getElementById("report");
const where = document.getElementById("where");
const view = openMap();
const filing = openForm({
  draft: origin ? `gisgrid-report-draft:${origin}` : "gisgrid-report-draft",
  fields: FIELDS,
  again: "/cases/new",
  lacks,
  body,
  said: () => form.elements.description.value.trim(),
  label: () => form.elements.category.selectedOptions[0]?.textContent || "",
});
const kept = filing.restore();
form.elements.source?.addEventListener("change", showClass);
form.elements.hotline_class?.addEventListener("change", proposeSeverity);
showClass();
let chosen = null; // the building of the place that is being set
const pin = openPin(
  view,
  where,
  (place) => {
    filing.self.place = { ...place, building: chosen };
    filing.change();
  },
  (lon, lat) => gridAt(lon, lat, Boolean(filing.self.place.building)),
);

startFrame((result) => {
  if (result.lon === null || result.lon === undefined) return;
  usePlace(result.lon, result.lat, null, result.building);
  if (!form.elements.address.value) form.elements.address.value = result.title;
});
document.getElementById("locate").addEventListener("click", () => {
  fill(where, h("p", { class: "waiting" }, _("正在定位…")));
  locateMe(usePlace, (text) =>
    fill(where, h("p", { class: "notice amber" }, icon("exclamation-triangle"), text + otherWay())),
  );
});
showGrids(view);
showHere(view);
showCategories();
if (page.building) {
  const { id, lon, lat, address } = page.building; // of the door that was scanned
  usePlace(lon, lat, null, id);
  form.elements.address.value = address;
} else if (kept.place) usePlace(kept.place.lon, kept.place.lat, kept.place.accuracy, kept.place.building);
filing.start();

function usePlace(lon, lat, accuracy, building = null) {
  flyTo(view.map, lon, lat);
  chosen = building;
  pin.set(lon, lat, accuracy);
  chosen = null;
}

/** Only a case of the hotline has a class. */
function showClass() {
  const { source, hotline_class: kind } = form.elements;
  if (!source) return;
  const isAsked = HOTLINES.includes(source.value);
  for (const part of form.querySelectorAll("[data-of-hotline]")) part.hidden = !isAsked;
  if (isAsked) return;
  kind.value = "";
  proposeSeverity();
}

/** An emergency of the hotline is one here too; with another class what was chosen before comes back. */
function proposeSeverity() {
  const { severity, hotline_class: kind } = form.elements;
  if (kind.value === "emergency") {
    severityBefore ??= severity.value;
    severity.value = "emergency";
  } else if (severityBefore !== null) {
    severity.value = severityBefore;
    severityBefore = null;
  }
}

async function showCategories() {
  const answer = await waitIn(document.getElementById("status"), () => getJson("/api/v1/categories"));
  for (const category of answer ? answer.rows : []) {
    form.elements.category.append(h("option", { value: category.code }, wordOf(category)));
  }
  if (kept.category) form.elements.category.value = kept.category;
}

/** A category with its group, which has no name in another language. */
function wordOf({ name, group }) {
  const word = categoryWord(name);
  return group && word === name ? `${group} · ${name}` : word;
}

/** What is missing still, said where it is to be filled in; nothing that is a statement is chosen beforehand. */
function lacks() {
  if (!filing.self.place) sayMissing(where, _("请先在图上点出位置。"));
  else if (form.elements.source && !form.elements.source.value) sayMissing(beside(form.elements.source), _("请选择来源。"));
  else if (!form.elements.category.value) sayMissing(beside(form.elements.category), _("请选择类别。"));
  else return false;
  return true;
}

function body() {
  const filled = [...FIELDS, "contact"].map((name) => [name, form.elements[name]?.value]).filter(([, value]) => value);
  const { building } = filing.self.place;
  return { ...Object.fromEntries(filled), ...(building ? { building } : {}), ...(origin ? { record: origin } : {}) };
}
