// Plain forms without network or after the login ended: the page stays with what was typed, and says so at the button.

import { h, icon } from "./dom.js";
import { _ } from "./i18n.js";
import { page } from "./page.js";
import { beside } from "./status.js";

const PATIENCE_MS = 10000;
const ASKED = new URL("../favicon.svg", import.meta.url);
const AGAIN_MS = 8000; // a page that has not come by then may be asked for again
const WITHOUT_LOGIN = ["/login", "/logout", "/language"];
const passed = new WeakSet();
const self = { hasEnded: false };
let sent = new WeakMap();

/** Ask whether the server can be reached, and knows who is asking, before a browser leaves the page for a form it can't send. */
export function guardForms() {
  document.addEventListener("submit", guard, true); // before all others: these see it once it can go
  window.addEventListener("pageshow", () => (sent = new WeakMap())); // come back to, it can be sent anew
}

function guard(event) {
  const form = event.target;
  if (form.method !== "post" || "sends" in form.dataset) return;
  if (passed.delete(form)) {
    setTimeout(() => event.defaultPrevented || sent.set(form, performance.now())); // unless somebody is asked first
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  if (performance.now() - (sent.get(form) ?? -AGAIN_MS) < AGAIN_MS) return; // a second press while its page is on the way
  send(form, event.submitter);
}

async function send(form, submitter) {
  const button = submitter || form.querySelector("button:not([type=button])");
  if (button?.getAttribute("aria-busy")) return; // a second press meanwhile
  button?.setAttribute("aria-busy", "true");
  const why = await held(form);
  button?.removeAttribute("aria-busy");
  const note = button ? beside(button) : null;
  note?.replaceChildren();
  if (!why) {
    passed.add(form);
    form.requestSubmit(submitter);
    passed.delete(form); // a field that is wrong held it back
    return;
  }
  if (!note) return;
  const again = h("button", { type: "button", class: "button", onclick: () => send(form, submitter) }, icon("arrow-clockwise"), _("现在再发"));
  note.append(h("div", { class: "notice bad", role: "alert" }, icon("exclamation-octagon"), h("div", {}, WORDS[why](), again)));
  note.scrollIntoView({ block: "nearest" });
}

const WORDS = {
  network: () => h("p", {}, _("网络不通,没有发出。填写的内容还在本页,有网后再按一次。")),
  login: () => [
    h("p", {}, _("登录已过期,没有发出。填写的内容还在本页:请在新页里登录,再回到这里按一次。")),
    h("a", { class: "button", href: "/login", target: "_blank", rel: "noopener" }, icon("person-circle"), _("登录")),
  ],
};

/** What holds a form back: "network", "login", or nothing. */
async function held(form) {
  const asks = page.account && !WITHOUT_LOGIN.includes(form.getAttribute("action"));
  try {
    const answer = await fetch(asks ? "/api/v1/me" : ASKED, { method: asks ? "GET" : "HEAD", cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!asks || ![200, 401].includes(answer.status)) return null; // whatever else it is, the answer to the form says it
    if (answer.status === 401 || (await answer.json()).name !== page.account) {
      self.hasEnded = true;
      return "login";
    }
    if (self.hasEnded) await takeToken();
    return null;
  } catch {
    return "network";
  }
}

/** The token of forms belongs to a login: after a new one in another tab the forms of this page get the new one. */
async function takeToken() {
  const text = await (await fetch("/me", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) })).text();
  const read = new DOMParser().parseFromString(text, "text/html").getElementById("page-data");
  page.csrf = JSON.parse(read.textContent).csrf;
  for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = page.csrf;
  self.hasEnded = false;
}
