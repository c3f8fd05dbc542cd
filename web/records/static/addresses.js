// Addresses of pages of forms and records, and doors in words; nothing of a person stands in an address but ids.

import { _ } from "../../static/js/i18n.js";

/** Where a form is filled about a subject; `task` is the key of a task that it answers, and with it of its round. */
export function fillAddress(form, { kind, id }, { task = null } = {}) {
  const round = task && roundOf(task);
  const query = new URLSearchParams({ subject: `${kind}:${id}`, ...(task ? { task } : {}), ...(round ? { round } : {}) });
  return `/forms/${encodeURIComponent(form)}/fill?${query}`;
}

/** The round a task belongs to, by its key; nothing where it comes of a rule. */
export function roundOf(task) {
  return task.startsWith("round:") ? task.slice("round:".length).split("|")[0] : null;
}

/** Where a record is filled again by its own form. */
export function correctAddress({ form, id, subject }) {
  const query = new URLSearchParams({ ...(subject.id ? { subject: `${subject.kind}:${subject.id}` } : {}), corrects: id });
  return `/forms/${encodeURIComponent(form)}/fill?${query}`;
}

/** Where a case is reported that arises from a record. */
export function reportAddress({ id, subject }) {
  const { building } = subject;
  return `/cases/new?${new URLSearchParams({ ...(building ? { b: building } : {}), record: id })}`;
}

/** The page of a record. */
export const recordAddress = (id) => `/records/${encodeURIComponent(id)}`;

/** The door of a task's subject, else its address. */
export function doorOf({ unit, room, address }) {
  const door = [unit ? _("{n} 单元", { n: unit }) : null, room].filter(Boolean).join(" ");
  return door || address;
}

/** The page that fills a task's form about its subject. */
export function fillHref({ form, subject, key, filled_for: ofRound }) {
  return fillAddress(form, subject, { task: ofRound ?? key });
}
