// How numbers and times are written: tabular, 2026-11-24, 24 hours, Asia/Shanghai.

const ZONE = "Asia/Shanghai";
const MISSING = "—";

/** A number with thousands marks; a missing one is a dash. */
export function number(value, digits = 0) {
  if (value === null || value === undefined || !Number.isFinite(Number(value))) return MISSING;
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return rounded(Number(value), digits).toLocaleString("en-US", options).replace("-", "−");
}

/** A number with so many decimals, half up by its decimal digits: 0.45 is 0.5. Maps colour what this gives. */
export function rounded(value, digits = 0) {
  const size = Math.abs(value);
  if (size < 1e-6 || size >= 1e21) return size < 1e-6 ? 0 : value; // written with an exponent
  return Math.sign(value) * Number(`${Math.round(Number(`${size}e${digits}`))}e-${digits}`);
}

/** A change with its sign, and a word for screen readers left to the caller. */
export function signed(value) {
  if (value === null || value === undefined) return MISSING;
  if (value === 0) return "0";
  return value > 0 ? `+${number(value)}` : `−${number(-value)}`;
}

function parts(value) {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: ZONE,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
  });
  return Object.fromEntries(format.formatToParts(new Date(value)).map((part) => [part.type, part.value]));
}

/** A day as 2026-11-24; a text that is a day already stays as it is. */
export function day(value) {
  if (!value) return MISSING;
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return value;
  const at = parts(value);
  return `${at.year}-${at.month}-${at.day}`;
}

/** A time as 2026-11-24 08:05. */
export function time(value) {
  if (!value) return MISSING;
  const at = parts(value);
  return `${at.year}-${at.month}-${at.day} ${at.hour}:${at.minute}`;
}

/** A distance: metres below one kilometre, else kilometres with one decimal. */
export function distance(metres) {
  if (metres === null || metres === undefined) return MISSING;
  return metres < 1000 ? `${number(Math.round(metres))} m` : `${number(metres / 1000, 1)} km`;
}

/** The day so many days before another, both as 2026-11-24. */
export function daysBefore(dayText, days) {
  const at = new Date(`${dayText}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() - days);
  return at.toISOString().slice(0, 10);
}
