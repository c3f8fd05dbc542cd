// A record on its way: one id until it has arrived, however often it is sent and whatever is changed meanwhile.

import { sendJson } from "../../static/js/fetch.js";
import { _ } from "../../static/js/i18n.js";
import { newId } from "../../static/js/ids.js";
import { page } from "../../static/js/page.js";

/** The way of a record that isn't known to have arrived: its id, what it corrects, and when it was filled. */
export function newWay(corrects = null) {
  return { id: newId(), corrects, isFollowing: false, day: page.today, filledAt: new Date().toISOString() };
}

/**
 * Send a record; `links` go with a new one, `reason` with a correction. Where its id holds other answers already, an
 * earlier try has arrived: these follow as its correction, and the answer has `follows`.
 */
export async function deliver(way, record, post = sendJson) {
  try {
    return await send(way, record, post);
  } catch (failure) {
    if (failure.status !== 409) throw failure;
    return follow(way, record, post, failure);
  }
}

async function send(way, { body, links = {}, reason }, post) {
  if (!way.corrects) return post("/api/v1/records", { ...body, ...links, id: way.id });
  const path = `/api/v1/records/${encodeURIComponent(way.corrects)}/correct`;
  if (!way.isFollowing) return post(path, { ...body, reason, id: way.id });
  const words = reason || _("送出时断线,之后又有改动");
  return { ...(await post(path, { ...body, bases: {}, reason: words, id: way.id })), follows: true }; // the register has the first already
}

async function follow(way, record, post, refusal) {
  const next = { ...way, id: newId(), corrects: way.id, isFollowing: true };
  try {
    return await send(next, record, post);
  } catch (failure) {
    if (failure.status === 404) throw refusal; // nothing of ours is kept under that id
    Object.assign(way, next);
    throw failure;
  }
}
