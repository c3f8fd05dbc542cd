// Which screen is shown: preparing, unlocking, or what the address names; and when the phone locks itself.

import { fill, h, icon } from "../../static/js/dom.js";
import { answerFrom } from "../../static/js/fetch.js";
import { _ } from "../../static/js/i18n.js";
import { page } from "../../static/js/page.js";
import { answerTo } from "./data/reading.js";
import { showFrame, startFrame } from "./frame.js";
import { refresh } from "./store/bundle.js";
import { barrier, headOf, isOpen, lock, onLock, phoneNow } from "./store/vault.js";

const SCREENS = {
  today: () => import("./screens/today.js"),
  find: () => import("./screens/find.js"),
  map: () => import("./screens/map.js"),
  cases: () => import("./screens/cases.js"),
  phone: () => import("./screens/phone.js"),
  buildings: () => import("./screens/doors.js"),
  households: () => import("./screens/household.js"),
  stations: () => import("./screens/stations.js"),
};
const OLD_MS = 7200000; // older data are brought up to date by themselves
const main = document.getElementById("main");
const self = { end: null, timer: null, turn: 0 };

/** Start the program. */
export async function start() {
  answerFrom(answerTo);
  startFrame();
  keepProgram();
  onLock(show);
  window.addEventListener("hashchange", show);
  document.addEventListener("click", followInside);
  for (const sign of ["pointerdown", "keydown"]) document.addEventListener(sign, waitToLock, { passive: true });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && lookAgain());
  await show();
}

/** Show what the address names, as far as the phone is open. */
export async function show() {
  const turn = ++self.turn;
  self.end?.();
  self.end = null;
  const why = isOpen() ? await barrierWhileOpen() : await barrier();
  if (turn !== self.turn) return;
  const { name, id, query } = target();
  const load = !isOpen() ? gate(why) : SCREENS[name] || SCREENS.today;
  await showFrame(isOpen() ? name : "");
  const screen = await load();
  if (turn !== self.turn) return;
  const place = h("div", { class: "page narrow-page" });
  fill(main, place);
  self.end = (await screen.show(place, { id, query, why, again: show, opened })) || null;
  main.scrollTop = 0;
}

function gate(why) {
  return why === "empty" ? () => import("./screens/prepare.js") : () => import("./screens/unlock.js");
}

/** What is open shuts itself once its time is over. */
async function barrierWhileOpen() {
  const why = await barrier();
  if (why) lock();
  return why;
}

/** After the PIN: rights and words of the account come from what is held, then what is new from the server. */
async function opened() {
  const head = await headOf();
  if (head.page) Object.assign(page, head.page, { csrf: page.csrf });
  waitToLock();
  await show();
  await lookAgain();
}

async function lookAgain() {
  const { seen } = await headOf();
  if (!isOpen()) return;
  if (seen && phoneNow() - seen < OLD_MS && page.csrf) return;
  const { state } = await refresh().catch(() => ({ state: "offline" }));
  if (state === "fresh") await show();
}

function target() {
  const [path, query] = window.location.hash.replace(/^#\/?/, "").split("?");
  const [name, id] = path.split("/");
  return { name: name || "today", id: id ? decodeURIComponent(id) : null, query: new URLSearchParams(query || "") };
}

/** Links that shared parts write for the ordinary pages lead to the same thing here. */
function followInside(event) {
  const link = event.target.closest?.("a[href]");
  const inside = link && insideOf(link.getAttribute("href"));
  if (!inside) return;
  event.preventDefault();
  window.location.hash = inside;
}

function insideOf(href) {
  const things = [
    [/^\/households\/([^/?]+)$/, "households"],
    [/^\/buildings\/([^/?]+)\/doors$/, "buildings"],
    [/^\/cases\/([^/?]+)$/, "cases"],
  ];
  const known = things.map(([pattern, name]) => [href.match(pattern), name]).find(([match]) => match);
  return known ? `#/${known[1]}/${known[0][1]}` : null;
}

async function waitToLock() {
  clearTimeout(self.timer);
  if (!isOpen()) return;
  const { lockMinutes = 15 } = await headOf();
  clearTimeout(self.timer);
  self.timer = setTimeout(lock, lockMinutes * 60000);
}

/** The worker keeps the program itself; a newer one takes over at the next start, or by the button. */
function keepProgram() {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register("/m/sw.js", { scope: "/m/", updateViaCache: "none" }).then(
    (registration) => registration.addEventListener("updatefound", () => offerNew(registration)),
    () => null, // without HTTPS there is none: the program works while the network does
  );
}

function offerNew(registration) {
  const fresh = registration.installing;
  fresh.addEventListener("statechange", () => {
    if (fresh.state !== "installed" || !navigator.serviceWorker.controller) return;
    const button = h("button", { type: "button", class: "button" }, _("换成新版本"));
    button.addEventListener("click", () => {
      navigator.serviceWorker.addEventListener("controllerchange", () => window.location.reload());
      fresh.postMessage("take over");
    });
    main.prepend(h("p", { class: "notice", role: "status", id: "new-version" }, icon("info-circle"), h("span", {}, _("有新版本。没发出的记录不会丢。")), button));
  });
}
