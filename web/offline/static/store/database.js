// The phone's own database: who holds what, the sealed parts of the territory, and what waits to be sent.

const NAME = "gisgrid-m";
const STORES = { head: "id", parts: "name", outbox: "key", photos: "id", drafts: "name" };

/** Work on stores in one transaction; done once it lies on the disk. `ask` may give a request, whose result is given back. */
export async function work(stores, mode, ask) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(stores, mode, { durability: "strict" });
      const request = ask(...stores.map((name) => transaction.objectStore(name)));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(STORES)) request.result.createObjectStore(name, { keyPath });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
