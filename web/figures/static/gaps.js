// What is missing one by one: chosen by the next step, on the map and as a list that leads to where it is done.

/* global L */

import { fill, h, icon } from "../../static/js/dom.js";
import { getJson } from "../../static/js/fetch.js";
import { number } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { addToLegend } from "../../static/map/legend.js";
import { flyTo, markPlace } from "../../static/map/map.js";
import { may } from "../../static/js/page.js";
import { newEntry, offer } from "../../static/offline/sending.js";
import { beside, emptyNote, showFailure, waitIn } from "../../static/js/status.js";
import { waitingCard } from "../../static/offline/cards.js";
import { wordOf } from "../../static/js/words.js";

const stepWord = wordOf("gap_steps");
const STEPS = {
  verify: { colour: "#b26a00", note: () => _("超过 180 天没有核实。不同意登记的住户不在其中。") },
  position: { colour: "#c62828", note: () => _("地址没有坐标:逐户定位,或在住户表里补上经纬度再导入。") },
  place: { colour: "#5b4a8a", note: () => _("坐标不在任何网格内:重新定位,或调整社区边界。") },
  case_position: { colour: "#1e5aa8", note: () => _("在办案件没有位置:在图上定位。") },
};

/** The list of a page; `show(grid)` narrows it to a grid, `onDone` is told when something was done. */
export function gapsList(view, { url, asOf, onDone }) {
  const list = document.getElementById("gaps");
  if (!list) return { show: () => {} };
  const self = { step: "verify", grid: null, rows: [], totals: {}, isLoaded: false };
  const points = L.layerGroup().addTo(view.map);
  const load = async () => {
    const answer = await waitIn(document.getElementById("gap-status"), () => getJson(url, { as_of: asOf, grid: self.grid || undefined }));
    if (!answer) return;
    self.isLoaded = true;
    self.rows = answer.rows;
    self.totals = answer.meta.totals;
    if (!self.totals[self.step]) self.step = Object.keys(STEPS).find((step) => self.totals[step]) || "verify";
    draw();
  };
  const draw = () => {
    const rows = self.rows.filter(({ step }) => step === self.step);
    const { colour, note } = STEPS[self.step];
    fill(document.getElementById("gap-steps"), Object.keys(STEPS).map(stepButton));
    fill(document.getElementById("gap-note"), note(), self.step === "position" ? importLink() : null);
    points.clearLayers();
    for (const row of rows) drawPoint(points, view, row, colour);
    const placed = rows.filter(({ lon }) => lon !== null).length;
    addToLegend("gaps", placed ? { colour, shape: "circle", label: stepWord(self.step), count: placed } : null);
    const more = self.totals[self.step] - rows.length;
    fill(
      list,
      rows.length ? h("ol", { class: "plain gap-list" }, rows.map((row) => line(row))) : emptyNote(_("这一项都齐了。")),
      more > 0 ? h("p", { class: "note" }, _("另有 {n} 条没有列出,请选一个网格再看。", { n: number(more) })) : null,
    );
  };
  const stepButton = (step) =>
    h(
      "button",
      {
        type: "button",
        class: step === self.step ? "button primary" : "button",
        "aria-pressed": String(step === self.step),
        onclick: () => {
          self.step = step;
          draw();
        },
      },
      stepWord(step),
      ` ${number(self.totals[step] || 0)}`,
    );
  const line = (row) =>
    h(
      "li",
      {},
      row.lon === null
        ? h("span", {}, row.title)
        : h("button", { type: "button", class: "link", onclick: () => lookAt(view, row) }, row.title),
      h("span", { class: "muted" }, [row.grid_name || row.grid || _("未归入网格"), freshness(row)].filter(Boolean).join(" · ")),
      h("span", { class: "answers" }, actions(row)),
    );
  const actions = (row) => {
    const put = may("positions:set") ? linkTo(`/${row.kind}s/${encodeURIComponent(row.id)}/position`, _("定位")) : null;
    if (row.kind === "case") return [put, linkTo(`/cases/${encodeURIComponent(row.id)}`, _("打开案件"))];
    const card = linkTo(`/find?q=${encodeURIComponent(row.title)}&id=${encodeURIComponent(row.id)}`, _("住户卡片"));
    if (row.step !== "verify") return [put, card];
    return [
      may("consent:record") ? linkTo(`/households/${encodeURIComponent(row.id)}`, _("登记与同意")) : card,
      may("requests:work") ? h("button", { type: "button", class: "button", onclick: (event) => confirm(row, event.currentTarget) }, icon("check-circle"), _("已核实,无变化")) : null,
    ];
  };
  const confirm = async (row, button) => {
    button.disabled = true;
    try {
      const path = `/api/v1/households/${encodeURIComponent(row.id)}/verified`;
      const { waits, failure } = await offer(newEntry("verified", path, { body: {}, label: _("已核实,无变化"), target: row.id }));
      if (waits) {
        beside(button).replaceChildren(waitingCard(waits, failure));
        return;
      }
      self.rows = self.rows.filter((other) => other !== row);
      self.totals.verify -= 1;
      draw();
      onDone();
    } catch (failure) {
      button.disabled = false;
      showFailure(beside(button), failure);
    }
  };
  return {
    show(grid) {
      if (self.isLoaded && grid === self.grid) return;
      self.grid = grid;
      load();
    },
  };
}

function importLink() {
  return may("imports:view") ? h("a", { class: "button", href: "/imports" }, icon("upload"), _("资料导入")) : null;
}

function freshness(row) {
  if (row.step !== "verify") return null;
  return row.verified_at ? _("上次核实 {day}", { day: row.verified_at }) : _("从未核实");
}

function linkTo(href, words) {
  return h("a", { class: "button", href }, words);
}

function lookAt(view, row) {
  flyTo(view.map, row.lon, row.lat);
  markPlace(view.map, row.lon, row.lat);
}

function drawPoint(points, view, row, colour) {
  if (row.lon === null) return;
  L.circleMarker([row.lat, row.lon], { radius: 4, renderer: view.data, color: "#ffffff", weight: 1.2, fillColor: colour, fillOpacity: 1 })
    .bindTooltip(() => h("span", {}, [row.title, freshness(row)].filter(Boolean).join(" · ")))
    .addTo(points);
}
