// Reports that could not be sent are kept in this browser and sent later, each under its one key.

const NAME = "gisgrid-outbox";
const STORE = "reports";

/** Keep or change a report: `{key, body, at, answer}`; `answer` once it was sent. */
export async function keep(entry) {
  await work("readwrite", (store) => store.put(entry));
}

/** All that is kept, the earliest first. */
export async function kept() {
  const found = await work("readonly", (store) => store.getAll());
  return found.sort((one, other) => one.at - other.at);
}

/** Forget a report. */
export async function drop(key) {
  await work("readwrite", (store) => store.delete(key));
}

async function work(mode, ask) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
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
