// Sending a file: what is too large is said before it is sent, and nothing is sent twice. Files that are worked
// on show how far that is.

import { startFrame } from "../../static/js/frame.js";
import { getJson } from "../../static/js/fetch.js";
import { _ } from "../../static/js/i18n.js";

const MEGABYTE = 2 ** 20;
const PAUSE_MS = 2000;

startFrame();
const form = document.getElementById("send");
const file = document.getElementById("file");
const warning = document.getElementById("too-large");

function isTooLarge() {
  const most = Number(file.dataset.mostMb) * MEGABYTE;
  return [...file.files].some(({ size }) => size > most);
}

/** The name beside our own button: a browser's own words would stand in the browser's language. */
function showName() {
  const place = document.getElementById("file-name");
  place.textContent = file.files[0]?.name || place.dataset.none;
}

showName(); // a browser brings the file back with the page
file.addEventListener("invalid", () => file.setCustomValidity(_("请先选择文件。")));
file.addEventListener("change", () => {
  file.setCustomValidity("");
  showName();
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
document.querySelectorAll("#waiting progress").forEach(follow);
window.addEventListener("pageshow", ({ persisted }) => persisted && window.location.reload());

/** Ask how far a work is until it has ended; the page stays, since its form may be half filled. */
async function follow(bar) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    try {
      const { stage, share } = await getJson(bar.dataset.state);
      bar.value = share;
      if (["running", "stopping"].includes(stage)) continue;
      bar.replaceWith(_("已结束,点文件名查看"));
      return;
    } catch (failure) {
      if ([401, 403, 404].includes(failure.status)) return; // the work goes on without this page
    }
  }
}
