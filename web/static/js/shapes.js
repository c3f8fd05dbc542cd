// Plain facts about GeoJSON shapes, for placing words and bars. Display only: nothing is assigned by it.

/** Rings of a polygon or multipolygon, the outer one of each part. */
export function outerRings(geometry) {
  if (!geometry) return [];
  if (geometry.type === "Polygon") return [geometry.coordinates[0]];
  if (geometry.type === "MultiPolygon") return geometry.coordinates.map((part) => part[0]);
  return [];
}

function ringArea(ring) {
  let twice = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    twice += ring[j][0] * ring[i][1] - ring[i][0] * ring[j][1];
  }
  return twice / 2;
}

/** A place for a word: the centre of gravity of the largest part, as [lon, lat]. */
export function labelPoint(geometry) {
  if (geometry && geometry.type === "Point") return geometry.coordinates;
  const ring = outerRings(geometry).reduce(
    (best, other) => (Math.abs(ringArea(other)) > Math.abs(best ? ringArea(best) : 0) ? other : best),
    null,
  );
  if (!ring) return null;
  const [west, south] = ring[0];
  let [x, y, twice] = [0, 0, 0];
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [ax, ay, bx, by] = [ring[j][0] - west, ring[j][1] - south, ring[i][0] - west, ring[i][1] - south];
    const cross = ax * by - bx * ay;
    x += (ax + bx) * cross;
    y += (ay + by) * cross;
    twice += cross;
  }
  return twice ? [west + x / (3 * twice), south + y / (3 * twice)] : ring[0];
}

/** West, south, east, north of a shape. */
export function boundsOf(geometry) {
  const bounds = [Infinity, Infinity, -Infinity, -Infinity];
  const visit = (item) => {
    if (typeof item[0] !== "number") return item.forEach(visit);
    bounds[0] = Math.min(bounds[0], item[0]);
    bounds[1] = Math.min(bounds[1], item[1]);
    bounds[2] = Math.max(bounds[2], item[0]);
    bounds[3] = Math.max(bounds[3], item[1]);
    return undefined;
  };
  if (geometry) visit(geometry.coordinates);
  return bounds;
}

/** Middle of a line and its direction on the screen, in radians, never upside down. */
export function lineMiddle(coordinates, latitude) {
  const middle = Math.max(1, Math.floor(coordinates.length / 2));
  const [a, b] = [coordinates[middle - 1], coordinates[middle]];
  const shrink = Math.cos((latitude * Math.PI) / 180);
  let angle = -Math.atan2(b[1] - a[1], (b[0] - a[0]) * shrink);
  if (angle > Math.PI / 2) angle -= Math.PI;
  if (angle < -Math.PI / 2) angle += Math.PI;
  return { lon: (a[0] + b[0]) / 2, lat: (a[1] + b[1]) / 2, angle };
}
