// Keeps the program of the phone in the browser, whole or not at all; what the server knows never passes through here.

const PREFIX = "gisgrid-m-";
const CACHE = `${PREFIX}${VERSION}`;

self.addEventListener("install", (event) => event.waitUntil(load()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});
self.addEventListener("fetch", (event) => {
  const path = pathOf(event.request);
  if (path) event.respondWith(answer(event.request, path));
});

/** All files anew from the server; one that is missing keeps the version that stands. */
async function load() {
  const cache = await caches.open(CACHE);
  try {
    await Promise.all(FILES.map((path) => fetchInto(cache, path)));
  } catch (failure) {
    await caches.delete(CACHE);
    throw failure;
  }
}

async function fetchInto(cache, path) {
  const file = await fetch(new Request(path, { cache: "reload", credentials: "omit" }));
  if (!file.ok || file.redirected || file.type !== "basic") throw new Error(path);
  await cache.put(path, file);
}

/** The first version serves the page that installed it at once; a later one only once no page of the older is open. */
async function takeOver() {
  const older = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(older.map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** The name of what is kept for a request; nothing for what only the server answers. */
function pathOf(request) {
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return null;
  if (request.mode === "navigate") return pathname === "/m/" ? pathname : null;
  return FILES.includes(pathname) ? pathname : null;
}

async function answer(request, path) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path, { ignoreVary: true })) || fetch(request);
}
