// What a case is marked with, as small words: supervised, repeated, in need of coordination.

import { stepWord } from "./words.js";
import { h } from "../../static/js/dom.js";
import { _ } from "../../static/js/i18n.js";

/** The marks of a case; nothing where it has none. */
export function flagsOf(row) {
  const marks = [
    [row.supervised, stepWord("supervise")],
    [row.repeated, _("同址多发")],
    [row.coordination, _("需协调")],
  ];
  return marks.filter(([is]) => is).map(([, word]) => h("small", { class: "mark" }, word));
}
