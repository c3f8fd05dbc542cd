// Plain forms without network: the page stays with what was typed, and says so beside the button that was pressed.

import { h, icon } from "./dom.js";
import { _ } from "./i18n.js";
import { beside } from "./status.js";

const PATIENCE_MS = 10000;
const ASKED = "/static/favicon.svg";
const passed = new WeakSet();

/** Ask whether the server can be reached before a browser leaves the page for a form it can't send. */
export function guardForms() {
  document.addEventListener("submit", guard, true); // before all others: these see it once it can go
}

function guard(event) {
  const form = event.target;
  if (form.method !== "post" || "sends" in form.dataset || passed.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  send(form, event.submitter);
}

async function send(form, submitter) {
  const button = submitter || form.querySelector("button:not([type=button])");
  if (button?.getAttribute("aria-busy")) return; // a second press meanwhile
  button?.setAttribute("aria-busy", "true");
  const isThere = await canReach();
  button?.removeAttribute("aria-busy");
  const note = button ? beside(button) : null;
  note?.replaceChildren();
  if (isThere) {
    passed.add(form);
    form.requestSubmit(submitter);
    passed.delete(form); // a field that is wrong held it back
    return;
  }
  if (!note) return;
  note.append(
    h(
      "div",
      { class: "notice bad", role: "alert" },
      icon("exclamation-octagon"),
      h("div", {}, h("p", {}, _("网络不通,没有发出。填写的内容还在本页,有网后再按一次。")), h("button", { type: "button", class: "button", onclick: () => send(form, submitter) }, icon("arrow-clockwise"), _("现在再发"))),
    ),
  );
  note.scrollIntoView({ block: "nearest" });
}

async function canReach() {
  try {
    await fetch(ASKED, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    return true;
  } catch {
    return false;
  }
}
