// What was filled and not sent yet: it stays in this tab, for this account alone, and never in an address.

import { page } from "../../static/js/page.js";

const OWN = `fill:${page.account}:`;

/** The draft of one form about one subject as {read, keep, drop}; what another account left in the tab is dropped. */
export function draftOf(name) {
  dropOthers();
  const key = OWN + name;
  return {
    read: () => JSON.parse(sessionStorage.getItem(key) ?? "null"),
    keep: (answers) => keep(key, answers),
    drop: () => sessionStorage.removeItem(key),
  };
}

function dropOthers() {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith("fill:") && !key.startsWith(OWN)) sessionStorage.removeItem(key);
}

function keep(key, answers) {
  try {
    sessionStorage.setItem(key, JSON.stringify(answers));
  } catch (failure) {
    if (failure.name !== "QuotaExceededError") throw failure; // filled on without a draft
  }
}
