// A line at the foot of the page: what was done, with a button that takes it back.

import { fill, h, icon } from "./dom.js";
import { _ } from "./i18n.js";

const STANDS_MS = 10_000;

let timer = null;

/** Say what was done; `undo` is offered as a button for ten seconds. The history of the card offers it for a day. */
export function showToast(text, undo = null) {
  const place = box();
  const close = () => {
    clearTimeout(timer);
    fill(place);
    place.hidden = true;
  };
  const take = async () => {
    close();
    await undo();
  };
  fill(
    place,
    icon("check-circle"),
    h("span", {}, text),
    undo ? h("button", { type: "button", class: "button", onclick: take }, icon("arrow-counterclockwise"), _("撤销")) : null,
    h("button", { type: "button", class: "icon-button", "aria-label": _("关闭"), onclick: close }, icon("x-lg")),
  );
  place.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(close, STANDS_MS);
}

function box() {
  const known = document.getElementById("toast");
  if (known) return known;
  const made = h("div", { id: "toast", class: "toast", role: "status", "aria-live": "polite" });
  document.body.append(made);
  return made;
}
