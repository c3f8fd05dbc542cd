// Values of expressions and how they pass for one another; gisgrid/forms/expressions/values.py is the same.
// A day is {day: whole days since 1970-01-01 or null}, a set {set: names}, the rows of a repeat {many: values}.

export const MOST = 1e15;
const NUMBER = /^-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$/;
const DATE = /^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T[^]*)?$/;
const SPACES = /[ \t\r\n]+/;
const DAY_MS = 86400000;
const FIRST_DAY = -719162; // of the year 1
const LAST_DAY = 2932896; // of the year 9999

export const NO_DAY = Object.freeze({ day: null });

export const isDay = (value) => typeof value === "object" && "day" in value;
export const isSet = (value) => typeof value === "object" && "set" in value;
export const isMany = (value) => typeof value === "object" && "many" in value;

/** A number as expressions know it: NaN where it isn't finite or too large, never minus zero. */
export function clean(number) {
  return Math.abs(number) < MOST ? number + 0 : NaN;
}

/** The day so many days after 1970-01-01; no day outside of the years 1 to 9999. */
export function dayFromNumber(number) {
  const day = Math.floor(number);
  return day >= FIRST_DAY && day <= LAST_DAY ? { day: day + 0 } : NO_DAY;
}

/** The day that a text names ("2026-12-01" or a moment of it); no day where there is none. */
export function dayFromText(text) {
  const match = DATE.exec(text);
  const time = match ? Date.parse(`${match[1]}T00:00:00Z`) : NaN;
  if (Number.isNaN(time) || match[1].startsWith("0000")) return NO_DAY;
  return new Date(time).toISOString().slice(0, 10) === match[1] ? { day: time / DAY_MS } : NO_DAY;
}

/** The value itself, or that of the first row. */
export function firstOf(value) {
  if (!isMany(value)) return value;
  return value.many.length ? value.many[0] : "";
}

/** Without ASCII spaces at both ends. */
export function strip(text) {
  return text.replace(/^[ \t\r\n]+/, "").replace(/[ \t\r\n]+$/, "");
}

/** The number a value stands for; NaN where it stands for none. */
export function numberOf(value) {
  value = firstOf(value);
  if (typeof value === "number") return clean(value);
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "string") return NUMBER.test(strip(value)) ? clean(Number(strip(value))) : NaN;
  if (isDay(value)) return value.day === null ? NaN : value.day;
  return numberOf(textOf(value));
}

/** How a value is written: days as ISO, numbers with at most six decimals, names with spaces between. */
export function textOf(value) {
  value = firstOf(value);
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value === "number") return numberText(value);
  if (isDay(value)) return value.day === null ? "" : new Date(value.day * DAY_MS).toISOString().slice(0, 10);
  return isSet(value) ? value.set.join(" ") : "";
}

function numberText(value) {
  const number = clean(value);
  if (Number.isNaN(number)) return "";
  const whole = Math.floor(number);
  const millionths = BigInt(whole) * 1000000n + BigInt(Math.floor((number - whole) * 1e6 + 0.5));
  const size = millionths < 0n ? -millionths : millionths;
  const after = String(size % 1000000n).padStart(6, "0").replace(/0+$/, "");
  return `${millionths < 0n ? "-" : ""}${size / 1000000n}${after ? `.${after}` : ""}`;
}

/** Whether a value holds: some text, a number that isn't 0, a day, a choice, a row. */
export function truthOf(value) {
  if (typeof value === "boolean") return value;
  if (typeof value === "string") return value !== "";
  if (typeof value === "number") return !Number.isNaN(clean(value)) && value !== 0;
  if (isDay(value)) return value.day !== null;
  return (isSet(value) ? value.set : value.many).length > 0;
}

/** Whether nothing was answered; 0 and false are something. */
export function isBlank(value) {
  value = firstOf(value);
  if (typeof value === "boolean") return false;
  if (typeof value === "number") return Number.isNaN(clean(value));
  return isMany(value) ? false : !truthOf(value);
}

/** Whether two values are the same: with a day or a set as texts, with a number as numbers. */
export function equal(left, right) {
  left = firstOf(left);
  right = firstOf(right);
  if ([left, right].some((value) => typeof value === "object")) return textOf(left) === textOf(right);
  const isNumber = [left, right].some((value) => typeof value === "number");
  const isTruth = [left, right].every((value) => typeof value === "boolean");
  if (isNumber || isTruth) return numberOf(left) === numberOf(right);
  return textOf(left) === textOf(right);
}

/** The names chosen: of a set, or the words of a text. */
export function namesIn(value) {
  value = firstOf(value);
  return typeof value === "object" && isSet(value) ? value.set : wordsIn(textOf(value));
}

/** The words between spaces, tabs and ends of lines. */
export function wordsIn(text) {
  return text.split(SPACES).filter(Boolean);
}
