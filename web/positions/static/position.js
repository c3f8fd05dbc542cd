// Setting the place of one household or case: a pin on the map, what follows from it, save, and take back.

import { fill, h, icon } from "../../static/js/dom.js";
import { getJson, removeJson, sendJson } from "../../static/js/fetch.js";
import { time } from "../../static/js/format.js";
import { startFrame } from "../../static/js/frame.js";
import { showGrids } from "../../static/map/grids.js";
import { groundOf } from "../../static/map/ground.js";
import { _ } from "../../static/js/i18n.js";
import { flyTo, markPlace, openMap } from "../../static/map/map.js";
import { page } from "../../static/js/page.js";
import { locateMe, nearBorder, openPin, otherWay } from "../../static/map/pin.js";
import { beside, showFailure, waitIn } from "../../static/js/status.js";
import { levelWord } from "../../static/js/words.js";

const here = page.position;
const [status, now, ways, where, changes, save] = ["status", "now", "ways", "where", "changes", "save"].map((id) =>
  document.getElementById(id),
);
const self = { place: null, building: null };
const view = openMap();
const pin = openPin(view, where, (place) => keep(place), tried);

startFrame((result) => {
  if (result.lon === null || result.lon === undefined) return;
  choose(result.lon, result.lat, result.kind === "building" ? result.id : null);
});
save.addEventListener("click", () => send(() => sendJson(here, self.place), save));
showGrids(view);
load();

/** Put the pin somewhere: at a point, or in a building, whose middle the point is. */
function choose(lon, lat, building = null) {
  flyTo(view.map, lon, lat);
  self.building = building;
  pin.set(lon, lat);
  self.building = null;
}

function keep({ lon, lat }) {
  self.place = self.building ? { building: self.building } : { lon, lat };
  save.disabled = true; // until it is known that the place will do
}

async function tried() {
  const place = self.place;
  const answer = await getJson(`${here}/tried`, place);
  if (place === self.place) save.disabled = false;
  return [said(answer), nearBorder(answer)];
}

function said(answer) {
  return h(
    "p",
    { class: "notice good" },
    icon("check-circle"),
    h("span", {}, _("将放在"), " ", h("strong", {}, placeOf(answer))),
  );
}

function placeOf({ building, grid_name: name, grid }) {
  return [name || grid || _("未归入网格"), building ? building.address : _("不在楼栋里")].join(" · ");
}

async function load() {
  const row = await waitIn(status, () => getJson(here));
  if (!row) return;
  show(row);
  if (row.lon === null) return;
  if (isFar(row)) return;
  flyTo(view.map, row.lon, row.lat, 17);
  markPlace(view.map, row.lon, row.lat);
}

function isFar({ lon, lat }) {
  return lon !== null && !groundOf(page.community.bounds).contains([lat, lon]);
}

function show(row) {
  const fact = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, value));
  fill(
    now,
    row.lon === null ? h("p", { class: "notice amber" }, icon("exclamation-triangle"), _("还没有位置。")) : null,
    isFar(row)
      ? h("p", { class: "notice amber" }, icon("exclamation-triangle"), _("现在的位置离社区很远,多半有误,请重新定位。"))
      : null,
    h(
      "dl",
      { class: "facts" },
      fact(levelWord("grid"), row.grid_name || row.grid || _("未归入网格")),
      fact(_("楼栋"), row.building ? row.building.address : "—"),
    ),
  );
  fill(ways, suggestion(row.suggested), centre(), mine());
  fill(changes, history(row));
}

function suggestion(building) {
  if (!building) return null;
  return h(
    "button",
    { type: "button", class: "button", onclick: () => choose(building.lon, building.lat, building.id) },
    icon("building"),
    _("按地址放到 {building}", { building: building.address }),
  );
}

function centre() {
  const put = () => {
    const { lng, lat } = view.map.getCenter();
    pin.set(lng, lat);
  };
  return h("button", { type: "button", class: "button", onclick: put }, icon("geo-alt"), _("放在地图中央"));
}

function mine() {
  const failed = (text) => fill(where, h("p", { class: "notice amber" }, icon("exclamation-triangle"), text + otherWay()));
  return h(
    "button",
    { type: "button", class: "button", onclick: () => locateMe((lon, lat) => choose(lon, lat), failed) },
    icon("crosshair"),
    _("定位到我这里"),
  );
}

function history(row) {
  if (!row.changes.length) return null;
  const line = (change) =>
    h("li", {}, h("span", { class: "muted" }, time(change.at)), ` ${change.by || "–"}`, change.undone ? ` · ${_("已撤回")}` : "");
  return [
    h("h2", {}, _("人工定位记录")),
    h("ul", { class: "plain record" }, row.changes.map(line)),
    row.can_undo
      ? h("button", { type: "button", class: "button", onclick: (event) => send(() => removeJson(here), event.currentTarget) }, _("撤回上一次"))
      : null,
  ];
}

async function send(work, button) {
  save.disabled = true;
  try {
    const answer = await work();
    fill(where, h("p", { class: "notice good", role: "status" }, icon("check-circle"), h("span", {}, _("已保存。"), " ", placeOf(answer))));
    self.place = null;
    await load();
  } catch (failure) {
    save.disabled = !self.place;
    showFailure(beside(button), failure);
  }
}
