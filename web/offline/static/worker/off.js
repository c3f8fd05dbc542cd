// Where working without network is switched off: the program goes from this browser, and nothing else does.

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(leave()));

async function leave() {
  for (const name of await caches.keys()) if (name.startsWith("gisgrid-m-")) await caches.delete(name);
  await self.registration.unregister();
}
