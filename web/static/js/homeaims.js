// The four numbers of the aims, each with its last six months: on time, satisfied, elders reached, taking part.

import { h, svgPart } from "./dom.js";
import { getJson } from "./fetch.js";
import { number } from "./format.js";
import { _ } from "./i18n.js";
import { page } from "./page.js";

const MONTHS = 6;
const BOX = { width: 120, height: 28, pad: 3 };

/** Months up to the day looked at, the oldest first, with what cases say of each. */
export function askMonths() {
  const [year, month] = page.as_of.split("-").map(Number);
  const first = new Date(Date.UTC(year, month - MONTHS, 1)).toISOString().slice(0, 10);
  return getJson("/api/v1/indicators", { by: "month", from: first, to: page.as_of, as_of: page.as_of });
}

/** Four tiles: this month, the one before, and the line of six. */
export function aimTiles(months, elderly, households) {
  const share = (row, code) => (row[code] === null ? null : 100 * row[code]);
  const takingPart = (row) => (households ? (100 * (row.reported_by_public + row.rated)) / households : null);
  const trend = "/indicators?by=month&span=year";
  const known = elderly.filter((row) => row.elders !== null && row.reached !== null); // none of a withheld pair
  const elders = known.reduce((sum, row) => sum + row.elders, 0);
  const reached = known.reduce((sum, row) => sum + row.reached, 0);
  return [
    tile(_("按期结案率"), months.map((row) => share(row, "on_time_closure")), "%", `${trend}&set=closing&measure=on_time_closure`),
    tile(_("满意率"), months.map((row) => share(row, "satisfaction")), "%", `${trend}&set=effect&measure=satisfaction`),
    h(
      "a",
      { class: "tile", href: "/maps/elderly" },
      h("span", {}, _("老人步行 500 米可达服务站")),
      h("strong", {}, elders ? `${number((100 * reached) / elders)}%` : "—"),
      h("small", {}, _("老人 {n} 人", { n: number(elders) })),
    ),
    tile(_("居民参与(每百户上报和评价)"), months.map(takingPart), "", `${trend}&set=filing&measure=public_reports`),
  ];
}

function tile(name, values, unit, href) {
  const [now, before] = [values.at(-1), values.at(-2)];
  const told = (value) => (value === null || value === undefined ? "—" : `${number(value, 1)}${unit}`);
  return h(
    "a",
    { class: "tile", href },
    h("span", {}, `${name} · ${_("本月")}`),
    h("strong", {}, told(now)),
    h("small", {}, _("上月 {value}", { value: told(before) }), changeWord(now, before)),
    line(values, name),
  );
}

/** Up or down, in words and numbers, not by colour. */
function changeWord(now, before) {
  if (now === null || before === null || now === undefined || before === undefined) return "";
  const change = Math.round(10 * (now - before)) / 10;
  if (change === 0) return ` · ${_("持平")}`;
  return ` · ${change > 0 ? _("升 {n}", { n: number(change, 1) }) : _("降 {n}", { n: number(-change, 1) })}`;
}

/** The months as a line; a month without a value is a gap. */
function line(values, name) {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return null;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const x = (place) => BOX.pad + (place * (BOX.width - 2 * BOX.pad)) / (values.length - 1);
  const y = (value) => BOX.height - BOX.pad - ((value - low) / (high - low || 1)) * (BOX.height - 2 * BOX.pad);
  const points = values.map((value, place) => (value === null ? null : `${x(place)},${y(value)}`)).filter(Boolean);
  const svg = svgPart("svg", { class: "spark", viewBox: `0 0 ${BOX.width} ${BOX.height}`, role: "img" });
  svg.setAttribute("aria-label", `${name}:${values.map((value) => (value === null ? "—" : number(value, 1))).join("、")}`);
  svg.append(svgPart("polyline", { points: points.join(" "), fill: "none", stroke: "#1e5aa8", "stroke-width": 2 }));
  const [lastX, lastY] = points.at(-1).split(",");
  svg.append(svgPart("circle", { cx: lastX, cy: lastY, r: 3, fill: "#1e5aa8" }));
  return svg;
}
