// The four numbers of the aims: on time, satisfied, elders reached, taking part; each with what stands behind it,
// beside as many days of the month before, and with the last whole months as a line.

import { h, svgPart } from "../../static/js/dom.js";
import { getJson } from "../../static/js/fetch.js";
import { number, rounded } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { page } from "../../static/js/page.js";
import { reachTile } from "../../figures/static/reach.js";
import { monthToDate } from "./spans.js";

const BOX = { width: 120, height: 28, pad: 3 };
const FEWEST = 20; // of fewer cases a share in per cent says nothing

/** What cases say of the month to date, of as many days of the month before, and of six whole months. */
export async function askMonths() {
  const spans = monthToDate(page.as_of, { isToday: page.as_of >= page.today });
  const ask = (by, [from, to]) => getJson("/api/v1/indicators", { by, from, to, as_of: page.as_of });
  const [now, before, months] = await Promise.all([ask("community", spans.now), ask("community", spans.before), ask("month", spans.months)]);
  return { spans, now: now.meta.total, before: before.meta.total, months: months.rows };
}

/** Four tiles. */
export function aimTiles(asked, elderly, households) {
  const trend = "/indicators?by=month&span=year";
  const shareOf = (code, part, whole, href) => ({
    asked,
    href,
    words: (row) => shareWords(row[part], row[whole]),
    value: (row) => (row[whole] < FEWEST ? null : 100 * row[code]),
    n: (row) => _("{part} / {whole} 件", { part: number(row[part]), whole: number(row[whole]) }),
    unit: "%",
  });
  const taking = (row) => row.reported_by_public + row.rated;
  return [
    tile(_("按期结案率"), shareOf("on_time_closure", "closed_on_time", "due", `${trend}&set=closing&measure=on_time_closure`)),
    tile(_("满意率"), shareOf("satisfaction", "satisfied", "rated", `${trend}&set=effect&measure=satisfaction`)),
    reachTile(elderly),
    tile(_("居民参与(每百户上报和评价)"), {
      asked,
      href: `${trend}&set=filing&measure=public_reports`,
      words: (row) => (households ? number((100 * taking(row)) / households, 1) : "—"),
      value: (row) => (households ? (100 * taking(row)) / households : null),
      n: (row) => _("{n} 次", { n: number(taking(row)) }),
      unit: "",
    }),
  ];
}

/** A share in per cent, or of few cases the two numbers alone. */
function shareWords(part, whole) {
  if (!whole) return "—";
  return whole < FEWEST ? `${number(part)} / ${number(whole)}` : `${number((100 * part) / whole, 1)}%`;
}

function tile(name, { asked, href, words, value, n, unit }) {
  const { spans, now, before, months } = asked;
  return h(
    "a",
    { class: "tile", href },
    h("span", {}, `${name} · ${spanWord(spans.now)}`),
    h("strong", {}, words(now)),
    h("small", {}, n(now)),
    h("small", {}, _("{span} 为 {value}({n})", { span: spanWord(spans.before), value: words(before), n: n(before) }), changeWord(value(now), value(before))),
    line(months.map(value), name, unit),
  );
}

/** Days of one month as 11-01 至 11-24. */
function spanWord([from, to]) {
  return from === to ? from.slice(5) : _("{from} 至 {to}", { from: from.slice(5), to: to.slice(5) });
}

/** Up or down as the shown figures say, in words and numbers, not by colour. */
function changeWord(now, before) {
  if (now === null || before === null || now === undefined || before === undefined) return "";
  const change = rounded(rounded(now, 1) - rounded(before, 1), 1);
  if (change === 0) return ` · ${_("持平")}`;
  return ` · ${change > 0 ? _("升 {n}", { n: number(change, 1) }) : _("降 {n}", { n: number(-change, 1) })}`;
}

/** The whole months as a line; a month without a value is a gap. */
function line(values, name, unit) {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return null;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const x = (place) => BOX.pad + (place * (BOX.width - 2 * BOX.pad)) / (values.length - 1);
  const y = (value) => BOX.height - BOX.pad - ((value - low) / (high - low || 1)) * (BOX.height - 2 * BOX.pad);
  const points = values.map((value, place) => (value === null ? null : `${x(place)},${y(value)}`)).filter(Boolean);
  const svg = svgPart("svg", { class: "spark", viewBox: `0 0 ${BOX.width} ${BOX.height}`, role: "img" });
  const text = values.map((value) => (value === null ? "—" : `${number(value, 1)}${unit}`)).join("、");
  svg.setAttribute("aria-label", _("{name},此前各整月:{told}", { name, told: text }));
  svg.append(svgPart("polyline", { points: points.join(" "), fill: "none", stroke: "#1e5aa8", "stroke-width": 2 }));
  const [lastX, lastY] = points.at(-1).split(",");
  svg.append(svgPart("circle", { cx: lastX, cy: lastY, r: 3, fill: "#1e5aa8" }));
  return svg;
}
