// Classes and colours of a legend. The same rules as layers/style.py; a test holds both together.

import { number, rounded } from "../js/format.js";

/** Lower bounds of half-open classes with about as many values each, made of the values as they are shown. */
export function classBreaks(values, classes = 5, digits = 0) {
  const shown = values
    .filter((value) => value !== null && value !== undefined && Number.isFinite(value))
    .map((value) => rounded(value, digits))
    .sort((a, b) => a - b);
  const distinct = [...new Set(shown)];
  if (distinct.length <= classes) return distinct;
  const picked = new Set();
  for (let rank = 0; rank < classes; rank += 1) {
    picked.add(shown[Math.floor((rank * shown.length) / classes)]);
  }
  return [...picked].sort((a, b) => a - b);
}

/** Classes of a change: much less, less, the same, more, much more; "much" is a third of the largest change. */
export function changeBreaks(values) {
  const known = values.filter((value) => value !== null && value !== undefined && Number.isFinite(value));
  const step = Math.max(2, Math.ceil(Math.max(0, ...known.map(Math.abs)) / 3));
  return [-1e9, 1 - step, 0, 1, step];
}

/** The number of the class in which a value lies as it is shown, or null for a missing value. */
export function classOf(value, breaks, digits = 0) {
  if (value === null || value === undefined || !Number.isFinite(value) || !breaks.length) return null;
  const shown = rounded(value, digits);
  let index = 0;
  while (index + 1 < breaks.length && breaks[index + 1] <= shown) index += 1;
  return index;
}

/** So many colours spread over a ramp; one class gets the middle colour. */
export function coloursFor(ramp, classes) {
  if (classes <= 1) return [ramp[Math.floor(ramp.length / 2)]].slice(0, classes);
  const step = (ramp.length - 1) / (classes - 1);
  return Array.from({ length: classes }, (_unused, index) => ramp[Math.floor(index * step + 0.5)]);
}

/** What a half-open class is called: whole numbers as "3–6", others as "1.5 ≤ … < 3". */
export function className(index, breaks, digits = 0) {
  const low = breaks[index];
  const high = breaks[index + 1];
  if (low <= -1e8) return digits > 0 ? `< ${number(high, digits)}` : `≤ ${number(high - 1)}`;
  if (high === undefined) return `≥ ${number(low, digits)}`;
  if (digits > 0) return `${number(low, digits)} – <${number(high, digits)}`;
  return high - low === 1 ? number(low) : `${number(low)} – ${number(high - 1)}`;
}
