// Finding a door by what people type: number of building, unit and room, pinyin, initials, or a name.

const FULL_WIDTH = /[！-～]/g;
const DASHES = /[‐-―−－～~/\\、,，.。#]/g;
const LABELS = /号楼|号幢|幢|栋|座|单元|门|室|户|房|号|层|楼/g;
const NUMERALS = { 零: 0, 〇: 0, 一: 1, 二: 2, 两: 2, 三: 3, 四: 4, 五: 5, 六: 6, 七: 7, 八: 8, 九: 9 };
const NUMERAL = /[〇零一二两三四五六七八九十百]+(?=(?:号楼|幢|栋|座|单元|层|室))/g;

/** One spelling of what was typed: half-width, lower case, Arabic numbers before labels. */
export function normal(text) {
  const plain = text.replace(FULL_WIDTH, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0)).replaceAll("　", " ");
  return plain.toLowerCase().replace(NUMERAL, arabic).trim();
}

function arabic(text) {
  let total = 0;
  let digit = 0;
  for (const sign of text) {
    if (sign === "百") [total, digit] = [total + (digit || 1) * 100, 0];
    else if (sign === "十") [total, digit] = [total + (digit || 1) * 10, 0];
    else digit = NUMERALS[sign];
  }
  return String(total + digit);
}

/** What was typed as a name (Chinese or letters) and the numbers behind it: `{name, numbers}`. */
export function reading(text) {
  const words = normal(text).replace(LABELS, "-").replace(DASHES, "-");
  const match = words.match(/^(.*?)[\s-]*((?:\d+[a-z]?(?:[\s-]+\d+[a-z]?)*)?)[\s-]*$/s);
  const [name, rest] = match ? [match[1], match[2]] : [words, ""];
  return { name: name.replace(/[\s-]/g, ""), numbers: rest.split(/[\s-]+/).filter(Boolean) };
}

/** An index over homes `{door, building}`: built once after the phone was opened, and kept in memory alone. */
export function indexOf(homes) {
  return homes.map((home) => {
    const { door, building } = home;
    const persons = (door.persons || []).map(({ name }) => (name || "").toLowerCase());
    const address = normal(door.address).replace(/\s/g, "");
    return { home, address, persons, keys: [building?.pinyin || "", building?.initials || "", `${normal(building?.compound || "").replace(/\s/g, "")}-`], numbers: numbersOf(door, building) };
  });
}

function numbersOf(door, building) {
  return [building?.number, door.unit, door.room].map((part) => normal(part || "").replace(/[^0-9a-z]/g, ""));
}

/** The homes that fit, the likeliest first: those whose room is typed to its end before those that only begin so. */
export function findHomes(index, text) {
  const { name, numbers } = reading(text);
  if (!name && !numbers.length) return [];
  const hits = [];
  for (const row of index) {
    const rank = rankOf(row, name, numbers, text);
    if (rank !== null) hits.push([rank, row]);
  }
  hits.sort(([a], [b]) => a - b);
  return hits.map(([, row]) => row.home);
}

function rankOf(row, name, numbers, text) {
  const byNumbers = numbers.length ? fit(row.numbers, numbers) : 0;
  if (byNumbers !== null && fitsName(row, name)) return byNumbers;
  const isName = !numbers.length && row.persons.some((person) => person.includes(text.trim().toLowerCase()));
  if (isName) return 1;
  return fitsName(row, normal(text).replace(/\s/g, "")) ? 2 : null;
}

function fitsName({ address, keys }, name) {
  if (!name) return true;
  return address.includes(name) || keys.some((key) => key.includes(name));
}

/** Numbers as building-unit-room, building-room, unit-room, or one alone: 0 to the end, 1 only begun; nothing where none fits. */
function fit([building, unit, room], numbers) {
  const ways = { 3: [[building, unit, room]], 2: [[building, room], [unit, room], [building, unit]], 1: [[building], [room]] }[numbers.length] || [];
  const ranks = ways.map((way) => rank(way, numbers)).filter((rank) => rank !== null);
  return ranks.length ? Math.min(...ranks) : null;
}

function rank(way, numbers) {
  const last = numbers.length - 1;
  if (!numbers.slice(0, last).every((number, place) => same(way[place], number))) return null;
  if (same(way[last], numbers[last])) return 0;
  return way[last].startsWith(numbers[last]) ? 1 : null;
}

const same = (part, number) => part.replace(/^0+(?=\d)/, "") === number.replace(/^0+(?=\d)/, "");
