// What the server would answer, from what this phone holds: parts that pages and phone share ask in one way.

import { cases, work } from "./territory.js";

const CASE = /^\/api\/v1\/cases\/([^/]+)$/;

/** The answer to an address, or nothing where only the server has one. */
export async function answerTo(path) {
  if (path === "/api/v1/work") return (await work()) || undefined;
  if (path === "/api/v1/cases") return listOf(await cases());
  const match = path.match(CASE);
  return match ? (await cases()).find(({ id }) => id === decodeURIComponent(match[1])) : undefined;
}

function listOf(rows) {
  return { rows, total: rows.length };
}
