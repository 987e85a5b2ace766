const most = 20;

type Page<T> = { rows: readonly T[]; nextBeforeSeq?: number };

/**
 * A page of what the caller may see, newest first. Where much is of others, it reads on, but not for ever: a page may be short and still have
 * a next one.
 */
export function pageOf<T extends { seq: number }>(
  read: (page: { beforeSeq?: number; limit: number }) => readonly T[],
  { beforeSeq, limit }: { beforeSeq?: number; limit: number },
  sees: (row: T) => boolean,
): Page<T> {
  const rows: T[] = [];
  let from = beforeSeq;
  for (let reads = 0; reads < most; reads += 1) {
    const batch = read({ limit, ...(from === undefined ? {} : { beforeSeq: from }) });
    for (const row of batch) {
      from = row.seq;
      if (sees(row)) rows.push(row);
      if (rows.length === limit) return { rows, nextBeforeSeq: row.seq };
    }
    if (batch.length < limit) return { rows };
  }
  return { rows, ...(from === undefined ? {} : { nextBeforeSeq: from }) };
}
