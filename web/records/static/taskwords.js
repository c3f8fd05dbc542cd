// Words and ways of a task, the same on Today and after a form was saved.

import { _ } from "../../static/js/i18n.js";

/** The door of a task's subject, else its address. */
export function doorOf({ unit, room, address }) {
  const door = [unit ? _("{n} 单元", { n: unit }) : null, room].filter(Boolean).join(" ");
  return door || address;
}

/** The page that fills a task's form about its subject. */
export function fillHref({ form, subject, key, filled_for: ofRound }) {
  const task = ofRound ?? key;
  const round = roundOf(task);
  const query = new URLSearchParams({ subject: `${subject.kind}:${subject.id}`, task, ...(round ? { round } : {}) });
  return `/forms/${encodeURIComponent(form)}/fill?${query}`;
}

/** The round a task belongs to, by its key; nothing where it comes of a rule. */
export function roundOf(key) {
  return key.startsWith("round:") ? key.slice("round:".length).split("|")[0] : null;
}
