import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { itemsNamed, itemsToDo, markOf } from './check-list.ts';
import { keepPhotograph, keptPhotographs } from './photographs.ts';
import type { PlannedItem } from './plan.ts';
import { newProgress, readProgress, writeProgress } from './progress-file.ts';
import type { Progress } from './progress-file.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tiepoint-progress-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('what was written is read, whole and for its owner alone', () => {
  const path = join(folder, 'deeper', 'progress.json');
  const progress: Progress = { ...newProgress('cafe', 1), underWay: 'm/switch', found: { 'm/switch': 'on' } };
  writeProgress(path, newProgress('cafe', 1));
  writeProgress(path, progress);
  expect(readProgress(path)).toEqual({ ok: true, progress });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(folder, 'deeper'))).toEqual(['progress.json']);
});

test.each([
  { what: 'is not there', text: undefined, ok: true },
  { what: 'is cut short', text: '{"version":1,"resul', ok: false },
  { what: 'is of another version', text: '{"version":2}', ok: false },
  { what: 'has no results', text: '{"version":1,"startedAtMs":1,"results":null,"devices":{},"found":{}}', ok: false },
  { what: 'has no devices', text: '{"version":1,"startedAtMs":1,"results":{},"found":{}}', ok: false },
])('a state that $what', ({ text, ok }) => {
  const path = join(folder, 'progress.json');
  if (text !== undefined) writeFileSync(path, text);
  expect(readProgress(path)).toMatchObject({ ok });
});

const planned = (id: string): PlannedItem => ({
  id,
  kind: 'ct',
  deviceId: id.split('/')[0] ?? '',
  title: id,
  required: true,
});
const result = (id: string, outcome: 'passed' | 'failed' | 'skipped') => ({
  id,
  title: id,
  required: true,
  outcome,
  say: '',
  measured: [],
  atMs: 1,
  tookMs: 1,
  attempts: 1,
});

test.each<{ redo: readonly string[]; alsoFailed: boolean; todo: readonly string[] }>([
  { redo: [], alsoFailed: false, todo: ['b/4'] },
  { redo: [], alsoFailed: true, todo: ['a/2', 'b/3', 'b/4'] },
  { redo: ['a/1'], alsoFailed: false, todo: ['a/1', 'b/4'] },
  { redo: ['b'], alsoFailed: false, todo: ['b/3', 'b/4'] },
  { redo: ['all'], alsoFailed: false, todo: ['a/1', 'a/2', 'b/3', 'b/4'] },
])('with --redo $redo, also failed $alsoFailed: $todo', ({ redo, alsoFailed, todo }) => {
  const results = { 'a/1': result('a/1', 'passed'), 'a/2': result('a/2', 'failed'), 'b/3': result('b/3', 'skipped') };
  const plan = ['a/1', 'a/2', 'b/3', 'b/4'].map(planned);
  const found = itemsToDo(plan, { ...newProgress('cafe', 1), results }, { redo, alsoFailed });
  expect(found.map(({ id }) => id)).toEqual(todo);
});

test.each<{ names: readonly string[]; named?: readonly string[]; says?: RegExp }>([
  { names: ['a/1', 'b'], named: ['a/1', 'b'] },
  { names: ['2'], named: ['a/2'] },
  { names: ['all'], named: ['all'] },
  { names: ['a/1', 'a/plausability'], says: /a\/plausability.*Did you mean a\/plausibility\?.*Nothing was done/ },
  { names: ['9'], says: /--redo 9: is no item/ },
])('--redo $names', ({ names, named, says }) => {
  const found = itemsNamed(['a/1', 'a/2', 'a/plausibility', 'b/3'].map(planned), names);
  expect(found.ok ? found.value : undefined).toEqual(named);
  expect(found.ok ? '' : found.say).toMatch(says ?? /^$/);
});

test('marks', () => {
  expect(markOf(undefined, true).word).toBe('interrupted');
  expect(markOf({ ...result('a', 'passed'), accepted: true }, false).word).toBe('accepted');
});

const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);

test('a device without end is no photograph', () => {
  expect(keepPhotograph(folder, '/dev/null')).toMatch(/is no file/);
});

test.each<{ name: string; bytes: Buffer; kept: readonly string[]; says?: RegExp }>([
  { name: '../../door lock.PNG', bytes: png, kept: ['door-lock.png'] },
  { name: 'note.png', bytes: Buffer.from('<svg/>'), kept: [], says: /neither/ },
  { name: 'large.png', bytes: Buffer.concat([png, Buffer.alloc(3_000_000)]), kept: [], says: /smaller/ },
])('photograph $name', ({ name, bytes, kept, says }) => {
  const file = join(folder, name.replaceAll('../', ''));
  writeFileSync(file, bytes);
  const say = keepPhotograph(join(folder, 'photographs'), file);
  expect(say ?? '').toMatch(says ?? /^$/);
  expect(keptPhotographs(join(folder, 'photographs')).map((each) => each.name)).toEqual(kept);
});
