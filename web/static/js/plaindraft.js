// What a plain form held when it was sent comes back into it where no answer came: the line broke off on the way.

import { h, icon } from "./dom.js";
import { _ } from "./i18n.js";
import { page } from "./page.js";
import { beside } from "./status.js";

const NAME = "gisgrid-form-draft";
/** What no browser keeps: passwords and files, somebody's phone and names, and what the page itself put in. */
const NOT_KEPT = ["password", "file", "tel", "hidden", "submit", "button", "image"];
const PERSONAL = ["contact", "people"];
const KEY = "key"; // an answer may have been lost: under the same key nothing is done twice

/** Keep what stands in a form that is about to be sent, in this tab. */
export function keepForm(form) {
  sessionStorage.setItem(NAME, JSON.stringify({ path: location.pathname, action: form.getAttribute("action"), by: page.account || "", values: fieldsOf(form).map(valueOf) }));
}

/** Forget it. */
export function dropForm() {
  sessionStorage.removeItem(NAME);
}

/** Put it back where no answer came since; a page that is an answer, or was come to by one, ends it. */
export function restoreForm() {
  const draft = JSON.parse(sessionStorage.getItem(NAME) || "null");
  if (!draft) return;
  if (page.is_answer || performance.getEntriesByType("navigation")[0]?.redirectCount || draft.by !== (page.account || "")) {
    dropForm();
    return;
  }
  if (draft.path !== location.pathname) return;
  const form = [...document.forms].find((form) => form.method === "post" && form.getAttribute("action") === draft.action && fieldsOf(form).length === draft.values.length);
  if (!form) return;
  fieldsOf(form).forEach((field, at) => putBack(field, draft.values[at]));
  const button = form.querySelector("button:not([type=button])");
  if (!button) return;
  beside(button).replaceChildren(h("p", { class: "notice amber", role: "status" }, icon("exclamation-triangle"), _("上次没有发出,填写的内容已放回原处,请再发一次。")));
  button.closest("details")?.setAttribute("open", "");
  button.scrollIntoView({ block: "center" });
}

function fieldsOf(form) {
  return [...form.elements].filter(({ name, type }) => name === KEY || (name && !NOT_KEPT.includes(type) && !PERSONAL.includes(name)));
}

function valueOf(field) {
  return ["checkbox", "radio"].includes(field.type) ? field.checked : field.value;
}

function putBack(field, value) {
  if (typeof value === "boolean") field.checked = value;
  else field.value = value;
}
