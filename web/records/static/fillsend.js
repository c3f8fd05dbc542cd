// A filled form on its way: photos first, then the record, under one id until it has arrived.

import { sendFile } from "../../static/js/fetch.js";
import { page } from "../../static/js/page.js";
import { bytesOf } from "../../static/forms/digest.js";
import { deliver, newWay } from "./delivery.js";

/** Sends what a form says as {send, forget}; `forget` after a change: what is sent next says something else. */
export function recordSender(filling, filled, draft) {
  const way = draft.way() ?? newWay(filling.former?.line.id);
  let [kept, isUnderWay] = [null, false];
  const send = async (reason, fail) => {
    if (isUnderWay) return null;
    kept ??= prepare(filling, filled, reason, way);
    if (!kept) return null;
    isUnderWay = true;
    draft.keepWay(way); // the page may go before the answer comes
    try {
      return await sendAll(kept, way);
    } catch (failure) {
      if (failure.status === 422) kept = null;
      fail(failure);
      return null;
    } finally {
      draft.keepWay(way);
      isUnderWay = false;
    }
  };
  return { send, forget: () => (kept = null) };
}

/** The record as it will be sent however often; nothing where faults are shown at their questions. */
function prepare({ form, subject, former }, filled, reason, way) {
  const { answers, bases, photos, faults } = filled.result();
  filled.show(faults);
  if (faults.length) return null;
  const query = new URLSearchParams(location.search);
  const links = { task: query.get("task"), round: query.get("round") };
  return { photos, reason, links, body: { form: page.form, version: form.version, subject, ...momentOf(former, way), answers, bases } };
}

/** When it was sent first; a correction counts for the day of the record that it corrects. */
function momentOf(former, way) {
  const day = former?.line.day ?? page.today;
  return { day, filled_at: day === page.today ? way.filledAt : new Date(`${day}T12:00:00`).toISOString() };
}

async function sendAll({ photos, ...record }, way) {
  for (const [digest, text] of Object.entries(photos)) await sendFile(`/api/v1/photos/${digest}`, "PUT", bytesOf(text), "image/jpeg");
  return deliver(way, record);
}
