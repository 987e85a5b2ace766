/** What passwords are made of that are tried first, and what lies near to hand here. */
const words =
  `password passwort kennwort motdepasse contrasena secret geheim letmein welcome willkommen hello changeme default login access
  admin administrator root user guest test temp master super operator dispatcher engineer viewer control tiepoint headend scada grid
  power energy electric utility substation breaker gateway iloveyou love sunshine princess dragon monkey shadow superman batman
  football baseball soccer hockey michael jordan charlie daniel jessica ashley summer winter spring autumn january february march
  april june july august september october november december monday tuesday wednesday thursday friday saturday sunday company
  office work home trustno correcthorsebatterystaple correct_horse_battery_staple`.split(/\s+/);

/** Neighbours: on a keyboard, in the alphabet, among numbers. */
const rows = [
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'yxcvbnm',
  'qazwsxedc',
  '1qaz2wsx3edc',
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
];
const shortestRun = 3;
const leftAtLeast = 5;
const meant: Readonly<Record<string, string>> = {
  0: 'o',
  1: 'i',
  3: 'e',
  4: 'a',
  5: 's',
  7: 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

const runs = rows.flatMap((row) => {
  const both = [row, row.split('').toReversed().join('')];
  return both.flatMap((each) =>
    Array.from({ length: each.length - shortestRun + 1 }, (_, from) => each.slice(from, from + shortestRun)),
  );
});

/** Is it made of a few well-known words, years and rows of keys alone? Nothing more is known of it: no list of stolen ones is at hand. */
export function isGuessedFirst(password: string): boolean {
  const letters = password.toLowerCase().split('');
  const read = letters.map((letter) => meant[letter] ?? letter);
  const known = letters.map((letter) => !/[\p{L}\p{N}]/u.test(letter));
  const cover = (text: string, part: string): void => {
    for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) known.fill(true, at, at + part.length);
  };
  for (const text of [letters.join(''), read.join('')]) for (const word of words) cover(text, word);
  for (const run of runs) cover(letters.join(''), run);
  for (const { 0: year, index } of letters.join('').matchAll(/(19|20)\d\d/g))
    known.fill(true, index, index + year.length);
  return new Set(letters.filter((_, at) => known[at] !== true)).size < leftAtLeast;
}
