// Interface words: the Chinese text is its own key; other languages come with the page.

import { page } from "./page.js";

/** The text in the page's language, with {names} replaced by values. */
export function _(text, values = {}) {
  const translated = page.text?.[text] || text; // asked each time: the phone's program learns its words late
  return translated.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
