import { expect, test, vi } from 'vitest';
import { chainStart, rowHash } from '../store/audit-chain.ts';
import type { HashedRow } from '../store/audit-chain.ts';
import { AuditVerification, verdictWords } from './audit-verification.ts';
import type { VerificationParts } from './audit-verification.ts';

function auditOf(count: number): HashedRow[] {
  const rows: HashedRow[] = [];
  let previous = chainStart;
  for (let seq = 1; seq <= count; seq += 1) {
    const row = { seq, atMs: seq, who: 'ada', identity: 'account', action: 'select', say: `row ${seq}` } as const;
    previous = rowHash({ ...row, previous });
    rows.push({ ...row, hash: previous });
  }
  return rows;
}

function verificationOf(rows: HashedRow[], more: Partial<VerificationParts> = {}, taken = rows.length) {
  const verdicts: unknown[] = [];
  const verification = new AuditVerification({
    store: {
      auditAfter: (seq, limit) => rows.filter((row) => row.seq > seq).slice(0, limit),
      auditHead: () => ({ seq: rows.at(-1)?.seq ?? 0, hash: rows.at(-1)?.hash ?? chainStart }),
      auditTaken: () => taken,
    },
    signed: () => ({ ok: true, signed: 3 }),
    onVerdict: (look) => verdicts.push(look.verdict),
    now: () => 1,
    pause: async () => undefined,
    ...more,
  });
  return { verification, verdicts };
}
const ada = { operator: 'ada', identity: 'account' } as const;
const done = async (verification: AuditVerification): Promise<unknown> => {
  await vi.waitFor(() => expect(verification.look.state).toBe('done'));
  return verification.look;
};

test.each<{ what: string; spoil: (rows: HashedRow[]) => void; taken?: number; verdict: object; rows: number }>([
  { what: 'left alone', spoil: () => undefined, verdict: { ok: true, signed: 3 }, rows: 1_000 },
  {
    what: 'a row changed',
    spoil: (rows) => (rows[700] = { ...rows[700]!, who: 'eve' }),
    verdict: { ok: false, seq: 701, say: expect.stringContaining('Row 701 is not what was written') },
    rows: 700,
  },
  {
    what: 'a row removed',
    spoil: (rows) => void rows.splice(200, 1),
    verdict: { ok: false, seq: 201, say: 'Row 201 is missing.' },
    rows: 200,
  },
  {
    what: 'all removed',
    spoil: (rows) => (rows.length = 0),
    taken: 1_000,
    verdict: { ok: false, seq: 1, say: expect.stringContaining('row 1000 was written') },
    rows: 0,
  },
])('$what', async ({ spoil, taken, verdict, rows: looked }) => {
  const rows = auditOf(1_000);
  spoil(rows);
  const { verification, verdicts } = verificationOf(rows, {}, taken ?? 1_000);
  expect(verification.look).toEqual({ state: 'none' });
  expect(verification.begin(ada)).toMatchObject({ state: 'running', by: 'ada', rows: 0 });
  expect(await done(verification)).toMatchObject({ rows: looked, verdict });
  expect(verdicts).toEqual([verdict]);
});

test('it goes in slices with pauses, tells how far it is, and one look is under way at a time', async () => {
  const progress: unknown[] = [];
  const rows = auditOf(500);
  const { verification, verdicts } = verificationOf(rows, {
    pause: async () => {
      progress.push(verification.look);
      verification.begin({ operator: 'ben', identity: 'account' });
    },
  });
  verification.begin(ada);
  // What is written meanwhile is for the next look.
  rows.push(...auditOf(501).slice(500));
  await done(verification);
  expect(progress).toMatchObject([
    { state: 'running', by: 'ada', rows: 0, of: 500 },
    { state: 'running', by: 'ada', rows: 200, of: 500 },
    { state: 'running', by: 'ada', rows: 400, of: 500 },
  ]);
  expect(verdicts).toHaveLength(1);
});

test('signed heads that do not fit, or cannot be read, are the verdict', async () => {
  const other = { ok: false, seq: 5, say: 'Row 5 is not the one that was signed.' } as const;
  const { verification } = verificationOf(auditOf(10), { signed: () => other });
  verification.begin(ada);
  expect(await done(verification)).toMatchObject({ verdict: other, rows: 10 });
  const signed = (): never => {
    throw new Error('audit-checkpoints.json is damaged');
  };
  const damaged = verificationOf(auditOf(10), { signed }).verification;
  damaged.begin(ada);
  expect(await done(damaged)).toMatchObject({ verdict: { ok: false, say: expect.stringContaining('is damaged') } });
});

test('a stop breaks it off', async () => {
  const { verification, verdicts } = verificationOf(auditOf(1_000), { pause: async () => verification.end() });
  verification.begin(ada);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([verification.look.state, verdicts]).toEqual(['running', []]);
});

test.each([
  { verdict: { ok: true, signed: 3 }, words: 'Audit verified: 7 rows, each as it was written; 3 signed heads fit.' },
  {
    verdict: { ok: false, seq: 4, say: 'Row 4 is missing.' },
    words: 'The audit does not fit from row 4 on. Row 4 is missing.',
  },
  { verdict: { ok: false, say: 'It cannot be read.' }, words: 'The audit does not fit. It cannot be read.' },
] as const)('in words: $words', ({ verdict, words }) => {
  expect(verdictWords({ verdict, rows: 7 })).toBe(words);
});
