// What lies on this phone, until when, and how to take it away.

import { fill, h, icon } from "../../../static/js/dom.js";
import { day, number, time } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";
import { page } from "../../../static/js/page.js";
import { hello, refresh, setLarge } from "../store/bundle.js";
import { logOut } from "../store/session.js";
import { headOf, lock, wipe } from "../store/vault.js";

/** The phone's own page. */
export async function show(place, { again }) {
  const head = await headOf();
  const status = h("div", { class: "status", "aria-live": "polite" });
  fill(
    place,
    h("h1", {}, head.name),
    h("dl", { class: "facts wide-facts" }, facts(head)),
    status,
    h(
      "p",
      { class: "answers" },
      button("arrow-clockwise", _("现在更新"), () => update(status, again)),
      button("lock", _("锁定"), lock),
      h("a", { class: "button", href: "#/stations" }, icon("geo-alt"), _("站点与电话")),
      button("sort-up", head.large ? _("正常字号") : _("大字号"), () => setLarge(!head.large).then(again)),
      button("translate", page.lang === "zh" ? "English" : "中文", () => speak(page.lang === "zh" ? "en" : "zh")),
    ),
    h("p", { class: "answers" }, h("a", { class: "button", href: "/devices" }, icon("lock"), _("手机与离线数据")), h("a", { class: "button", href: "/" }, icon("house-door"), _("普通页面(要有网络)"))),
    h("section", { class: "box", id: "leave" }, h("h2", {}, _("不再使用这台手机")), h("p", { class: "note" }, _("退出登录会删除本机的离线数据。没发出的记录留在手机里,下次登录再发。")), leaving(status, again)),
  );
}

function facts({ grants = [], size, seen, until, deleteDays }) {
  const rows = [
    [_("负责"), grants.map(({ name }) => name).join("、") || "—"],
    [_("存有"), _("{n} 户,{persons} 人", { n: number(size?.households), persons: number(size?.persons) })],
    [_("资料截至"), time(new Date(seen).toISOString())],
    [_("不联网就锁定"), time(new Date(until).toISOString())],
    [_("再不联网就删除"), day(new Date(seen + deleteDays * 86400000).toISOString())],
  ];
  return rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)));
}

async function update(status, again) {
  fill(status, h("p", { class: "waiting" }, _("正在更新…")));
  const { state, lost = [] } = await refresh().catch(() => ({ state: "offline" }));
  if (state === "offline") return fill(status, h("p", { class: "notice bad", role: "alert" }, _("网络不通,没有连上服务器。")));
  if (state === "pin") return fill(status, h("p", { class: "notice amber" }, h("a", { href: "/login?next=/m/" }, _("请重新登录"))));
  await again();
  const words = lost.map(({ name, to }) => _("{name}已移交给{to},本机里的数据已删除。", { name, to: to || "—" }));
  return words.length ? document.querySelector("#main .status")?.append(...words.map((text) => h("p", { class: "notice amber" }, text))) : null;
}

function speak(language) {
  localStorage.setItem("gisgrid-lang", language);
  window.location.reload();
}

function leaving(status, again) {
  const place = h("div", { class: "answers" });
  const ask = () =>
    fill(
      place,
      h("p", {}, _("删除本机的离线数据并退出登录?")),
      button("arrow-counterclockwise", _("先不退出"), () => fill(place, start)),
      button("trash", _("删除并退出"), () => leave(status, again)),
    );
  const start = button("box-arrow-right", _("退出登录"), ask);
  return fill(place, start);
}

async function leave(status, again) {
  await wipe();
  await hello().then(logOut).catch(() => fill(status, h("p", { class: "notice amber" }, _("没有网络:数据已删除,登录在联网后再退出。"))));
  await again();
}

function button(sign, words, onclick) {
  return h("button", { type: "button", class: "button", onclick }, icon(sign), words);
}
