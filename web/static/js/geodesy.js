// Lengths and areas on the ground (WGS 84) of what is small beside the Earth: for showing only.

/** Metres of one degree to the east and to the north, at a latitude in degrees. */
function metresPerDegree(latitude) {
  const angle = (latitude * Math.PI) / 180;
  const north = 111132.954 - 559.822 * Math.cos(2 * angle) + 1.175 * Math.cos(4 * angle);
  const east = 111412.84 * Math.cos(angle) - 93.5 * Math.cos(3 * angle) + 0.118 * Math.cos(5 * angle);
  return [east, north];
}

/** The length in metres of a line of [lon, lat] in degrees (EPSG:4326). */
export function lengthOf(points) {
  let length = 0;
  for (let at = 1; at < points.length; at += 1) {
    const [[west, south], [lon, lat]] = [points[at - 1], points[at]];
    const [east, north] = metresPerDegree((south + lat) / 2);
    length += Math.hypot((lon - west) * east, (lat - south) * north);
  }
  return length;
}

/** The area in square metres inside a ring of [lon, lat] in degrees (EPSG:4326), closed or open. */
export function areaOf(ring) {
  if (ring.length < 3) return 0;
  const [west, south] = ring[0];
  const middle = ring.reduce((sum, [, lat]) => sum + lat, 0) / ring.length;
  const [east, north] = metresPerDegree(middle);
  const flat = ring.map(([lon, lat]) => [(lon - west) * east, (lat - south) * north]);
  const twice = flat.reduce((sum, [x, y], at) => {
    const [nextX, nextY] = flat[(at + 1) % flat.length];
    return sum + x * nextY - nextX * y;
  }, 0);
  return Math.abs(twice) / 2;
}
