// Keys and sealing: a PIN opens the one key of this phone, which seals every part by itself.

const ROUNDS = 600000;
const NONCE = 12;
const AES = "AES-GCM";

/** A new key of this phone, wrapped by a PIN: `{key, salt, nonce, wrapped}`; the key itself can't be taken out again. */
export async function newKey(pin) {
  const salt = random(16);
  const nonce = random(NONCE);
  const made = await crypto.subtle.generateKey({ name: AES, length: 256 }, true, ["encrypt", "decrypt"]);
  const wrapped = await crypto.subtle.wrapKey("raw", made, await keyOfPin(pin, salt), { name: AES, iv: nonce });
  return { key: await unwrapped(pin, { salt, nonce, wrapped }), salt, nonce, wrapped };
}

/** The key of this phone by the right PIN; nothing by a wrong one. */
export async function unwrapped(pin, { salt, nonce, wrapped }) {
  try {
    return await crypto.subtle.unwrapKey("raw", wrapped, await keyOfPin(pin, salt), { name: AES, iv: nonce }, { name: AES }, false, ["encrypt", "decrypt"]);
  } catch {
    return null;
  }
}

async function keyOfPin(pin, salt) {
  const material = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return crypto.subtle.deriveKey(how, material, { name: AES, length: 256 }, false, ["wrapKey", "unwrapKey"]);
}

/** Any JSON sealed for what `label` names; it opens only under the same label. */
export async function seal(key, label, data) {
  const iv = random(NONCE);
  const text = new TextEncoder().encode(JSON.stringify(data));
  return { iv, text: await crypto.subtle.encrypt({ name: AES, iv, additionalData: new TextEncoder().encode(label) }, key, text) };
}

/** What was sealed for a label. Throws where it was changed, or sealed for another one. */
export async function unseal(key, label, { iv, text }) {
  const plain = await crypto.subtle.decrypt({ name: AES, iv, additionalData: new TextEncoder().encode(label) }, key, text);
  return JSON.parse(new TextDecoder().decode(plain));
}

/** A number of its own for this phone: 32 hexadecimal figures. */
export function newNumber() {
  return [...random(16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function random(length) {
  return crypto.getRandomValues(new Uint8Array(length));
}
