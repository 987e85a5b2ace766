/** The known word that was most likely meant, or `undefined` where none is near. */
function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((each) => ({ each, distance: each.startsWith(word) && word !== '' ? 0.5 : distance(word, each) }))
    .toSorted((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best !== undefined && best.distance <= Math.max(1, Math.floor(word.length / 3)) ? best.each : undefined;
}

/** A question for who typed a word that is none of these, with a space before it; empty where nothing is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  // Somebody who knows the model and not the make.
  const holding = word.length < 3 ? [] : known.filter((each) => each !== near && each.includes(word)).slice(0, 4);
  const meant = [...(near === undefined ? [] : [near]), ...holding];
  return meant.length === 0 ? '' : ` Did you mean ${meant.join(' or ')}?`;
}

/** Letters to change, add, leave out or swap. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(change, rows[i - 1]![j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j]!, rows[i - 2]![j - 2]! + 1);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
