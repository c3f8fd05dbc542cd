// Interface words: the Chinese text is its own key; other languages come with the page.

import { page } from "./page.js";

const words = page.text || {};

/** The text in the page's language, with {names} replaced by values. */
export function _(text, values = {}) {
  const translated = words[text] || text;
  return translated.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
