// How far the ground of a community reaches: nothing is asked for beyond, however far out a map is.

/* global L */

const ROOM_DEG = 0.05; // about 5 km: streets and buildings may lie up to 2 km outside the outline

/** The community's box with some room. */
export function groundOf([west, south, east, north]) {
  return L.latLngBounds([south - ROOM_DEG, west - ROOM_DEG], [north + ROOM_DEG, east + ROOM_DEG]);
}

/** What of a box lies on the ground, or null where nothing does. */
export function within(box, ground) {
  if (!box.intersects(ground)) return null;
  return L.latLngBounds(
    [Math.max(box.getSouth(), ground.getSouth()), Math.max(box.getWest(), ground.getWest())],
    [Math.min(box.getNorth(), ground.getNorth()), Math.min(box.getEast(), ground.getEast())],
  );
}
