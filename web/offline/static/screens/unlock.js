// The PIN: before it nothing is shown but how things stand.

import { fill, h, icon } from "../../../static/js/dom.js";
import { number } from "../../../static/js/format.js";
import { _ } from "../../../static/js/i18n.js";
import { refresh } from "../store/bundle.js";
import { continueWithPin } from "../store/session.js";
import { headOf, TRIES, unlock } from "../store/vault.js";

/** Ask for the PIN; where the time is over or the clock was set back, ask for the network first. */
export async function show(place, { why, again, opened }) {
  const head = await headOf();
  fill(place, h("h1", {}, head.name), why ? barred(why, again) : form(head, { again, opened }));
  place.querySelector("input")?.focus();
}

function barred(why, again) {
  const words = why === "clock" ? _("手机时间不对(比上次联网时还早),请校正时间或连网。") : _("离线数据已到期,请连网更新。没发出的记录仍在手机里。");
  const status = h("div", { class: "status", "aria-live": "polite" });
  const button = h("button", { type: "button", class: "button primary" }, icon("arrow-clockwise"), _("连网更新"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    const { state, greeting } = await refresh().catch(() => ({ state: "offline" }));
    button.disabled = false;
    if (state === "offline") fill(status, h("p", { class: "notice bad", role: "alert" }, _("网络不通,没有连上服务器。")));
    else if (state === "pin") fill(status, login(greeting));
    else await renewed(state, greeting, again);
  });
  return h("div", { class: "box" }, h("p", { class: "notice amber" }, icon("clock"), words), status, button);
}

/** The server has answered: the time begins anew, and the PIN is asked for. */
async function renewed(state, greeting, again) {
  if (state === "locked") {
    const { changeHead } = await import("../store/vault.js");
    const { headFrom } = await import("../store/bundle.js");
    await changeHead(headFrom(greeting));
  }
  await again();
}

function login() {
  return h("p", {}, h("a", { class: "button", href: "/login?next=/m/" }, _("用 PIN 或密码登录")));
}

function form(head, { again, opened }) {
  const status = h("div", { class: "status", "aria-live": "polite" });
  const input = h("input", { id: "pin", type: "password", inputmode: "numeric", pattern: "[0-9]*", maxlength: 12, autocomplete: "off", required: true });
  const body = h(
    "form",
    { class: "box stacked", id: "unlock", autocomplete: "off", novalidate: true },
    h("label", { for: "pin" }, _("输入 PIN 打开今天的工作")),
    input,
    h("p", { class: "note" }, _("还可试 {n} 次;输错 {most} 次会删除本机的离线数据,没发出的记录不会丢。", { n: number(TRIES - (head.tries || 0)), most: number(TRIES) })),
    status,
    h("button", { class: "button primary" }, icon("unlock"), _("打开")),
    h("details", {}, h("summary", {}, _("忘记 PIN")), h("p", {}, _("联网后用密码登录,重新设置 PIN 并准备离线数据。没发出的记录会照常发出。")), h("a", { class: "button", href: "/login?next=/m/" }, _("用密码登录"))),
  );
  body.addEventListener("submit", async (event) => {
    event.preventDefault();
    const pin = input.value;
    const { opened: isRight, left } = await unlock(pin);
    if (!isRight) {
      if (!left) return again();
      input.value = "";
      return fill(status, h("p", { class: "notice bad", role: "alert" }, icon("exclamation-octagon"), _("PIN 不对,还可试 {n} 次。", { n: number(left) })));
    }
    await opened();
    return goOn(pin, opened);
  });
  return body;
}

/** A PIN that opened what is held opens the remembered session, too: a slip never counts there. */
async function goOn(pin, opened) {
  const { state } = await refresh().catch(() => ({ state: "offline" }));
  if (state === "pin" && (await continueWithPin(pin).catch(() => false))) await opened();
}
