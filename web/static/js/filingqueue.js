// Sending reports: kept first, then sent; what the network or a busy server holds up goes out later by itself.

import { membersList } from "./card.js";
import { fill, h, icon } from "./dom.js";
import { Problem, sendJson } from "./fetch.js";
import { photoNotes, refusedPhotos, withoutPhotos } from "./filingphotos.js";
import { number, time } from "./format.js";
import { _ } from "./i18n.js";
import { drop, keep, kept } from "./outbox.js";
import { may } from "./page.js";

const AGAIN_MS = 20000;
const NEAR_M = 15;
const LEAST_MS = 2500;
const LATER = [0, 400, 408, 429];

/** The queue; `place` shows what still waits and what went out since. */
export function openQueue(place) {
  const self = { place, busy: new Set() };
  const sendAll = async () => {
    for (const entry of await all()) if (!entry.answer) await later(self, entry);
  };
  return {
    send: (entry) => first(self, entry),
    start: async () => {
      for (const entry of await all()) self.place.append(cardOf(self, entry));
      await sendAll();
      window.addEventListener("online", sendAll);
      setInterval(sendAll, AGAIN_MS);
    },
  };
}

async function all() {
  try {
    return await kept();
  } catch {
    return []; // a browser that keeps nothing
  }
}

/** Whether a failure passes: the network, a busy or broken server, too many at once, a page that is too old. */
function passes(failure) {
  return !(failure instanceof Problem) || LATER.includes(failure.status) || failure.status >= 500;
}

async function first(self, entry) {
  const isKept = await keep(entry).then(() => true, () => false);
  self.busy.add(entry.key);
  try {
    const answer = await post(entry);
    if (isKept) await drop(entry.key);
    return receipt(answer);
  } catch (failure) {
    if (!passes(failure) && isKept) await drop(entry.key);
    if (!passes(failure) || !isKept) throw failure; // the form stands as it is, with what was typed
    return waiting(self, entry, failure);
  } finally {
    self.busy.delete(entry.key);
  }
}

async function later(self, entry) {
  if (self.busy.has(entry.key)) return;
  self.busy.add(entry.key);
  try {
    const answer = await post(entry);
    const sent = { ...entry, answer, body: null };
    await keep(sent); // the receipt code stays here until it was read
    replace(self, sent);
  } catch (failure) {
    if (!passes(failure)) replace(self, { ...entry, refused: failure.message });
  } finally {
    self.busy.delete(entry.key);
  }
}

/** Send a report; photos that the server can't take stay behind, and the answer names them. */
async function post({ key, body }) {
  const early = body.opened ? LEAST_MS - performance.now() : 0;
  if (early > 0) await new Promise((resolve) => setTimeout(resolve, early)); // faster than any person: taken for a machine
  const send = (one) => sendJson("/api/v1/cases", one, { "Idempotency-Key": key });
  try {
    return await send(body);
  } catch (failure) {
    const refused = refusedPhotos(failure, body);
    if (!refused.length) throw failure;
    return { ...(await send(withoutPhotos(body, refused))), photos_refused: refused };
  }
}

function replace(self, entry) {
  const old = document.querySelector(`[data-entry="${entry.key}"]`);
  const fresh = cardOf(self, entry);
  if (old) old.replaceWith(fresh);
  else self.place.append(fresh);
}

function cardOf(self, entry) {
  if (!entry.answer) return waiting(self, entry, null);
  const card = receipt(entry.answer);
  card.dataset.entry = entry.key;
  const forget = async () => {
    await drop(entry.key);
    card.remove();
  };
  card.append(h("button", { type: "button", class: "button", onclick: forget }, icon("check-circle"), _("我已记下受理码")));
  return card;
}

function waiting(self, entry, failure) {
  const isTooMany = failure instanceof Problem && failure.status === 429;
  const again = h("button", { type: "button", class: "button", onclick: () => later(self, entry) }, icon("arrow-clockwise"), _("现在再试"));
  const forget = h("button", { type: "button", class: "button", onclick: () => forgetEntry(entry, card) }, icon("trash"), _("不报了,删除"));
  const card = h(
    "section",
    { class: "waiting-report", tabindex: "-1", "data-entry": entry.key },
    h("h2", {}, icon("clock"), _("还没有发出")),
    h("p", {}, `${entry.label} · ${time(new Date(entry.at).toISOString())}`),
    h("p", {}, isTooMany ? _("现在上报的人太多,内容已存在这台设备里,过一会儿自动发出。") : _("内容已存在这台设备里,连上网后自动发出,不会重复。")),
    entry.refused ? h("p", { class: "notice bad" }, _("服务器没有接收:{why}", { why: entry.refused })) : null,
    h("p", { class: "row" }, again, forget),
  );
  return card;
}

async function forgetEntry(entry, card) {
  await drop(entry.key).catch(() => null);
  card.remove();
}

/** What was taken down: number, receipt code, grid and deadline, and whom to call. */
export function receipt(answer) {
  const metres = answer.near_border_m;
  const isNear = metres !== null && metres !== undefined && metres < NEAR_M;
  return h(
    "section",
    { class: "receipt", tabindex: "-1" },
    h("h2", {}, icon("check-circle"), _("已上报")),
    photoNotes(answer.photos_refused || []),
    h(
      "dl",
      { class: "facts" },
      pair(_("案件编号"), answer.number),
      h("div", {}, h("dt", {}, _("受理码")), h("dd", { class: "code" }, answer.receipt)),
      pair(_("网格"), answer.grid_name || answer.grid || _("由社区人工分派")),
      pair(_("办理期限"), time(answer.deadline)),
    ),
    isNear ? h("p", { class: "note" }, _("离网格边界 {n} 米,网格员会核对位置。", { n: number(metres) })) : null,
    h("p", { class: "note" }, _("请记下受理码(可截屏),可凭它查询进度、评价。")),
    h("p", { class: "row" }, links(answer)),
    fill(h("div", {}), membersList(answer.members || [])),
  );
}

/** Who may see cases opens it; everybody may follow it by its code. */
function links({ id, receipt: code }) {
  const follow = h("a", { class: may("cases") ? "button" : "button primary", href: `/receipt#${code}` }, icon("search"), _("查询进度"));
  if (!may("cases")) return [follow];
  return [h("a", { class: "button primary", href: `/cases/${encodeURIComponent(id)}` }, _("打开案件")), follow];
}

function pair(name, value) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value || "—"));
}
