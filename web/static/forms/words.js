// Answers in words, and labels that name other answers: only texts, which are shown as texts.

import { _ } from "../js/i18n.js";
import { textIn } from "./state.js";

/** What an answer is called: the words of its choices, days and numbers as they are. */
export function wordsOfAnswer(tree, question, value, language) {
  if (value === null || value === undefined || value === "") return "";
  return (WORDS[question.type] ?? String)(value, tree, question, language);
}

const choiceWord = (name, tree, question, language) => {
  const choice = (tree.choices?.[question.choices] ?? []).find((row) => row.name === name);
  return (choice && textIn(choice.label, language)) || String(name);
};

const WORDS = {
  select_one: choiceWord,
  select_multiple: (names, tree, question, language) =>
    [names].flat().map((name) => choiceWord(name, tree, question, language)).join(_("、")),
  acknowledge: () => _("确认"),
  image: () => _("照片"),
  geopoint: (place) => positionWords(place),
};

/** A position as people read it: latitude and longitude in degrees (WGS 84), accuracy in metres. */
export function positionWords({ lat, lon, accuracy }) {
  const degrees = `${Number(lat).toFixed(5)}, ${Number(lon).toFixed(5)}`;
  return accuracy ? _("{place} · 精度 {metres} 米", { place: degrees, metres: Math.round(accuracy) }) : degrees;
}

/** A label in a language, with the answers it names by ${question}. `wordsAt(name)` gives what stands there. */
export function labelWords(texts, language, wordsAt) {
  return textIn(texts, language).replace(/\$\{\s*([A-Za-z_][\w.-]*)\s*\}/g, (_whole, name) => wordsAt(name) || "…");
}

/** Whether a label names other answers, so that it changes with them. */
export function namesAnswers(texts) {
  return Object.values(texts ?? {}).some((text) => text.includes("${"));
}
