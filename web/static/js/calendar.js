// The calendar below a field of a day: months and weekdays in the language of the page.

import { h } from "./dom.js";
import { _ } from "./i18n.js";
import { page } from "./page.js";

const LOCALE = page.lang === "en" ? "en-GB" : "zh-CN";
const DAY_MS = 86400000;
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
let counted = 0;

/** Open a calendar for a field when it is clicked, or with the arrow that points down. */
export function openCalendar(input) {
  const self = { input, shown: null, box: null, isDrawing: false };
  input.addEventListener("click", () => open(self));
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") {
      event.preventDefault();
      open(self);
      self.box.querySelector("[data-day][tabindex='0']")?.focus();
    }
    if (event.key === "Escape" && self.box) {
      event.preventDefault();
      event.stopPropagation(); // it closes the calendar, not the dialog around it
      close(self);
    }
  });
  input.addEventListener("input", () => self.box && show(self, dayOf(input.value) ?? self.shown));
  input.addEventListener("blur", (event) => self.box && !self.box.contains(event.relatedTarget) && close(self));
}

function open(self) {
  if (self.box) return;
  counted += 1;
  self.box = h("div", { class: "calendar", role: "dialog", id: `calendar-${counted}`, "aria-label": _("选择日期") });
  self.box.addEventListener("keydown", (event) => onKey(self, event));
  self.box.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  self.box.addEventListener("focusout", (event) => leave(self, event.relatedTarget));
  (self.input.closest("dialog") || document.body).append(self.box);
  show(self, dayOf(self.input.value) ?? inRange(self.input, page.today || page.as_of));
  place(self);
}

function leave(self, to) {
  if (self.box && !self.isDrawing && to !== self.input && !self.box.contains(to)) close(self);
}

function close(self) {
  const { box } = self;
  self.box = null; // taking it out takes the focus out of it, which would close it once more
  box?.remove();
}

function place({ input, box }) {
  const at = input.getBoundingClientRect();
  const below = at.bottom + box.offsetHeight <= window.innerHeight;
  const left = Math.max(4, Math.min(at.left, window.innerWidth - box.offsetWidth - 4));
  box.style.setProperty("left", `${left}px`);
  box.style.setProperty("top", `${below ? at.bottom + 2 : Math.max(4, at.top - box.offsetHeight - 2)}px`);
}

/** Draw the month of a day, which is the one the arrows start from. */
function show(self, day) {
  self.shown = day;
  const first = `${day.slice(0, 8)}01`;
  const start = plus(first, -((new Date(`${first}T00:00:00Z`).getUTCDay() + 6) % 7));
  const title = new Intl.DateTimeFormat(LOCALE, { year: "numeric", month: "long", timeZone: "UTC" });
  const turn = (months, word, symbol) =>
    h("button", { type: "button", "aria-label": word, onclick: () => show(self, monthsOn(self.shown, months)) }, symbol);
  const weeks = [0, 1, 2, 3, 4, 5].map((week) =>
    h("tr", {}, [0, 1, 2, 3, 4, 5, 6].map((at) => cell(self, plus(start, 7 * week + at), first))),
  );
  self.isDrawing = true; // the day that had the focus is taken out: nobody has left
  self.box.replaceChildren(
    h(
      "div",
      { class: "calendar-head" },
      turn(-12, _("上一年"), "«"),
      turn(-1, _("上一月"), "‹"),
      h("strong", { "aria-live": "polite" }, title.format(new Date(`${first}T00:00:00Z`))),
      turn(1, _("下一月"), "›"),
      turn(12, _("下一年"), "»"),
    ),
    h("table", {}, h("thead", {}, h("tr", {}, weekdays(start))), h("tbody", {}, weeks)),
  );
  self.isDrawing = false;
}

function weekdays(start) {
  const short = new Intl.DateTimeFormat(LOCALE, { weekday: LOCALE === "zh-CN" ? "narrow" : "short", timeZone: "UTC" });
  return [0, 1, 2, 3, 4, 5, 6].map((at) => h("th", { scope: "col" }, short.format(new Date(`${plus(start, at)}T00:00:00Z`))));
}

function cell(self, day, first) {
  const { input } = self;
  const isOut = inRange(input, day) !== day;
  const isOf = day.slice(0, 7) === first.slice(0, 7);
  const button = h(
    "button",
    {
      type: "button",
      "data-day": day,
      tabindex: day === self.shown ? "0" : "-1",
      class: isOf ? null : "beside",
      disabled: isOut,
      "aria-label": day,
      "aria-current": day === page.today ? "date" : null,
      "aria-pressed": String(day === dayOf(input.value)),
      onclick: () => choose(self, day),
    },
    String(Number(day.slice(8))),
  );
  return h("td", {}, button);
}

function choose(self, day) {
  const { input } = self;
  const clock = input.dataset.dated === "datetime-local" ? ` ${input.value.slice(11, 16) || "09:00"}` : "";
  input.value = day + clock;
  close(self);
  input.focus();
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

function onKey(self, event) {
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    self.input.focus();
    close(self);
    return;
  }
  const months = { PageUp: -1, PageDown: 1 }[event.key];
  if (!(event.key in STEPS) && !months) return;
  event.preventDefault();
  show(self, inRange(self.input, months ? monthsOn(self.shown, months) : plus(self.shown, STEPS[event.key])));
  self.box.querySelector("[data-day][tabindex='0']")?.focus();
}

function dayOf(text) {
  return /^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(Date.parse(text.slice(0, 10))) ? text.slice(0, 10) : null;
}

function plus(day, days) {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The same day of another month, or its last one. */
function monthsOn(day, months) {
  const [year, month, date] = day.split("-").map(Number);
  const last = new Date(Date.UTC(year, month + months, 0));
  return `${last.toISOString().slice(0, 8)}${String(Math.min(date, last.getUTCDate())).padStart(2, "0")}`;
}

/** The day, or the nearest one that the field takes. */
function inRange(input, day) {
  const [min, max] = [input.min.slice(0, 10), input.max.slice(0, 10)];
  if (min && day < min) return min;
  return max && day > max ? max : day;
}
