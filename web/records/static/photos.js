// Where the photos of a record stand: at their address, or fetched with the reason that a head gave.

import { page } from "../../static/js/page.js";
import { Problem, address } from "../../static/js/fetch.js";

/** A function that gives the address of a photo by its digest. */
export async function photosOf(path, photos, reason) {
  const at = (digest) => address(`${path}/photos/${digest}`, { community: page.community?.code });
  if (!reason) return at;
  const pictures = await Promise.all(photos.map(async ({ digest }) => [digest, await fetched(at(digest), reason)]));
  const urls = new Map(pictures);
  return (digest) => urls.get(digest);
}

async function fetched(url, reason) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": page.csrf || "" };
  const answer = await fetch(url, { method: "POST", credentials: "same-origin", headers, body: JSON.stringify({ reason }) });
  if (!answer.ok) throw new Problem(answer.status);
  return URL.createObjectURL(await answer.blob());
}
