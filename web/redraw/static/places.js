// What stands in a cell: the addresses of its buildings. Display only, the server knows what lies where.

import { getJson } from "../../static/js/fetch.js";
import { number } from "../../static/js/format.js";
import { _ } from "../../static/js/i18n.js";
import { specOf } from "../../static/map/map.js";
import { flatten } from "./cells.js";
import { gridOf, nameOf, state } from "./state.js";
import { labelPoint } from "../../static/js/shapes.js";

const known = { buildings: null, asked: null, store: null, version: -1, byCell: new Map() };

/** Fetch the addresses, once. */
export function loadPlaces() {
  known.asked = known.asked || fetchPlaces();
  return known.asked;
}

async function fetchPlaces() {
  const { features } = await getJson(specOf("redraw").urls.buildings);
  known.buildings = features.map(({ properties, geometry }) => ({
    at: flatten(labelPoint(geometry), [0, 0]),
    address: properties.address || properties.code,
  }));
}

function byCell() {
  const { store } = state;
  if (known.store === store && known.version === store.version) return known.byCell;
  const [west, north] = store.origin;
  known.byCell = new Map();
  for (const { at: [x, y], address } of known.buildings || []) {
    const cell = store.at([x - west, y - north]);
    if (!cell) continue;
    if (!known.byCell.has(cell.id)) known.byCell.set(cell.id, []);
    known.byCell.get(cell.id).push(address);
  }
  if (known.buildings) Object.assign(known, { store, version: store.version });
  return known.byCell;
}

/** Addresses of the buildings in a cell; nothing while they are not known. */
export function addressesOf(cell) {
  return byCell().get(cell.id) || [];
}

/** Whether a cell holds several buildings, so that it can be divided. */
export function isShared(cell) {
  return addressesOf(cell).length > 1;
}

/** Whether the addresses have come. */
export function hasPlaces() {
  return Boolean(known.buildings);
}

/** Addresses of a cell in a few words. */
export function placeOf(cell) {
  const [first, ...others] = addressesOf(cell);
  return first && others.length ? _("{first} 等 {n} 栋", { first, n: others.length + 1 }) : first || _("无楼栋的地块");
}

/** One line about a cell: addresses, households, grid. */
export function aboutCell(cell) {
  return [placeOf(cell), _("{n} 户", { n: number(cell.households) }), nameOf(gridOf(cell))].join(" · ");
}
