import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { signerOf } from '@tiepoint/protocol/envelope';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AuditCheckpoints } from './authority/audit-checkpoints.ts';
import { KeyFolder } from './authority/key-folder.ts';
import { SqliteStore } from './store/sqlite-store.ts';

const program = fileURLToPath(new URL('./main.ts', import.meta.url));
let folder: string;
let store: SqliteStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
  store = new SqliteStore(folder);
  store.start();
  for (const say of ['Tagged: "café" \u2028', 'b\\\n\t', 'c \u{1f50c}', 'd'])
    store.operations.appendAudit({
      atMs: 5,
      who: 'ada',
      identity: 'account',
      action: 'tag-set',
      subject: 'g.d',
      say,
    });
});
afterEach(() => {
  store.stop();
  rmSync(folder, { recursive: true });
});

function run(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

/** Not this project's code: what anyone would write who has only the export and its description. */
const independent = `
import hashlib, json, sys
previous = '0' * 64
for number, line in enumerate(open(sys.argv[1], encoding='utf-8'), 1):
    row = json.loads(line)
    if 'checkpoint' in row:
        continue
    told = row.pop('hash')
    text = json.dumps(row, sort_keys=True, separators=(',', ':'), ensure_ascii=False)
    fits = row['seq'] == number and row['previous'] == previous
    if not fits or hashlib.sha256(text.encode('utf-8')).hexdigest() != told:
        sys.exit('row %d does not fit' % number)
    previous = told
print(number, previous)
`;
const noPython = spawnSync('python3', ['-c', 'print(1)']).status !== 0;

test('audit verify on a running head-end: all fits, and what to keep elsewhere', () => {
  const { seq, hash } = store.operations.auditHead();
  expect(run('audit', 'verify', '--data', folder)).toMatchObject({
    code: 0,
    out: expect.stringContaining(
      `4 rows, each as it was written, 0 signed checkpoints. Keep this elsewhere: ${seq}:${hash}`,
    ),
  });
  expect(run('audit', 'verify', '--data', folder, '--head', `${seq}:${hash}`)).toMatchObject({ code: 0 });
});

test('audit verify names the first row that does not fit', () => {
  const db = new DatabaseSync(join(folder, 'operations.db'));
  db.exec("DROP TRIGGER audit_stays; UPDATE audit SET who = 'eve' WHERE seq = 2");
  db.close();
  expect(run('audit', 'verify', '--data', folder)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/operations\.db: the audit does not fit from row 2 on\. Row 2 is not what was written/),
  });
});

test('what was told before finds an audit that was written anew', () => {
  const told = `3:${'ab'.repeat(32)}`;
  expect(run('audit', 'verify', '--data', folder, '--head', told)).toMatchObject({
    code: 1,
    err: expect.stringContaining('row 3 is not the one that --head tells'),
  });
});

describe('with signed checkpoints', () => {
  const signer = signerOf(new Uint8Array(32).fill(7));
  const sign = (): void => {
    const keys = new KeyFolder(join(folder, 'keys'));
    keys.open();
    new AuditCheckpoints(keys).sign(store.operations.auditHead(), signer, 1_800_000_000_000);
  };
  const inFile = (sql: string): void => {
    const db = new DatabaseSync(join(folder, 'operations.db'));
    db.exec(`DROP TRIGGER audit_stays; DROP TRIGGER audit_is_kept; ${sql}`);
    db.close();
  };

  test('all fits, and the export carries them', () => {
    sign();
    expect(run('audit', 'verify', '--data', folder)).toMatchObject({
      code: 0,
      out: expect.stringContaining('1 signed checkpoint.'),
    });
    const last = JSON.parse(run('audit', 'export', '--data', folder).out.trimEnd().split('\n').at(-1) ?? '') as {
      checkpoint: object;
    };
    expect(last.checkpoint).toMatchObject({ seq: 4, hash: store.operations.auditHead().hash });
  });

  test.each([
    {
      name: 'cut off, so that the rest fits in itself',
      spoil: "DELETE FROM audit WHERE seq > 2; UPDATE sqlite_sequence SET seq = 2 WHERE name = 'audit'",
      says: /Row 4 at 2027-01-15T08:00:00\.000Z was signed and is missing: the audit was cut off/,
    },
    {
      name: 'written anew as a whole',
      spoil: 'DELETE FROM audit',
      anew: true,
      says: /Row 4 .* is not the one that was signed: the audit was written anew/,
    },
  ])('$name: found', ({ spoil, anew, says }) => {
    sign();
    inFile(`${spoil}; ${anew === true ? "UPDATE sqlite_sequence SET seq = 0 WHERE name = 'audit'" : ''}`);
    if (anew === true)
      for (const say of ['e', 'f', 'g', 'h'])
        store.operations.appendAudit({ atMs: 5, who: 'eve', identity: 'account', action: 'tag-set', say });
    expect(run('audit', 'verify', '--data', folder)).toMatchObject({ code: 1, err: expect.stringMatching(says) });
  });

  test('a checkpoint that was changed is not signed', () => {
    sign();
    const file = join(folder, 'keys', 'audit-checkpoints.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"seq": 4', '"seq": 3'));
    expect(run('audit', 'verify', '--data', folder)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/checkpoint of row 3 .* is not signed by its key/),
    });
  });
});

test.skipIf(noPython)('the export is verified by an independent program, and a change is found by it', () => {
  const file = join(folder, 'audit.jsonl');
  const { code, out } = run('audit', 'export', '--data', folder);
  expect(code).toBe(0);
  writeFileSync(file, out);
  const verified = (): { status: number | null; stdout: string; stderr: string } =>
    spawnSync('python3', ['-c', independent, file], { encoding: 'utf8' });
  expect(verified()).toMatchObject({ status: 0, stdout: `4 ${store.operations.auditHead().hash}\n` });
  writeFileSync(file, out.replace('café', 'cafe'));
  expect(verified()).toMatchObject({ status: 1, stderr: 'row 1 does not fit\n' });
});

test.each([
  { args: ['audit'], says: /audit : it is verify or export/ },
  { args: ['audit', 'verify', '--head', 'x'], says: /--head x: it is SEQ:HASH/ },
  { args: ['audit', 'export', '--data', '/nowhere'], code: 1, says: /There is no \/nowhere\/operations\.db: name/ },
  { args: ['adit'], says: /adit is no command of the head-end/ },
])('$args: $says', ({ args, says, code = 2 }) => {
  expect(run(...args)).toMatchObject({ code, err: expect.stringMatching(says) });
});
