/** What stood on a terminal, of all that was written to it: without colours, and of a line that was overwritten only its last state. */
export function seenOf(raw: string): string {
  return raw
    .split('\n')
    .map((line) =>
      line
        .replace(/\r+$/, '')
        .split('\r')
        .at(-1)!
        // eslint-disable-next-line no-control-regex
        .replaceAll(/\u001B\[[\d;?]*[A-Za-z]/g, '')
        .trimEnd(),
    )
    .join('\n');
}

export type Shortened = {
  /** Text that is another in every recording, and what stands for it. */
  readonly instead: ReadonlyMap<string, string>;
};

/** What is left out of a transcript, so that it is read: secrets, long numbers, and what was the same once more. */
export function shortened(seen: string, { instead }: Shortened): string {
  let text = seen;
  for (const [given, stand] of instead) text = text.replaceAll(given, stand);
  return (
    text
      .replaceAll(/\b([\w-]{8})[\w-]{24}\.([0-9a-f]{8})[0-9a-f]{56}\b/g, '$1….$2…')
      .replaceAll(/\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '$1-…')
      // The list before the work: its first and its last line tell what it is.
      .replace(
        /^( +1 {2}to do.*\n)((?: +\d+ {2}to do.*\n)+)( +\d+ {2}to do.*\n)/m,
        (_all, first, middle: string, last) => {
          const more = middle.trimEnd().split('\n').length;
          return `${first} […] ${more} more\n${last}`;
        },
      )
      .replace(
        /^pv-1: Port and identity\n[^]*?(?=^pv-1: Enter-service)/m,
        '[… pv-1: the same four items in the same way: passed …]\n\n',
      )
  );
}

const fence = '```';

/** The README with the transcript in the place of the earlier one: the block that begins with the first command. */
export function withTranscript(readme: string, transcript: string): string {
  const first = '$ tiepoint-agent scan';
  const from = readme.indexOf(`${fence}\n${first}`);
  const to = readme.indexOf(`\n${fence}`, from + fence.length);
  if (from < 0 || to < 0) throw new Error(`there is no block that begins with ${first}`);
  return `${readme.slice(0, from)}${fence}\n${transcript.trim()}${readme.slice(to)}`;
}
