// Fields of days and times in the language of the page: a browser writes its own ones in the language it came with.

import { openCalendar } from "./calendar.js";
import { _ } from "./i18n.js";

const KINDS = {
  date: { form: "2026-11-24", hint: () => _("年-月-日"), length: 10, reads: readDay, hasCalendar: true },
  "datetime-local": { form: "2026-11-24 08:05", hint: () => _("年-月-日 时:分"), length: 16, reads: readMoment, hasCalendar: true },
  month: { form: "2026-11", hint: () => _("年-月"), length: 7, reads: readMonth, hasCalendar: false },
  time: { form: "08:05", hint: () => _("时:分"), length: 5, reads: readClock, hasCalendar: false },
};

/** Turn all such fields within an element into ones of the page's language. */
export function dateFields(within = document) {
  for (const input of within.querySelectorAll(Object.keys(KINDS).map((kind) => `input[type="${kind}"]`).join()))
    dateField(input);
}

/** Turn one field; `min` and `max` hold as before. Gives the field. */
export function dateField(input) {
  const kind = KINDS[input.type];
  if (!kind) return input;
  const value = input.value.replace("T", " ");
  input.dataset.dated = input.type;
  input.type = "text";
  Object.assign(input, { value, maxLength: 20, autocomplete: "off", placeholder: kind.hint(), inputMode: "numeric" });
  input.classList.add("dated");
  let said = input.value;
  input.addEventListener("focus", () => (said = input.value));
  const check = () => input.setCustomValidity(faultOf(input, kind));
  input.addEventListener("input", () => {
    check();
    const isWhole = input.value.length === kind.length && kind.reads(input.value) === input.value;
    if (isWhole && input.validity.valid && input.value !== said) input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.addEventListener("change", (event) => {
    input.value = kind.reads(input.value) ?? input.value;
    check();
    const isNew = input.value !== said;
    if (!input.validity.valid || !isNew) event.stopImmediatePropagation(); // nothing is asked for with half a day
    if (!input.validity.valid && document.activeElement !== input) input.reportValidity();
    if (input.validity.valid) said = input.value;
  });
  if (kind.hasCalendar) openCalendar(input);
  return input;
}

function faultOf(input, kind) {
  if (!input.value) return "";
  const read = kind.reads(input.value);
  if (read === null) return _("请写成 {form} 这样", { form: kind.form });
  const [min, max] = [input.min, input.max].map((limit) => limit.replace("T", " "));
  if (min && read < min) return _("不能早于 {day}", { day: min });
  if (max && read > max) return _("不能晚于 {day}", { day: max });
  return "";
}

/** 2026-11-24 from what people write: 2026/11/24, 2026年11月24日, 20261124; nothing where it is no day. */
function readDay(text) {
  const parts = text.trim().match(/^(\d{4})[-/.年 ]?(\d{1,2})[-/.月 ]?(\d{1,2})日?$/);
  if (!parts) return text.trim() ? null : "";
  const day = `${parts[1]}-${parts[2].padStart(2, "0")}-${parts[3].padStart(2, "0")}`;
  const at = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day) ? day : null;
}

function readMonth(text) {
  const day = readDay(text.trim() ? `${text.trim().replace(/月$/, "")}-1` : "");
  return day && day.slice(0, 7);
}

function readClock(text) {
  const parts = text.trim().match(/^(\d{1,2})[::](\d{2})$/);
  if (!parts) return text.trim() ? null : "";
  return Number(parts[1]) < 24 && Number(parts[2]) < 60 ? `${parts[1].padStart(2, "0")}:${parts[2]}` : null;
}

function readMoment(text) {
  if (!text.trim()) return "";
  const [day, clock] = text.trim().replace("T", " ").split(/ +/);
  const read = [readDay(day), readClock(clock || "")];
  return read[0] && read[1] ? read.join(" ") : null;
}
