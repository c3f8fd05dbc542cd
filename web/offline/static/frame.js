// What stands around every screen: the bar with how old the data are, the tabs, and whether the network was there.

import { fill, h, icon } from "../../static/js/dom.js";
import { time } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { page } from "../../static/js/page.js";
import { isOnline, onContact } from "./store/bundle.js";
import { headOf, isOpen, phoneNow } from "./store/vault.js";

const TABS = [
  ["today", "list-check", () => _("今日")],
  ["find", "search", () => _("查找")],
  ["map", "map", () => _("地图")],
  ["cases", "clipboard-check", () => _("案件")],
  ["phone", "person-circle", () => _("我的")],
];
const bar = document.querySelector("header.top");
const tabs = h("nav", { class: "tabs", "aria-label": _("主导航") });

/** Put the frame up; it follows each try to reach the server. */
export function startFrame() {
  document.body.append(tabs);
  onContact(showChip);
}

/** The bar and the tabs as they are now; `name` is the screen that is open. Without tabs while the phone is locked. */
export async function showFrame(name) {
  const { large } = await headOf();
  document.documentElement.classList.toggle("large", Boolean(large));
  fill(
    bar,
    h("a", { class: "brand", href: "#/today" }, icon("bounding-box"), h("span", {}, page.community?.name || _("社区网格"))),
    h("span", { class: "data-chip", id: "data-chip", role: "status" }),
  );
  tabs.hidden = !isOpen();
  fill(
    tabs,
    TABS.map(([key, sign, word]) => h("a", { href: `#/${key}`, "aria-current": key === name ? "page" : null }, icon(sign), h("span", {}, word()))),
  );
  await showChip();
}

/** "● 已同步 09:12", or "○ 离线 · 资料截至 08:40"; before the first try neither is claimed. Of today the clock alone. */
async function showChip() {
  const chip = document.getElementById("data-chip");
  if (!chip) return;
  const { seen } = await headOf();
  if (!seen || !isOpen()) {
    fill(chip);
    return;
  }
  const online = isOnline();
  const at = clock(seen);
  chip.classList.toggle("offline", online === false);
  chip.textContent = online ? _("● 已同步 {at}", { at }) : online === false ? _("○ 离线 · 资料截至 {at}", { at }) : _("资料截至 {at}", { at });
}

function clock(moment) {
  const [day, hour] = time(new Date(moment).toISOString()).split(" ");
  const [today] = time(new Date(phoneNow()).toISOString()).split(" ");
  return day === today ? hour : `${day.slice(5)} ${hour}`;
}
