// The server counts code points, a text area counts UTF-16 units.

/** Units to code points. */
export const toPoints = (text, units) => [...text.slice(0, units)].length;

/** Code points to units. */
export function toUnits(text, points) {
  let units = 0;
  for (const point of text) {
    if (points <= 0) break;
    units += point.length;
    points -= 1;
  }
  return units;
}
