// The steps of a round: open, close, open again with a reason, throw a draft away.

import { startFrame } from "../../static/js/frame.js";
import { sendJson } from "../../static/js/fetch.js";
import { showFailure } from "../../static/js/status.js";

startFrame();
const place = document.getElementById("round");
const status = document.getElementById("round-status");
for (const button of place.querySelectorAll("[data-step]")) button.addEventListener("click", () => step(button.dataset.step, {}));
const reopen = document.getElementById("reopen");
if (reopen) {
  reopen.addEventListener("submit", (event) => {
    event.preventDefault();
    step("reopen", { reason: reopen.elements.reason.value });
  });
}

async function step(name, body) {
  try {
    await sendJson(`/api/v1/rounds/${encodeURIComponent(place.dataset.id)}/${name}`, body);
    location.assign(name === "discard" ? "/rounds" : location.href);
  } catch (failure) {
    showFailure(status, failure);
  }
}
