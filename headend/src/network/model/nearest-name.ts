/** Longer is no slip of the pen. */
const longest = 200;
/** So many names are looked at for all faults of a file; a table of another network has a fault in every line. */
const mostLooks = 1_000_000;

/** `nearestName` for the faults of one file, the first of them. */
export function nearestNames(): (
  written: string,
  names: ReadonlySet<string> | ReadonlyMap<string, unknown>,
) => string | undefined {
  let looks = 0;
  return (written, names) => {
    looks += names.size;
    return looks > mostLooks ? undefined : nearestName(written, names.keys());
  };
}

/** The name most like what was written, if one is near enough to be what was meant. */
export function nearestName(written: string, names: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let fewest = Math.max(1, Math.floor(written.length / 3)) + 1;
  if (written.length > longest) return undefined;
  for (const name of names) {
    // So many steps it takes at least.
    if (Math.abs(name.length - written.length) >= fewest) continue;
    const steps = editSteps(written, name);
    if (steps < fewest) [nearest, fewest] = [name, steps];
  }
  return nearest;
}

/** Levenshtein's distance. */
function editSteps(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let at = 1; at <= from.length; at += 1) {
    const next = [at];
    for (let other = 1; other <= to.length; other += 1) {
      const change = (row[other - 1] ?? 0) + (from[at - 1] === to[other - 1] ? 0 : 1);
      next.push(Math.min(change, (row[other] ?? 0) + 1, (next[other - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
