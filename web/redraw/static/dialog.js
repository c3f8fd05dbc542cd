// A question in a dialog of the page: its head with a cross, what is asked, and the answer as a promise.

import { fill, h, icon } from "../../static/js/dom.js";
import { _ } from "../../static/js/i18n.js";

/** A button with a cross that closes a dialog. */
export function closeButton(close) {
  return h("button", { type: "button", class: "icon-button", "aria-label": _("关闭"), onclick: close }, icon("x-lg"));
}

/**
 * Ask in the dialog of an id: `parts(answer)` makes what stands in it, `answer(value)` closes it. Gives the value,
 * or nothing where it was left by the cross or Esc. `focus` names the control that has the focus first.
 */
export function askIn(id, { title, parts, focus, after }) {
  const dialog = document.getElementById(id);
  return new Promise((resolve) => {
    let value = null;
    const answer = (given) => {
      value = given;
      dialog.close();
    };
    const head = h("div", { class: "panel-head" }, h("h2", { id: `${id}-title` }, title), closeButton(() => answer(null)));
    fill(dialog, head, parts(answer));
    dialog.addEventListener("close", () => closed(resolve, value, after), { once: true });
    dialog.showModal();
    dialog.querySelector(focus)?.focus();
  });
}

/** Whoever works by keyboard goes on where `after` says. */
function closed(resolve, value, after) {
  resolve(value);
  after()?.focus();
}
