// Sending a file: what is too large is said before it is sent, and nothing is sent twice.

import { startFrame } from "./frame.js";
import { _ } from "./i18n.js";

const MEGABYTE = 2 ** 20;

startFrame();
const form = document.getElementById("send");
const file = document.getElementById("file");
const warning = document.getElementById("too-large");

function isTooLarge() {
  const most = Number(file.dataset.mostMb) * MEGABYTE;
  return [...file.files].some(({ size }) => size > most);
}

file.addEventListener("change", () => {
  warning.hidden = !isTooLarge();
  file.setAttribute("aria-invalid", String(isTooLarge()));
});
form.addEventListener("submit", (event) => {
  if (isTooLarge()) {
    event.preventDefault();
    warning.hidden = false;
    file.focus();
    return;
  }
  const button = document.getElementById("send-button");
  button.disabled = true;
  button.textContent = _("正在上传…");
});
window.addEventListener("pageshow", ({ persisted }) => persisted && window.location.reload());
