// What has not gone out, as a card: what it is, why it waits, and what can be done with it.

import { fill, h, icon } from "../js/dom.js";
import { Problem } from "../js/fetch.js";
import { time } from "../js/format.js";
import { _ } from "../js/i18n.js";
import { page } from "../js/page.js";
import { again, exchange, forget, isForeign, isStale, me, newKey, refusalOf } from "./sending.js";

/** The card of an entry; `failure` is why it did not go out just now. */
export function waitingCard(entry, failure = null) {
  const foreign = isForeign(entry) || isStale();
  const refusal = refusalOf(entry);
  const card = h(
    "section",
    { class: "waiting-report", tabindex: "-1", "data-entry": entry.key },
    h("h2", {}, icon("clock"), _("还没有发出")),
    h("p", {}, `${entry.label} · ${time(new Date(entry.at).toISOString())}`),
    foreign ? null : contentOf(entry),
    h("p", {}, foreign ? foreignText(entry) : waitingText(failure, refusal)),
    entry.lostPhone ? h("p", { class: "notice amber" }, _("反映人电话不会留在这台设备上,发出时不带,请另行记下。")) : null,
    refusal ? h("p", { class: "notice bad" }, _("服务器没有接收:{why}", { why: refusal.message })) : null,
    h("p", { class: "row" }, foreign ? foreignWays(entry) : ways(entry, failure, refusal), button("trash", _("不发了,删除"), () => askForget(card, entry, foreign))),
    h("div", { class: "ask" }),
  );
  return card;
}

/** What can't be read now: it is neither shown nor deleted, and hides nothing else. */
export function unreadableCard(key, { retry, remove }) {
  const card = h(
    "section",
    { class: "waiting-report", tabindex: "-1", "data-entry": key },
    h("h2", {}, icon("exclamation-triangle"), _("有一份内容现在读不出来")),
    h("p", {}, _("它还存在这台设备里,没有删除,也还没有发出。请稍后再读;其他内容不受影响。")),
    h("p", { class: "row" }, button("arrow-clockwise", _("再读一次"), retry), button("trash", _("不发了,删除"), () => askGone(card, _("删除这份读不出来的内容?删除后不能恢复。"), remove))),
    h("div", { class: "ask" }),
  );
  return card;
}

/** What was written and photographed, so that nobody has to guess what waits. */
function contentOf({ body }) {
  const said = [body?.result, body?.reason, body?.description].filter(Boolean);
  const photos = [...(body?.photos || []), ...(body?.photo ? [body.photo] : [])];
  return [
    said.map((text) => h("p", { class: "said" }, text)),
    photos.length ? h("p", { class: "shots" }, photos.map((text) => h("img", { src: `data:image/jpeg;base64,${text}`, alt: _("照片") }))) : null,
  ];
}

function waitingText(failure, refusal) {
  if (refusal) return _("内容还存在这台设备里。请看下面的原因,可以再发一次,或删除。");
  const status = failure instanceof Problem ? failure.status : null;
  if (status === 429) return _("现在上报的人太多,内容已存在这台设备里,过一会儿自动发出。");
  if (status === 401) return _("登录已过期,内容已存在这台设备里,重新登录后自动发出。");
  return _("内容已存在这台设备里,连上网后自动发出,不会重复。");
}

/** Whose it is, and what sends it. */
function foreignText({ by }) {
  return by
    ? _("这份内容是 {name} 写的,存在这台设备里,等 {name} 登录后才会发出。", { name: by })
    : _("这份内容是没有登录时写的,存在这台设备里,退出登录后打开任何一页就会发出。");
}

function ways(entry, failure, refusal) {
  return [
    failure instanceof Problem && failure.status === 401 ? login() : null,
    button("arrow-clockwise", _("现在再发"), () => again(entry)),
    refusal && entry.instead ? button("send", _("作为新的一件上报"), () => reportInstead(entry)) : null,
  ];
}

/** The known case is open no more: what was to be added to it is told as a matter of its own. */
function reportInstead(entry) {
  const { instead, ...rest } = entry;
  return exchange(entry, { ...rest, key: newKey(), kind: "report", path: "/api/v1/cases", body: instead });
}

function foreignWays(entry) {
  if (entry.by === page.account) return h("a", { class: "button", href: window.location.pathname }, icon("arrow-clockwise"), _("刷新本页")); // the login has changed since
  if (!page.account) return login();
  return entry.by ? null : button("send", _("用我的账号 {name} 发出", { name: page.account }), () => exchange(entry, { ...entry, by: me() }));
}

function login() {
  return h("a", { class: "button", href: `/login?next=${encodeURIComponent(window.location.pathname)}` }, icon("person-circle"), _("登录"));
}

/** Nothing goes by one press: what is deleted is named first. */
function askForget(card, entry, foreign) {
  const { by, label } = entry;
  const words = foreign && by ? _("删除 {name} 写的“{label}”?删除后不能恢复。", { name: by, label }) : _("删除“{label}”?删除后不能恢复。", { label });
  askGone(card, words, () => forget(entry));
}

function askGone(card, words, act) {
  const place = card.querySelector(".ask");
  const yes = button("trash", _("确定删除"), act);
  const no = button("arrow-counterclockwise", _("留着"), () => fill(place));
  fill(place, h("div", { class: "notice amber", role: "alert" }, h("div", {}, h("p", {}, words), h("p", { class: "row" }, no, yes))));
  no.focus();
}

function button(name, words, onclick) {
  return h("button", { type: "button", class: "button", onclick }, icon(name), words);
}
