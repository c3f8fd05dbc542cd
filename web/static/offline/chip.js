// On every page: how much waits on this device, a list of it, and a question before somebody logs out.

import { h, icon } from "../js/dom.js";
import { number } from "../js/format.js";
import { _ } from "../js/i18n.js";
import { listOutbox } from "./list.js";
import { askIn } from "../../redraw/static/dialog.js";
import { isForeign, me, onSending, startSending, waiting } from "./sending.js";

/** Start the chip of the top bar; what waits is sent from any page. */
export function startOutbox() {
  const chip = document.getElementById("outbox-chip");
  if (!chip) return;
  chip.addEventListener("click", () => openList(_("这台设备里的内容"), () => []));
  onSending(() => show(chip));
  document.addEventListener("visibilitychange", () => show(chip)); // another page of this browser may have sent
  document.addEventListener("submit", askBeforeLeaving);
  show(chip);
  startSending();
}

async function show(chip) {
  const { entries, unreadable } = await waiting();
  const unsent = entries.filter((entry) => !entry.answer).length + unreadable.length;
  const codes = entries.filter((entry) => entry.answer && !isForeign(entry)).length;
  chip.dataset.outbox = String(unsent);
  chip.hidden = !unsent && !codes;
  chip.lastElementChild.textContent = unsent ? _("{n} 条待发", { n: number(unsent) }) : _("{n} 个受理码", { n: number(codes) });
  chip.classList.toggle("unsent", unsent > 0);
}

function openList(title, more) {
  const list = h("div", { class: "outbox-list", "aria-live": "polite" });
  listOutbox(list);
  return askIn("outbox-dialog", { title, parts: (answer) => [more(answer), list], focus: "button", after: () => document.getElementById("outbox-chip") });
}

/** Who logs out is told what of theirs has not gone out: it stays, but goes out only once they are back. */
async function askBeforeLeaving(event) {
  const form = event.target;
  if (form.getAttribute("action") !== "/logout" || form.dataset.isAnswered) return;
  event.preventDefault();
  const { entries, unreadable } = await waiting();
  const mine = entries.filter((entry) => !entry.answer && entry.by === me());
  const count = mine.length + unreadable.length; // what can't be read now may be theirs too
  if (count && !(await mayLeave(count))) return;
  form.dataset.isAnswered = "1";
  form.requestSubmit(event.submitter);
}

function mayLeave(count) {
  const ways = (answer) => [
    h("p", { class: "notice amber", role: "alert" }, icon("exclamation-triangle"), _("还有 {n} 条没发出。退出登录后它们留在这台设备里,您下次登录时再发。", { n: number(count) })),
    h(
      "p",
      { class: "row" },
      h("button", { type: "button", class: "button primary", onclick: () => answer(null) }, _("先不退出")),
      h("button", { type: "button", class: "button", onclick: () => answer(true) }, icon("box-arrow-right"), _("留在这台设备里,退出登录")),
    ),
  ];
  return openList(_("退出登录"), ways);
}
