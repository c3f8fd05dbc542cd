// Spans of days, as 2026-11-24, that may be set beside each other.

const DAY_MS = 86_400_000;

const at = (dayText) => Date.parse(`${dayText}T00:00:00Z`);
const text = (time) => new Date(time).toISOString().slice(0, 10);

/** The first day of the month so many months from a day's. */
function firstOfMonth(dayText, months = 0) {
  const [year, month] = dayText.split("-").map(Number);
  return text(Date.UTC(year, month - 1 + months, 1));
}

/**
 * The month up to a day and as many days of the month before: `{now: [from, to], before: [from, to], months}`.
 * A day that still runs is no whole day, so today the span ends yesterday; where the month before is too short,
 * the days before this month are taken. `months` are the last whole months, the oldest first.
 */
export function monthToDate(dayText, { isToday, whole = 6 }) {
  const last = isToday ? text(at(dayText) - DAY_MS) : dayText;
  const [first, earlier] = [firstOfMonth(last), firstOfMonth(last, -1)];
  const days = (at(last) - at(first)) / DAY_MS; // between the first and the last of them
  const sameDay = at(earlier) + days * DAY_MS;
  const before = sameDay < at(first) ? [earlier, text(sameDay)] : [text(at(first) - (days + 1) * DAY_MS), text(at(first) - DAY_MS)];
  const isWhole = firstOfMonth(text(at(last) + DAY_MS)) !== first;
  const months = [firstOfMonth(first, (isWhole ? 1 : 0) - whole), isWhole ? last : text(at(first) - DAY_MS)];
  return { now: [first, last], before, months };
}
