// Waiting and failing, shown where the content will stand.

import { fill, h, icon } from "./dom.js";
import { sentences } from "./fetch.js";
import { _ } from "./i18n.js";

const SHOW_AFTER_MS = 300;
const PROGRESS_AFTER_MS = 2000;

const newest = new WeakMap(); // of each place: the wait that counts

/**
 * Show waiting in a place after 300 ms, a moving bar after 2 s, and a failure with a way to try again. The answer
 * of a second try goes to whoever waits for the first. Who left meanwhile gets nothing, nor does who asked in the
 * same place before: an answer that comes late never stands where a newer one is waited for.
 */
export async function waitIn(place, work) {
  newest.get(place)?.end();
  const wait = beginWait(place);
  newest.set(place, wait);
  const isNewest = () => newest.get(place) === wait;
  try {
    const result = await work();
    if (!isNewest()) return null;
    fill(place);
    place.hidden = true;
    return result;
  } catch (failure) {
    if (failure.name === "AbortError" || !isNewest()) return null;
    return new Promise((resolve) => {
      showFailure(place, failure, () => resolve(waitIn(place, work)));
    });
  } finally {
    if (isNewest()) wait.end();
  }
}

function beginWait(place) {
  const soon = setTimeout(() => showWaiting(place), SHOW_AFTER_MS);
  const later = setTimeout(
    () => place.append(h("progress", { "aria-label": _("载入中") })),
    PROGRESS_AFTER_MS,
  );
  place.setAttribute("aria-busy", "true");
  const end = () => {
    clearTimeout(soon);
    clearTimeout(later);
    place.removeAttribute("aria-busy");
  };
  return { end };
}

function showWaiting(place) {
  place.hidden = false;
  fill(place, h("p", { class: "waiting" }, _("载入中…")));
}

/** Say what happened in a place; `again` is offered as a button. */
export function showFailure(place, failure, again = null) {
  place.hidden = false;
  const [first, ...rest] = sentences(failure);
  fill(
    place,
    h(
      "div",
      { class: "notice bad", role: "alert" },
      icon("exclamation-octagon"),
      h(
        "div",
        {},
        h("p", {}, first),
        rest.map((text) => h("p", {}, text)),
        failure.status === 401 ? h("a", { href: "/login" }, _("重新登录")) : null,
        again ? h("button", { type: "button", class: "button", onclick: again }, _("再试一次")) : null,
      ),
    ),
  );
  if (!failure.status && failure.name !== "Error") console.error(failure);
}

/** Say in a place that something was done; it stands there until the next thing is said. */
export function showSuccess(place, text) {
  place.hidden = false;
  fill(place, h("p", { class: "notice good", role: "status" }, icon("check-circle"), text));
  place.scrollIntoView({ block: "nearest" });
}

/** The place for words about a button: right behind it, or behind the row it stands in; made where there is none. */
export function beside(button) {
  const row = button.closest(".buttons, .row, .answers, .photo-row") || button.closest("label") || button;
  if (row.nextElementSibling?.matches(".beside")) return row.nextElementSibling;
  const place = h("div", { class: "beside", "aria-live": "polite" });
  row.after(place);
  return place;
}

/** Say in a place what is missing still, and go there. */
export function sayMissing(where, text) {
  fill(where, h("p", { class: "notice bad", role: "alert" }, icon("exclamation-octagon"), text));
  where.scrollIntoView({ block: "center" });
}

/** What stands in an empty place: what will be here, and the next step. */
export function emptyNote(text, action = null) {
  return h("div", { class: "empty" }, icon("info-circle"), h("p", {}, text), action);
}
