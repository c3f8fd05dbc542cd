// A filled form on its way: photos first, then the record. A second try sends the very same, which is kept once.

import { sendFile, sendJson } from "../../static/js/fetch.js";
import { newId } from "../../static/js/ids.js";
import { page } from "../../static/js/page.js";
import { bytesOf } from "../../static/forms/digest.js";

/** Sends what a form says as {send, forget}; `forget` after a change: what is sent next is another record. */
export function recordSender(filling, filled) {
  let [kept, isUnderWay] = [null, false];
  const send = async (reason, fail) => {
    if (isUnderWay) return null;
    kept ??= prepare(filling, filled, reason);
    if (!kept) return null;
    isUnderWay = true;
    try {
      return await sendAll(kept, filling.former?.line.id);
    } catch (failure) {
      if (failure.status === 422) kept = null;
      fail(failure);
      return null;
    } finally {
      isUnderWay = false;
    }
  };
  return { send, forget: () => (kept = null) };
}

/** The record as it will be sent however often; nothing where faults are shown at their questions. */
function prepare({ form, subject, former }, filled, reason) {
  const { answers, bases, photos, faults } = filled.result();
  filled.show(faults);
  if (faults.length) return null;
  const query = new URLSearchParams(location.search);
  const links = former ? { reason } : { task: query.get("task"), round: query.get("round") };
  return { photos, body: { id: newId(), form: page.form, version: form.version, subject, ...momentOf(former), answers, bases, ...links } };
}

/** Now; a correction counts for the day of the record that it corrects. */
function momentOf(former) {
  const day = former?.line.day ?? page.today;
  const moment = day === page.today ? new Date() : new Date(`${day}T12:00:00`);
  return { day, filled_at: moment.toISOString() };
}

async function sendAll({ photos, body }, corrected) {
  for (const [digest, text] of Object.entries(photos)) await sendFile(`/api/v1/photos/${digest}`, "PUT", bytesOf(text), "image/jpeg");
  return sendJson(corrected ? `/api/v1/records/${encodeURIComponent(corrected)}/correct` : "/api/v1/records", body);
}
