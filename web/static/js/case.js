// One case: where, what, who, by when; what happened so far, and the next step.

import { membersList } from "./card.js";
import { fill, h, icon } from "./dom.js";
import { getJson, sendJson } from "./fetch.js";
import { number, time } from "./format.js";
import { startFrame } from "./frame.js";
import { showGrids } from "./grids.js";
import { _ } from "./i18n.js";
import { flyTo, markPlace, openMap } from "./map.js";
import { page } from "./page.js";
import { showFailure, waitIn } from "./status.js";
import { severityWord, sourceWord, stateWord, stepWord } from "./words.js";

const here = `/api/v1/cases/${encodeURIComponent(page.case_id)}`;
const place = document.getElementById("status");
const card = document.getElementById("case");
const view = openMap();

startFrame();
showGrids(view);
load();

async function load() {
  const found = await waitIn(place, () => getJson(here));
  if (!found) return;
  document.title = `${found.number} ${found.category_name || ""}`;
  fill(
    card,
    heading(found),
    facts(found),
    nearBorder(found),
    description(found),
    found.members ? membersList(found.members) : null,
    steps(found),
    log(found.log || []),
  );
  if (found.lon === null || found.lon === undefined) return;
  flyTo(view.map, found.lon, found.lat, 17);
  markPlace(view.map, found.lon, found.lat);
}

function heading(found) {
  return h(
    "header",
    {},
    h("h1", {}, found.number),
    h(
      "p",
      {},
      h("strong", {}, found.category_name || found.category),
      " ",
      severityWord(found.severity),
      " · ",
      h("span", { class: `state ${found.state}` }, stateWord(found.state)),
      " ",
      found.overdue ? h("span", { class: "load bad" }, icon("exclamation-octagon"), _("超期")) : null,
    ),
  );
}

function facts(found) {
  const grid =
    found.grid && found.grid.name ? found.grid.name : found.grid_name || found.grid || _("未归入网格");
  const pairs = [
    [_("地点"), found.address || "—"],
    [_("网格"), grid],
    [_("上报时间"), time(found.reported_at)],
    [_("来源"), sourceWord(found.source)],
    [_("办理期限"), time(found.deadline)],
    [_("办理结果"), found.result],
  ];
  return h(
    "dl",
    { class: "facts" },
    pairs
      .filter(([, value]) => value)
      .map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

function nearBorder(found) {
  if (found.near_border_m === null || found.near_border_m === undefined || found.near_border_m >= 15)
    return null;
  return h(
    "p",
    { class: "notice amber" },
    icon("exclamation-triangle"),
    _("离网格边界只有 {n} 米,请核对位置。", { n: number(Math.round(found.near_border_m)) }),
  );
}

function description(found) {
  return found.description ? h("p", { class: "description" }, found.description) : null;
}

function steps(found) {
  const allowed = found.actions || { reported: ["start", "close"], handling: ["close"] }[found.state] || [];
  if (!allowed.length) return null;
  return h(
    "section",
    { class: "steps", "aria-label": _("下一步") },
    allowed.includes("start")
      ? h(
          "button",
          { type: "button", class: "button primary", onclick: () => act("start", {}) },
          _("开始处置"),
        )
      : null,
    allowed.includes("close") ? closeForm() : null,
  );
}

function closeForm() {
  const result = h("textarea", { id: "result", rows: 3, required: true, maxlength: 2000 });
  const form = h(
    "form",
    {},
    h("label", { for: "result" }, _("办理结果")),
    result,
    h("button", { class: "button" }, _("结案")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act("close", { result: result.value });
  });
  return form;
}

async function act(action, body) {
  try {
    await sendJson(`${here}/${action}`, body);
    load();
  } catch (failure) {
    showFailure(place, failure);
  }
}

function log(entries) {
  if (!entries.length) return null;
  return h(
    "section",
    {},
    h("h2", {}, _("办理记录")),
    h(
      "ol",
      { class: "log" },
      entries.map((entry) =>
        h(
          "li",
          {},
          h("time", {}, time(entry.at)),
          " ",
          entry.who ? `${entry.who} ` : "",
          stepWord(entry.action),
          entry.text ? h("p", {}, entry.text) : null,
        ),
      ),
    ),
  );
}
