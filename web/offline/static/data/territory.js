// The territory as the screens ask for it, opened from the parts that this phone holds.

import { edition, heldTags, onLock, readPart } from "../store/vault.js";

const DOORS = /^b\//;
const self = { homes: null, edition: -1 };
onLock(() => (self.homes = null));

/** The buildings of the territory, by address. */
export async function buildings() {
  return (await readPart("buildings")) || [];
}

/** The doors of a building; of what stands in none with `null`. */
export async function doorsOf(building) {
  return (await readPart(`b/${building || "-"}`))?.doors || [];
}

/** A household with the building it stands in: `{door, building}`; nothing where the phone doesn't hold it. */
export async function homeOf(id) {
  return (await homes()).find(({ door }) => door.id === id) || null;
}

/** Every household with its building. */
export async function homes() {
  if (!self.homes || self.edition !== edition()) Object.assign(self, { edition: edition(), homes: await readHomes() });
  return self.homes;
}

async function readHomes() {
  const known = new Map((await buildings()).map((building) => [building.id, building]));
  const rows = [];
  for (const name of Object.keys(await heldTags()).filter((held) => DOORS.test(held))) {
    const part = await readPart(name);
    for (const door of part?.doors || []) rows.push({ door, building: known.get(part.building) || null });
  }
  return rows;
}

export const ground = () => readPart("ground");
export const stations = async () => (await readPart("facilities")) || [];
export const cases = async () => (await readPart("cases")) || [];
export const work = () => readPart("work");
