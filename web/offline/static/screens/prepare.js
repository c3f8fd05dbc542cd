// The first time: who is logged in, how much is loaded, and the PIN that closes it.

import { fill, h, icon } from "../../../static/js/dom.js";
import { number } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";
import { page } from "../../../static/js/page.js";
import { showFailure, waitIn } from "../../../static/js/status.js";
import { headFrom, hello, refresh } from "../store/bundle.js";
import { setPin } from "../store/session.js";
import { changeHead, prepare } from "../store/vault.js";

const MB = 1048576;
const PIN = /^[0-9]{8,12}$/;

/** Offer to prepare this phone, or say what stands in the way. */
export async function show(place, { opened }) {
  const status = h("div", { class: "status" });
  fill(place, h("h1", {}, _("离线工作")), status);
  const greeting = await waitIn(status, hello);
  if (!greeting) return;
  place.append(contentOf(greeting, opened));
}

function contentOf(greeting, opened) {
  if (!canKeep()) return note("exclamation-triangle", cannotKeep(), ways());
  if (greeting.state === "stopped") return note("lock", _("这台手机已停用,离线数据已删除。"), ways());
  if (!greeting.account) return note("person-circle", _("请先用密码登录,再回到这里准备离线数据。"), h("a", { class: "button primary", href: "/login?next=/m/" }, _("登录")));
  if (!greeting.holding) return note("info-circle", _("这个账号没有负责的网格或楼栋,不用准备离线数据。"), ways());
  return form(greeting, opened);
}

/** Whether this browser can seal and keep anything at all. */
function canKeep() {
  return Boolean(globalThis.isSecureContext && crypto.subtle && globalThis.indexedDB && "serviceWorker" in navigator) && !isWeChat();
}

function isWeChat() {
  return navigator.userAgent.includes("MicroMessenger");
}

function cannotKeep() {
  return isWeChat() ? _("微信里不能离线使用。请点右上角“…”,选“在浏览器打开”。") : _("这个浏览器或这个网址(不是 HTTPS)不能离线使用。请用普通页面。");
}

function ways() {
  return h("a", { class: "button", href: "/" }, _("打开普通页面"));
}

function note(sign, words, way) {
  return h("div", { class: "notice" }, icon(sign), h("div", {}, h("p", {}, words), way));
}

function form(greeting, opened) {
  const { size, until } = greeting.holding;
  const status = h("div", { class: "status", "aria-live": "polite" });
  const fields = [field("pin", _("PIN(8 到 12 位数字)")), field("pin-again", _("再输一次 PIN"))];
  const button = h("button", { class: "button primary" }, icon("download"), _("准备"));
  const body = h(
    "form",
    { class: "box stacked", id: "prepare", autocomplete: "off", novalidate: true },
    h("p", {}, offer(size, until, greeting.now)),
    h("p", { class: "note" }, _("手机须设锁屏密码。PIN 挡得住捡到手机的人,挡不住专门破解的人:手机丢了请马上告诉社区停用。")),
    fields,
    status,
    button,
    h("a", { class: "button", href: "/" }, _("不用")),
  );
  body.addEventListener("submit", (event) => {
    event.preventDefault();
    make(body, { greeting, status, button, opened });
  });
  return body;
}

function offer({ bytes, households, persons }, until, now) {
  const hours = Math.round((Date.parse(until) - Date.parse(now)) / 3600000);
  const size = number(Math.max(0.1, bytes / MB), 1);
  return _("为这台手机准备离线数据。约 {size} MB,含您负责的 {n} 户、{persons} 人的登记信息。只在本机加密保存,{hours} 小时不联网就锁定。", { size, n: number(households), persons: number(persons), hours });
}

function field(id, words) {
  return [h("label", { for: id }, words), h("input", { id, type: "password", inputmode: "numeric", pattern: "[0-9]*", maxlength: 12, autocomplete: "off", required: true })];
}

async function make(body, { greeting, status, button, opened }) {
  const [pin, again] = ["pin", "pin-again"].map((id) => body.querySelector(`#${id}`).value);
  const fault = faultOf(pin, again);
  fill(status, fault ? h("p", { class: "notice bad", role: "alert" }, icon("exclamation-octagon"), fault) : null);
  if (fault) return;
  button.disabled = true;
  try {
    await load(pin, greeting, status);
    await opened();
  } catch (failure) {
    showFailure(status, failure);
  } finally {
    button.disabled = false;
  }
}

function faultOf(pin, again) {
  if (!PIN.test(pin)) return _("PIN 是 8 到 12 位数字。");
  if (isPlain(pin)) return _("PIN 不能是同一个数字,也不能是连号。");
  return pin === again ? null : _("两次输入的 PIN 不一样。");
}

function isPlain(pin) {
  const steps = new Set([...pin].slice(1).map((figure, place) => Number(figure) - Number(pin[place])));
  return steps.size === 1 && [-1, 0, 1].includes([...steps][0]);
}

async function load(pin, greeting, status) {
  fill(status, h("p", { class: "waiting" }, _("正在准备…")), h("progress", { "aria-label": _("载入中") }));
  if (!(await setPin(pin, pin))) throw new Error(_("服务器没有接收这个 PIN。"));
  const fresh = await hello(); // with the version of the new PIN
  await prepare(pin, { account: greeting.account, name: greeting.page.account });
  await changeHead({ ...headFrom(fresh), until: Date.parse(fresh.holding.until) });
  Object.assign(page, fresh.page);
  const { state } = await refresh();
  if (state !== "fresh") throw new Error(state);
  await navigator.storage?.persist?.().catch(() => null);
}
