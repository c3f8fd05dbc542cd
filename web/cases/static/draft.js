// What is being written on the page of a case: it comes back when the page is drawn anew or loaded again.

import { page } from "../../static/js/page.js";

const name = () => `gisgrid-case-draft-${page.account}-${page.case_id}`;

/** What was written before, by this account in this tab. */
export function readDraft() {
  return JSON.parse(sessionStorage.getItem(name()) || "{}");
}

/** Keep what is written now. */
export function keepDraft(values) {
  sessionStorage.setItem(name(), JSON.stringify(values));
}

/** Forget it: it was sent. */
export function dropDraft() {
  sessionStorage.removeItem(name());
}
