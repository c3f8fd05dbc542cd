// Words and ways of a task, the same on Today and after a form was saved.

import { _ } from "../../static/js/i18n.js";
import { fillAddress } from "./addresses.js";

/** The door of a task's subject, else its address. */
export function doorOf({ unit, room, address }) {
  const door = [unit ? _("{n} 单元", { n: unit }) : null, room].filter(Boolean).join(" ");
  return door || address;
}

/** The page that fills a task's form about its subject. */
export function fillHref({ form, subject, key, filled_for: ofRound }) {
  return fillAddress(form, subject, { task: ofRound ?? key });
}
