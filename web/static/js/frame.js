// What every page has: the search box, what waits to be sent, and links that carry the view of the address.

import { dateFields } from "./datefield.js";
import { startOutbox } from "../offline/chip.js";
import { markFaults } from "./faults.js";
import { guardForms } from "./plainforms.js";
import { forgetCentre, hrefWith, onChange } from "./state.js";
import { openSearch } from "./search.js";

/** Start the frame; a map page says what a chosen search result does. */
export function startFrame(onPick) {
  dateFields();
  openSearch(onPick);
  guardForms();
  startOutbox();
  markFaults();
  foldOnPhone();
  document.querySelector(".admin-tabs [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  for (const link of document.querySelectorAll("a[data-view-link]")) {
    const path = link.getAttribute("href") === "#" ? undefined : link.pathname; // another page with this view
    onChange(() => link.setAttribute("href", hrefWith(JSON.parse(link.dataset.viewLink), path)));
  }
  for (const button of document.querySelectorAll("[data-print]")) {
    button.addEventListener("click", () => window.print());
  }
  for (const choice of document.querySelectorAll("[data-submit-on-change]")) {
    choice.addEventListener("change", () => choice.form.requestSubmit());
    if (choice.name === "community") choice.addEventListener("change", forgetCentre);
  }
}

/** On a phone what is looked for stands on the first screen; what the address asks for stays in sight. */
function foldOnPhone() {
  if (!window.matchMedia("(max-width: 768px)").matches) return;
  const asked = new URLSearchParams(window.location.search);
  for (const box of document.querySelectorAll("details.folds"))
    box.open = [...box.querySelectorAll("[name]")].some(({ name }) => asked.has(name));
}
