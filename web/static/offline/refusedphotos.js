// Photos that the server would not take: which of a body, and the body without them.

import { Problem } from "../js/fetch.js";
import { tooLarge } from "./shrink.js";

/** Which photos of a body the server would not take, as `[{row, message}]`; empty where something else is wrong. */
export function refusedPhotos(failure, { photos = [] }) {
  if (!(failure instanceof Problem) || !photos.length) return [];
  if (failure.status === 413) return photos.map((_text, index) => ({ row: index + 1, message: failure.detail || tooLarge() }));
  const isOfOne = (fault) => fault.field === "photos" && fault.row;
  return failure.status === 422 && failure.faults.every(isOfOne) ? failure.faults : [];
}

/** A body without some of its photos. */
export function withoutPhotos(body, refused) {
  const rows = new Set(refused.map(({ row }) => row));
  return { ...body, photos: body.photos.filter((_text, index) => !rows.has(index + 1)) };
}
