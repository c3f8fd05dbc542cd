// A report in three taps: photo, place, send. What can't be sent stays in this browser and goes out later.

import { openForm } from "./form.js";
import { openPlace } from "./place.js";
import { startFrame } from "../../../static/js/frame.js";
import { _ } from "../../../static/js/i18n.js";
import { openMap } from "../../../static/map/map.js";
import { page } from "../../../static/js/page.js";
import { sayMissing } from "../../../static/js/status.js";

const form = document.getElementById("report");
const filing = openForm({
  draft: "gisgrid-filing-draft",
  fields: ["category", "description"],
  again: "/report",
  lacks,
  body,
  said: () => form.elements.description.value.trim(),
  label: categoryName,
});
const kept = filing.restore();
const place = openPlace(openMap(), (spot) => {
  filing.self.place = spot;
  filing.change();
});

startFrame();
if (kept.place && !page.building) place.set(kept.place);
filing.start();

function lacks() {
  if (!filing.self.place) place.missing();
  else if (!form.elements.category.value) {
    sayMissing(document.getElementById("what"), _("请选择类别。"));
  } else return false;
  return true;
}

function categoryName() {
  return form.querySelector('[name="category"]:checked')?.closest("label").textContent.trim() || "";
}

function body() {
  const { building } = filing.self.place;
  const { category, description, website } = form.elements;
  const address = filing.self.place.address || form.elements.address.value.trim();
  return {
    category: category.value,
    description: description.value.trim() || categoryName(),
    website: website.value,
    opened: page.opened || "",
    ...(building ? { building } : {}),
    ...(address ? { address } : {}),
  };
}
