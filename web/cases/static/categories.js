// What categories are called in the reader's language; Chinese names are what the server keeps.

import { page } from "../../static/js/page.js";

/** The name of a category; what has none in this language keeps its own. */
export function categoryWord(name) {
  return (page.categories || {})[name] || name;
}
