// What was filled and not sent yet: it stays in this tab, for this account alone, and never in an address.

import { page } from "../../static/js/page.js";

const OWN = `fill:${page.account}:`;

/** The draft of one form about one subject as {read, keep, way, keepWay, drop}; what another account left in the tab is dropped. */
export function draftOf(name) {
  dropOthers();
  const key = OWN + name;
  const wayKey = `${key}#way`;
  return {
    read: () => JSON.parse(sessionStorage.getItem(key) ?? "null"),
    keep: (answers) => keep(key, answers),
    way: () => wayOfToday(wayKey),
    keepWay: (way) => keep(wayKey, way),
    drop: () => [key, wayKey].forEach((name) => sessionStorage.removeItem(name)),
  };
}

/** Under which id it was sent today, perhaps without arriving; on another day it is another record. */
function wayOfToday(key) {
  const way = JSON.parse(sessionStorage.getItem(key) ?? "null");
  return way?.day === page.today ? way : null;
}

function dropOthers() {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith("fill:") && !key.startsWith(OWN)) sessionStorage.removeItem(key);
}

function keep(key, value) {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch (failure) {
    if (failure.name !== "QuotaExceededError") throw failure; // filled on without a draft
  }
}
