// The list of cases: what is open, what is late, what is near; on a phone as cards.

import { bulkDispatch } from "./bulk.js";
import { flagsOf } from "./flags.js";
import { showPool } from "./pool.js";
import { hasEnded, stateWord } from "./words.js";
import { categoryWord } from "./categories.js";
import { fill, h, icon } from "../../static/js/dom.js";
import { getJson } from "../../static/js/fetch.js";
import { bindFilters } from "../../static/js/filters.js";
import { distance, number, time } from "../../static/js/format.js";
import { startFrame } from "../../static/js/frame.js";
import { _ } from "../../static/js/i18n.js";
import { countdown } from "./limit.js";
import { page } from "../../static/js/page.js";
import { lastCentre, read, toldThere, write } from "../../static/js/state.js";
import { emptyNote, showSuccess, waitIn } from "../../static/js/status.js";
import { levelWord, severityWord, sourceWord } from "../../static/js/words.js";

const PAGE_SIZE = 50;
const form = document.getElementById("filters");
const place = document.getElementById("status");
const list = document.getElementById("cases");
let near = null;

startFrame();
const values = bindFilters(form, () => {
  write({ page: "" });
  load();
});
form.querySelector("[data-near]")?.addEventListener("click", nearMe);
const bulk = bulkDispatch({ bar: document.getElementById("bulk"), list, place, reload: load });
load().then(() => {
  const message = toldThere();
  if (message) showSuccess(place, message);
});
if (page.role === "member") showPool(document.getElementById("pool"));

async function load() {
  const { state, mine, late, text, from, to, category, order } = values();
  const asked = {
    state,
    mine: mine.length ? 1 : "",
    late: late.length ? 1 : "",
    order: order === "reported" && late.length ? "due" : order, // the longest overdue first
    category,
    as_of: read("as_of"), // as the map of the same view
    q: text,
    from,
    to,
    near,
    page: read("page"),
    grid: values().grid ?? read("grid"),
  };
  const answer = await waitIn(place, () => getJson("/api/v1/cases", asked));
  if (!answer) return;
  if (answer.total && !answer.rows.length) { // cases have left the list since: its last page is another now
    write({ page: Math.ceil(answer.total / PAGE_SIZE) });
    await load();
    return;
  }
  bulk.reset();
  document.getElementById("total").textContent = _("共 {n} 件", { n: number(answer.total) });
  fill(list, answer.rows.length ? table(answer.rows) : nothing(state, isNarrow(asked)), pager(answer.total));
}

/** Whether more is asked for than a state and whose. */
function isNarrow({ late, category, q, from, to, grid }) {
  return Boolean(late || category || q || from || to || grid);
}

function nothing(state, narrow) {
  const text =
    state === "open" && !narrow
      ? _("没有在办案件。新上报的案件会出现在这里。")
      : _("没有符合条件的案件。可以放宽条件。");
  return emptyNote(text, h("a", { class: "button", href: "/cases/new" }, icon("plus-lg"), _("上报案件")));
}

function table(rows) {
  const names = [_("编号"), _("类别"), _("地点"), levelWord("grid"), _("状态"), _("期限")];
  return h(
    "table",
    { class: "cards-on-phone" },
    h("caption", { class: "visually-hidden" }, _("案件列表")),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        bulk.head(),
        names.map((name) => h("th", { scope: "col" }, name)),
      ),
    ),
    h("tbody", {}, rows.map(line)),
  );
}

function line(row) {
  const open = h("a", { href: `/cases/${encodeURIComponent(row.id)}` }, row.number);
  const away =
    row.distance_m === null || row.distance_m === undefined ? null : h("small", {}, distance(row.distance_m));
  return h(
    "tr",
    { class: row.overdue ? "late" : null },
    bulk.box(row),
    h("th", { scope: "row" }, open, " ", h("small", { class: "muted" }, sourceWord(row.source))),
    h(
      "td",
      {},
      categoryWord(row.category_name || row.category),
      " ",
      h("small", { class: `severity ${row.severity}` }, severityWord(row.severity)),
    ),
    h("td", {}, row.address || "—", " ", away),
    h("td", {}, row.grid_name || row.grid || _("未归入网格")),
    h("td", {}, stateWord(row.state), " ", flagsOf(row)),
    h("td", {}, deadline(row)),
  );
}

/** A deadline with its state as icon and word, never as colour alone. */
export function deadline(row) {
  if (hasEnded(row.state)) return h("span", { class: "load good" }, icon("check-circle"), stateWord(row.state));
  const at = h("small", { class: "muted" }, time(row.deadline));
  return h("span", {}, countdown(row), " ", at);
}

function pager(total) {
  const at = Number(read("page", "1"));
  const last = Math.ceil(total / PAGE_SIZE);
  if (last <= 1) return null;
  const step = (to, word) =>
    h(
      "button",
      {
        type: "button",
        class: "button",
        disabled: to < 1 || to > last,
        onclick: () => {
          write({ page: to > 1 ? to : "" });
          load();
        },
      },
      word,
    );
  return h(
    "nav",
    { class: "pager", "aria-label": _("翻页") },
    step(at - 1, _("上一页")),
    h("span", {}, _("第 {at} 页,共 {last} 页", { at, last })),
    step(at + 1, _("下一页")),
  );
}

/** The nearest first: from where the device is, else from where the map stood last. */
async function nearMe() {
  const { locateMe } = await import("../../static/map/pin.js");
  locateMe(
    (lon, lat) => {
      near = `${lon},${lat}`;
      load();
    },
    async (reason) => {
      if (page.community) near = lastCentre(page.community.bounds);
      await load();
      place.hidden = false;
      const text = reason + (near ? _("已按离地图中心由近到远排列。") : "");
      fill(place, h("p", { class: "notice amber" }, icon("exclamation-triangle"), text));
    },
  );
}
