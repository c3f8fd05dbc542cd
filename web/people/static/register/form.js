// A small form in the place of what it changes: saved by one press, closed by Escape, faults told where they are.

import { h } from "../../../static/js/dom.js";
import { _ } from "../../../static/js/i18n.js";
import { showFailure } from "../../../static/js/status.js";

/** A form of some nodes; `save()` gives a promise, and what fails is told above the buttons while all that was typed stays. */
export function smallForm(nodes, { save, close, word = _("保存"), danger = false }) {
  const status = h("div", { class: "beside", "aria-live": "polite" });
  const button = h("button", { class: danger ? "button danger" : "button primary" }, word);
  const form = h(
    "form",
    { class: "register-form", autocomplete: "off" },
    nodes,
    status,
    h("div", { class: "answers" }, button, h("button", { type: "button", class: "button", onclick: close }, _("取消"))),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      await save();
    } catch (failure) {
      showFailure(status, failure);
    } finally {
      button.disabled = false;
    }
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  return form;
}
