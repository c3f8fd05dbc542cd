// Requests to our own server, and their problems in plain words.

import { _ } from "./i18n.js";
import { page } from "./page.js";

/** A request that failed: status 0 means that the server could not be reached. */
export class Problem extends Error {
  constructor(status, body = {}) {
    super(body.detail || body.title || `status ${status}`);
    this.status = status;
    this.detail = body.detail || "";
    this.faults = body.faults || [];
    this.mend = body.mend || null; // the edit that can be sent instead
  }
}

/** An address with parameters; empty ones are left out, lists are repeated. */
export function address(path, parameters = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== null && item !== undefined && item !== "") query.append(name, item);
    }
  }
  const text = query.toString();
  if (!text) return path;
  return `${path}${path.includes("?") ? "&" : "?"}${text}`;
}

async function request(path, options) {
  let answer;
  try {
    answer = await fetch(path, { credentials: "same-origin", ...options });
  } catch (failure) {
    if (failure.name === "AbortError") throw failure;
    throw new Problem(0);
  }
  const isJson = (answer.headers.get("Content-Type") || "").includes("json");
  const body = isJson ? await answer.json() : {};
  if (!answer.ok) throw new Problem(answer.status, body);
  return body;
}

let resolver = null;

/** Let a program answer from what it holds: `(path, parameters)` gives the answer, or nothing where the server is asked. */
export function answerFrom(local) {
  resolver = local;
}

/** JSON from an address; community and parameters are added. With `direct` the server is asked in any case. */
export async function getJson(path, parameters = {}, { signal, direct = false } = {}) {
  const own = direct || !resolver ? undefined : await resolver(path, parameters);
  if (own !== undefined) return own;
  const community = page.community ? page.community.code : null;
  const headers = { Accept: "application/json" };
  return request(address(path, { community, ...parameters }), { headers, signal });
}

/** Send JSON with the page's token; extra headers carry an idempotency key, `patience` is for how long, in ms. */
export function sendJson(path, body, headers = {}, patience = null) {
  return request(here(path), { ...posted(body, headers), ...(patience ? { signal: AbortSignal.timeout(patience) } : {}) });
}

/** Send what must arrive even if the page goes away meanwhile: at most 64 KB. */
export function sendKept(path, body) {
  return request(here(path), { ...posted(body), keepalive: true });
}

function here(path) {
  return address(path, { community: page.community ? page.community.code : null });
}

function posted(body, headers = {}) {
  return {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json",
      "X-CSRFToken": page.csrf || "",
      ...headers,
    },
    body: JSON.stringify(body),
  };
}

/** Send bytes or a form with files with the page's token. */
export function sendFile(path, method, body, kind = null) {
  const headers = { Accept: "application/json", "X-CSRFToken": page.csrf || "", ...(kind ? { "Content-Type": kind } : {}) };
  return request(here(path), { method, headers, body });
}

/** Take something away with the page's token: the last edit of a plan, a whole plan. */
export function removeJson(path) {
  const community = page.community ? page.community.code : null;
  const headers = { Accept: "application/json", "X-CSRFToken": page.csrf || "" };
  return request(address(path, { community }), { method: "DELETE", headers });
}

const SENTENCES = {
  0: () => _("网络不通,没有连上服务器。本页内容仍在,请稍后再试。"),
  401: () => _("登录已过期。请重新登录;已填写的内容仍在本页。"),
  403: () => _("您的账号不能查看或办理这一项。"),
  404: () => _("没有找到,或不在您的范围内。"),
  409: () => _("内容已被别人更新,请刷新后再试。"),
  413: () => _("内容太大,服务器没有接收。"),
  422: () => _("填写的内容有误,请改正后再提交。"),
  429: () => _("操作太频繁,请过一会儿再试。"),
};

/** A fault with the name of its field in front, unless the sentence names it. */
function named(fault) {
  const field = fault.label || fault.field;
  return field && !fault.message.includes(fault.label) ? _("{field}:{message}", { field, message: fault.message }) : fault.message;
}

/** What to tell a person about a failed request: what happened and what to do. */
export function sentences(problem) {
  if (!(problem instanceof Problem)) return [_("页面出错了,请刷新后再试。")];
  const known = SENTENCES[problem.status];
  const first = known ? known() : _("服务器出错,没有办成。已填写的内容仍在,请稍后再试。");
  const details = problem.faults.length ? problem.faults.map(named) : [problem.detail];
  const wanted = [404, 409, 422, 429].includes(problem.status) ? details.filter(Boolean) : [];
  return problem.status === 409 && wanted.length ? wanted : [first, ...wanted]; // the server knows what is in the way
}
