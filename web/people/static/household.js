// The page of a household at the door: what was verified there is kept without network and sent later.

import { startFrame } from "../../static/js/frame.js";
import { _ } from "../../static/js/i18n.js";
import { isForeign, newEntry, offer, onSending, waiting } from "../../static/offline/sending.js";
import { beside, showFailure } from "../../static/js/status.js";
import { waitingCard } from "../../static/offline/cards.js";

startFrame();
const form = document.querySelector("#verified form");
if (form) start(form.dataset.sends, form.querySelector("button"));

async function start(household, button) {
  const path = `/api/v1/households/${encodeURIComponent(household)}/verified`;
  const isOurs = (entry) => entry.path === path && !entry.answer && !isForeign(entry);
  const show = (entry, failure = null) => beside(button.form).replaceChildren(waitingCard(entry, failure));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      const { answer } = await offer(newEntry("verified", path, { body: {}, label: _("已核实,无变化"), target: household }));
      if (answer) location.reload();
    } catch (failure) {
      button.disabled = false;
      showFailure(beside(button.form), failure);
    }
  });
  onSending(({ entry, answer, failure, isGone }) => {
    if (entry.path !== path) return;
    if (answer) location.reload();
    else if (isGone) button.disabled = false;
    else {
      show(entry, failure);
      beside(button.form).scrollIntoView({ block: "nearest" });
    }
  });
  const waits = (await waiting()).entries.find(isOurs);
  if (!waits) return;
  button.disabled = true;
  show(waits);
}
