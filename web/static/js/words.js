// What codes of the server are called: tables that come with the page, in its language.

import { _ } from "./i18n.js";
import { page } from "./page.js";

/** The words of a table by their codes, in the order in which they are offered. */
export function wordsOf(table) {
  return Object.fromEntries((page.labels || {})[table] || []);
}

/** The word of a code from a table; a code without a word is told as it is. */
export function wordOf(table) {
  const words = wordsOf(table);
  return (code) => (Object.hasOwn(words, code) ? words[code] : code || "—");
}

const usualLevelWord = wordOf("levels");

/** Whether the community uses a level of areas. */
export function usesLevel(level) {
  return !page.levels || Object.hasOwn(page.levels, level);
}

/** What a level is called here; the page brings the community's own words. */
export function levelWord(level) {
  return (page.levels || {})[level] || usualLevelWord(level);
}
export const severityWord = wordOf("severities");
export const loadWord = wordOf("norm_classes");
export const dutyWord = wordOf("duties");
export const consentWord = wordOf("consent_on_cards");
export const residenceWord = wordOf("residence");
export const sexWord = wordOf("sexes");
export const visitorWord = wordOf("visitors");
export const kindWord = wordOf("located");
export const stationWord = wordOf("facility_types");
export const sourceWord = wordOf("sources");
export const unitWord = wordOf("units");
export const reasonWord = wordOf("unreached");

/** Who did something; whoever works at the machine itself, without an account, has a word of its own. */
export function authorOf(name) {
  return name === "local" ? _("本机") : name;
}
