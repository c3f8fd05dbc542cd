// What could not be sent is kept in this browser and sent later, each under its one key.

const NAME = "gisgrid-outbox";
const STORE = "reports";

/** Keep or change an entry `{key, kind, path, body, by, at, label, answer}`; it lies on the disk once this is done. */
export async function keep(entry) {
  await work("readwrite", (store) => store.put(entry));
}

/** All that is kept, the earliest first, and the keys of what is there and can't be read now. */
export async function kept() {
  const keys = await work("readonly", (store) => store.getAllKeys());
  const entries = [];
  const unreadable = [];
  for (const key of keys) { // one by one: what can't be read hides nothing else
    try {
      const entry = await read(key);
      if (entry) entries.push(entry);
    } catch {
      unreadable.push(key);
    }
  }
  return { entries: entries.sort((entry, other) => entry.at - other.at), unreadable };
}

/** One entry, or nothing where it is gone. */
export async function read(key) {
  const ask = () => work("readonly", (store) => store.get(key));
  try {
    return await ask();
  } catch {
    return ask(); // browsers fail to read large values now and then; the database is opened anew
  }
}

/** Forget an entry. */
export async function drop(key) {
  await work("readwrite", (store) => store.delete(key));
}

async function work(mode, ask) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      const request = ask(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

function open() {
  return new Promise((resolve, reject) => {
    const request = window.indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
