// The member's start page: households to be verified, and elders with who is not served, in the own grids.

import { fill, h, icon } from "../../static/js/dom.js";
import { getJson } from "../../static/js/fetch.js";
import { number } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { may, page } from "../../static/js/page.js";
import { emptyNote, waitIn } from "../../static/js/status.js";

const LISTED = 5;
const WALK_M = 500;

/** Fill the section of households that were not verified for long. */
export async function showToVerify(section) {
  const answer = await waitIn(section.querySelector(".status"), () => getJson("/api/v1/completeness/gaps", { step: "verify" }));
  if (!answer) return;
  const total = answer.meta.totals.verify;
  section.querySelector(".count").textContent = _("{n} 户", { n: number(total) });
  const line = (row) => item(row.id, row.title, row.verified_at ? _("上次核实 {day}", { day: row.verified_at.slice(0, 10) }) : _("从未核实"));
  fill(section.querySelector(".content"), total ? h("ol", { class: "todo" }, answer.rows.slice(0, LISTED).map(line)) : emptyNote(_("都核实过了。")));
}

/** Fill the section of elders: how many, and the households no station or member reaches. */
export async function showElders(section) {
  const answer = await waitIn(section.querySelector(".status"), () =>
    Promise.all([getJson("/api/v1/coverage/elderly", { distance: WALK_M }), getJson("/api/v1/coverage/elderly/uncovered", { distance: WALK_M })]),
  );
  if (!answer) return;
  const own = answer[0].rows.filter((row) => page.grids.includes(row.code));
  const sum = (name) => own.reduce((total, row) => total + (row[name] || 0), 0);
  section.querySelector(".count").textContent = _("{n} 人", { n: number(sum("elders")) });
  const { rows } = answer[1];
  const line = (row) => item(row.household, row.address, _("{n} 位老人", { n: number(row.elders) }));
  fill(
    section.querySelector(".content"),
    h("p", {}, [_("80 岁以上 {n} 人", { n: number(sum("elders_80")) }), _("有探访人 {n} 人", { n: number(sum("with_visitor")) })].join(" · ")),
    rows.length ? [h("p", { class: "note" }, _("步行 500 米内没有服务站的老人 {n} 户", { n: number(rows.length) })), h("ol", { class: "todo" }, rows.slice(0, LISTED).map(line))] : null,
  );
}

function item(id, title, note) {
  const href = may("consent:record") ? `/households/${encodeURIComponent(id)}` : `/find?${new URLSearchParams({ id, q: title })}`;
  return h("li", {}, h("a", { href }, h("strong", {}, title), h("span", { class: "load" }, icon("house-door"), note)));
}
