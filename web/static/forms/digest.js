// The SHA-256 digest of bytes (FIPS 180-4). `crypto.subtle` isn't there without HTTPS, where a server of the community's own often stands.

const WORDS = 64;
const FRACTION = 2 ** 32;

/** The digest as 64 hexadecimal digits; the browser's own where it has one. */
export async function digestOf(bytes) {
  if (!globalThis.crypto?.subtle) return ownDigest(bytes);
  return hexOf(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/** The same, worked out here. */
export function ownDigest(bytes) {
  const data = padded(bytes);
  const sums = START.slice();
  for (let at = 0; at < data.byteLength; at += 64) addBlock(sums, data, at);
  return sums.map((word) => word.toString(16).padStart(8, "0")).join("");
}

/** The bytes that a base64 text stands for. */
export function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const turned = (word, count) => (word >>> count) | (word << (32 - count));

function primes(count) {
  const known = [];
  for (let number = 2; known.length < count; number += 1) if (known.every((prime) => number % prime)) known.push(number);
  return known;
}

const fractionOf = (number) => ((number - Math.floor(number)) * FRACTION) >>> 0;
const START = primes(8).map((prime) => fractionOf(Math.sqrt(prime)));
const ROUNDS = primes(WORDS).map((prime) => fractionOf(Math.cbrt(prime)));

function padded(bytes) {
  const data = new DataView(new ArrayBuffer(Math.ceil((bytes.length + 9) / 64) * 64));
  new Uint8Array(data.buffer).set(bytes);
  data.setUint8(bytes.length, 0x80);
  data.setUint32(data.byteLength - 8, Math.floor((bytes.length * 8) / FRACTION));
  data.setUint32(data.byteLength - 4, (bytes.length * 8) >>> 0);
  return data;
}

function schedule(data, at) {
  const words = new Uint32Array(WORDS);
  for (let place = 0; place < 16; place += 1) words[place] = data.getUint32(at + place * 4);
  for (let place = 16; place < WORDS; place += 1) {
    const [early, late] = [words[place - 15], words[place - 2]];
    const first = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3);
    const second = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10);
    words[place] = words[place - 16] + first + words[place - 7] + second;
  }
  return words;
}

function addBlock(sums, data, at) {
  const words = schedule(data, at);
  let [a, b, c, d, e, f, g, h] = sums;
  for (let place = 0; place < WORDS; place += 1) {
    const mixed = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
    const first = (h + mixed + ((e & f) ^ (~e & g)) + ROUNDS[place] + words[place]) >>> 0;
    const second = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) >>> 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) >>> 0, c, b, a, (first + second) >>> 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, place) => (sums[place] = (sums[place] + word) >>> 0));
}
