// One answer by the type of its question: its value, what is kept of it, or its fault; gisgrid/forms/answers/kinds.py is the same.

import { _ } from "../js/i18n.js";
import { MOST, dayFromText, isBlank, isDay, isMany, isSet, strip, textOf } from "./values.js";

export const DEVICE = ["start", "end", "today"];
export const BLANK = Object.freeze({ value: "" });
const TEXT_LETTERS = 2000;
const TIME = /^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/;
const MOMENT =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})T(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{3})?)?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$/;
const HALF_LETTER = /[\ud800-\udfff]/u;
const EARTH = { lon: [-180, 180], lat: [-90, 90], accuracy: [0, 1e7] };

/** What a JSON value is as the answer to a question of a type. */
export function readAnswer(kind, value) {
  const isNothing = value === null || value === undefined || value === false || value === "";
  if (isNothing || (Array.isArray(value) && !value.length)) return kind === "select_multiple" ? { value: { set: [] } } : BLANK;
  return READERS[kind](value);
}

/** The answer that a calculation gives; no number is no answer, and a text is cut where it is too long. */
export function computed(value) {
  if (isBlank(value)) return BLANK;
  if (typeof value === "string") return whole(Array.from(value).slice(0, TEXT_LETTERS).join(""));
  if (typeof value !== "object") return whole(value);
  if (isDay(value) || isMany(value)) return { value, kept: textOf(value) };
  return { value, kept: isSet(value) ? value.set : value };
}

const whole = (value) => ({ value, kept: value });
const wrong = (fault) => ({ value: "", fault });
const isText = (value) => typeof value === "string";

function text(value) {
  if (!isText(value) || HALF_LETTER.test(value)) return wrong(_("应为文字"));
  const words = strip(value);
  const count = Array.from(words).length;
  if (count > TEXT_LETTERS) return wrong(_("共 {count} 字,最多 {most} 字", { count, most: TEXT_LETTERS }));
  return words ? whole(words) : BLANK;
}

function decimal(value) {
  return typeof value === "number" && Math.abs(value) < MOST ? whole(value + 0) : wrong(_("应为数字"));
}

function integer(value) {
  const answer = decimal(value);
  return answer.fault || Number.isInteger(answer.kept) ? answer : wrong(_("这里要填整数"));
}

function date(value) {
  const day = isText(value) && value.length === 10 ? dayFromText(value) : { day: null };
  return day.day === null ? wrong(_("这不是日期")) : { value: day, kept: textOf(day) };
}

function moment(value) {
  const parts = isText(value) ? MOMENT.exec(value) : null;
  return parts && dayFromText(parts[1]).day !== null ? whole(value) : wrong(_("应为带时区的时刻"));
}

function several(value) {
  const isList = Array.isArray(value) && value.every(isText) && new Set(value).size === value.length;
  return isList ? { value: { set: value }, kept: value } : wrong(_("应为若干选项,每个一次"));
}

function position(value) {
  const isObject = typeof value === "object" && "lon" in value && "lat" in value;
  const isOnEarth = ([name, part]) => Object.hasOwn(EARTH, name) && typeof part === "number" && part >= EARTH[name][0] && part <= EARTH[name][1];
  if (!isObject || !Object.entries(value).every(isOnEarth)) return wrong(_("应为位置(经纬度)"));
  const words = [value.lat, value.lon, 0, value.accuracy ?? 0].map(textOf);
  return { value: words.join(" "), kept: value };
}

const READERS = {
  text,
  integer,
  decimal,
  date,
  today: date,
  time: (value) => (isText(value) && TIME.test(value) ? whole(value) : wrong(_("应为时间(时:分)"))),
  start: moment,
  end: moment,
  select_one: (value) => (isText(value) ? whole(value) : wrong(_("应为一个选项"))),
  select_multiple: several,
  acknowledge: (value) => (value === true ? { value: "OK", kept: true } : wrong(_("应为是或否"))),
  image: (value) => (isText(value) && /^[0-9a-f]{64}$/.test(value) ? whole(value) : wrong(_("应为照片"))),
  geopoint: position,
};
