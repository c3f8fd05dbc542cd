// The functions of expressions; gisgrid/forms/expressions/functions.py is the same.

import {
  NO_DAY, clean, dayFromNumber, dayFromText, firstOf, isBlank, isDay, isMany, namesIn, numberOf, strip, textOf, truthOf, wordsIn,
} from "./values.js";

const MOST_PLACES = 15;
const MOST_POWER = 1000;
const PATTERN_VALUE_LETTERS = 200;

/** The value of a function; `if` is not among them, since it leaves one of its parts alone. */
export function call(name, parts, context) {
  return FUNCTIONS[name](context, ...parts);
}

const letters = (value) => Array.from(textOf(value));
const flat = (parts) => parts.flatMap((part) => (isMany(part) ? part.many : [part]));

function dayOf(value) {
  value = firstOf(value);
  if (typeof value === "object" && isDay(value)) return value;
  return typeof value === "number" ? dayFromNumber(clean(value)) : dayFromText(textOf(value));
}

function selectedAt(value, place) {
  const names = namesIn(value);
  const number = numberOf(place);
  return number >= 0 && number < names.length ? names[Math.trunc(number)] : "";
}

function formatDate(value, pattern) {
  if (dayOf(value).day === null) return "";
  const [year, month, day] = textOf(dayOf(value)).split("-");
  const parts = { Y: year, m: month, d: day, n: String(Number(month)), e: String(Number(day)) };
  return textOf(pattern).replace(/%([Ymdne])/g, (_whole, letter) => parts[letter]);
}

function substr(value, ...places) {
  const numbers = places.map((place) => numberOf(place));
  if (numbers.some(Number.isNaN)) return "";
  return letters(value).slice(...numbers.map(Math.trunc)).join("");
}

function translate(value, from, to) {
  const others = letters(to);
  const replaced = new Map();
  letters(from).forEach((letter, index) => {
    if (!replaced.has(letter)) replaced.set(letter, others[index] ?? "");
  });
  return letters(value).map((letter) => replaced.get(letter) ?? letter).join("");
}

function regex(value, pattern) {
  if (letters(value).length > PATTERN_VALUE_LETTERS) return false;
  return new RegExp(`^(?:${textOf(pattern)})$`, "us").test(textOf(value));
}

const whole = (cut) => (_context, value) => clean(cut(numberOf(value)));

function round(value, places = 0) {
  const number = numberOf(value);
  const count = numberOf(places);
  if (Number.isNaN(number) || Number.isNaN(count) || Math.abs(count) > MOST_PLACES) return NaN;
  const tens = Number(`1e${Math.abs(Math.trunc(count))}`);
  if (count < 0) return clean(Math.floor(number / tens + 0.5) * tens);
  return clean(Math.floor(number * tens + 0.5) / tens);
}

function pow(base, exponent) {
  const power = numberOf(exponent);
  let factor = numberOf(base);
  if (Number.isNaN(factor) || !Number.isInteger(power) || Math.abs(power) > MOST_POWER) return NaN;
  let product = 1;
  for (let rest = Math.abs(power); rest; rest = Math.floor(rest / 2)) {
    if (rest % 2) product *= factor;
    factor *= factor;
  }
  if (power >= 0) return clean(product);
  return product ? clean(1 / product) : NaN;
}

function sum(...parts) {
  const numbers = flat(parts).map(numberOf).filter((number) => !Number.isNaN(number));
  return clean(numbers.reduce((total, number) => total + number, 0));
}

const extreme = (isBetter) => (_context, ...parts) => {
  const values = flat(parts).filter((value) => !Number.isNaN(numberOf(value)));
  const best = values.map(numberOf).reduce((best, number) => (Number.isNaN(best) || isBetter(number, best) ? number : best), NaN);
  const isOfDays = values.length && values.every((value) => typeof value === "object" && isDay(value));
  return isOfDays ? { day: best } : best;
};

function choiceLabel(context, value, question) {
  const name = textOf(value);
  return context.labels?.get(textOf(question).slice(2, -1))?.get(name) ?? name;
}

/** A function that needs nothing but its values. */
const of = (work) => (_context, ...parts) => work(...parts);

const FUNCTIONS = {
  today: (context) => context.today,
  position: (context) => context.position ?? 1,
  "jr:choice-name": choiceLabel,
  selected: of((value, name) => namesIn(value).includes(strip(textOf(name)))),
  "count-selected": of((value) => namesIn(value).length),
  "selected-at": of(selectedAt),
  not: of((value) => !truthOf(value)),
  true: () => true,
  false: () => false,
  coalesce: of((...parts) => firstOf(parts.find((part) => !isBlank(part)) ?? "")),
  date: of((value) => (dayOf(value).day === null ? NO_DAY : dayOf(value))),
  "format-date": of(formatDate),
  "decimal-date-time": of((value) => numberOf(dayOf(value))),
  concat: of((...parts) => flat(parts).map(textOf).join("")),
  "string-length": of((value) => letters(value).length),
  contains: of((value, part) => textOf(value).includes(textOf(part))),
  "starts-with": of((value, part) => textOf(value).startsWith(textOf(part))),
  "ends-with": of((value, part) => textOf(value).endsWith(textOf(part))),
  substr: of(substr),
  "normalize-space": of((value) => wordsIn(textOf(value)).join(" ")),
  translate: of(translate),
  regex: of(regex),
  number: of(numberOf),
  string: of(textOf),
  boolean: of(truthOf),
  int: whole(Math.trunc),
  round: of(round),
  floor: whole(Math.floor),
  ceiling: whole(Math.ceil),
  abs: whole(Math.abs),
  pow: of(pow),
  min: extreme((number, best) => number < best),
  max: extreme((number, best) => number > best),
  sum: of(sum),
  count: of((value) => (isMany(value) ? value.many.length : Number(!isBlank(value)))),
  "count-non-empty": of((value) => flat([value]).filter((part) => !isBlank(part)).length),
  join: of((between, ...parts) => flat(parts).map(textOf).join(textOf(between))),
};
