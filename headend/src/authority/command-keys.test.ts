import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trustList } from '@tiepoint/protocol';
import { openEnvelope, seal, verifyingKey } from '@tiepoint/protocol/envelope';
import { trustShape } from '@tiepoint/protocol/field';
import type { Trust } from '@tiepoint/protocol/field';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CommandKeys } from './command-keys.ts';
import { KeyDesk } from './key-desk.ts';
import { KeyFolder } from './key-folder.ts';
import { retireAfterMs } from './key-rotation.ts';
import { fileVault } from './key-vault.ts';

let data: string;
beforeEach(() => (data = mkdtempSync(join(tmpdir(), 'tiepoint-keys-'))));
afterEach(() => rmSync(data, { recursive: true, force: true }));

const open = (): CommandKeys => {
  const folder = new KeyFolder(join(data, 'keys'));
  return new CommandKeys(folder, fileVault(folder));
};
const started = (nowMs = 0): CommandKeys => {
  const keys = open();
  keys.start(nowMs);
  return keys;
};
const secrets = (): readonly string[] => readdirSync(join(data, 'keys')).filter((name) => name.endsWith('.pem'));

/** An agent as far as trust goes: takes a list that it can verify, of a higher revision. Gives what it believes then. */
function believing(trust: Trust, lists: readonly Uint8Array[]): Trust {
  let now = trust;
  for (const bytes of lists) {
    const keys = [...now.commandKeys, now.recoveryKey].flatMap(
      (key) => verifyingKey(Buffer.from(key, 'base64url')) ?? [],
    );
    const opened = openEnvelope(bytes, { kind: 'trust' }, (kid) => keys.find((key) => key.kid === kid));
    const read = opened.ok ? trustList.fromBytes(opened.content) : undefined;
    if (read?.ok === true && read.value.revision > now.revision)
      now = {
        ...now,
        revision: read.value.revision,
        commandKeys: read.value.commandKeys.map((key) => Buffer.from(key).toString('base64url')),
      };
  }
  return now;
}

/** Does somebody who believes this obey what is signed now? */
function obeys(trust: Trust, keys: CommandKeys): boolean {
  const sealed = seal(new Uint8Array([1]), { kind: 'host' }, keys.signer);
  const trusted = trust.commandKeys.flatMap((key) => verifyingKey(Buffer.from(key, 'base64url')) ?? []);
  return openEnvelope(sealed, { kind: 'host' }, (kid) => trusted.find((key) => key.kid === kid)).ok;
}

describe('the first start', () => {
  test('makes a command key and a recovery key, for its user alone, and the file of trust', () => {
    const keys = started();
    expect(secrets()).toHaveLength(2);
    for (const name of secrets()) expect(statSync(join(data, 'keys', name)).mode & 0o777).toBe(0o600);
    expect(trustShape(JSON.parse(readFileSync(join(data, 'keys', 'trust.json'), 'utf8')), '')).toEqual({
      ok: true,
      value: keys.trust,
    });
    expect(obeys(keys.trust, keys)).toBe(true);
    expect(keys.listsAbove(0)).toEqual([]);
  });

  test('is made once', () => {
    const { trust } = started();
    expect(started().trust).toEqual(trust);
  });
});

test('a whole rotation: who was there, who was away for a part of it, and who was away all the time obeys at its end', () => {
  const keys = started();
  const first = keys.trust;
  const firstPem = secrets();
  expect(keys.announce(1_000)).toBe(true);
  expect(keys.announce(1_001)).toBe(false);
  const present = believing(first, keys.listsAbove(first.revision));
  expect(present.revision).toBe(2);
  expect(keys.step({ kind: 'time', laggingIds: ['gw-1'] }, 2_000)).toBe(false);
  expect(keys.step({ kind: 'time', laggingIds: [] }, 2_000)).toBe(true);
  expect([obeys(present, keys), obeys(first, keys)]).toEqual([true, false]);
  expect(keys.step({ kind: 'time', laggingIds: [] }, 2_000 + retireAfterMs)).toBe(true);
  const ended = believing(present, keys.listsAbove(present.revision));
  const late = believing(first, keys.listsAbove(first.revision));
  expect(late).toEqual(ended);
  expect([obeys(late, keys), ended.commandKeys.length]).toEqual([true, 1]);
  expect([0, 1, 2, 3, 4].map((revision) => keys.isObeyedAt(revision))).toEqual([false, true, true, true, false]);
  // The old key is off the disk, and the recovery key and the new one are there.
  expect(secrets()).toHaveLength(2);
  expect(firstPem.filter((name) => secrets().includes(name))).toEqual(['recovery-key.pem']);
});

test('a start in the midst of a rotation takes it up', () => {
  const before = started();
  const first = before.trust;
  before.announce(1_000);
  const keys = started();
  expect(keys.rotation).toMatchObject({ phase: 'announced', revision: 2 });
  keys.step({ kind: 'time', laggingIds: [] }, 2_000);
  const again = started();
  expect(obeys(believing(first, again.listsAbove(1)), again)).toBe(true);
});

test('a list that somebody else made is not believed, nor one of before told again', () => {
  const keys = started();
  const stranger = ((data: string) => {
    const folder = new KeyFolder(join(data, 'other'));
    const other = new CommandKeys(folder, fileVault(folder));
    other.start(0);
    other.announce(0);
    return other;
  })(data);
  expect(believing(keys.trust, stranger.listsAbove(0))).toEqual(keys.trust);
  keys.announce(0);
  const [announced] = keys.listsAbove(1);
  keys.step({ kind: 'withdraw' }, 1);
  const now = believing(keys.trust, announced === undefined ? [] : [announced]);
  expect(now).toEqual(keys.trust);
});

describe('the recovery key', () => {
  test('wins the gateways back when the command keys are lost, and what was signed with them counts no more', () => {
    const keys = started();
    const enrolled = keys.trust;
    const pem = keys.recoveryPem() ?? '';
    keys.eraseRecoveryKey();
    expect(keys.isRecoveryKeyHere).toBe(false);
    rmSync(join(data, 'keys'), { recursive: true });
    open().recover(pem, 1_790_000_000_000);
    const anew = started();
    const now = believing(enrolled, anew.listsAbove(enrolled.revision));
    expect([obeys(now, anew), obeys(now, keys)]).toEqual([true, false]);
    expect(anew.isObeyedAt(enrolled.revision)).toBe(true);
    expect(anew.isRecoveryKeyHere).toBe(false);
  });

  test('signs lists and nothing else: it is no command key', () => {
    const keys = started();
    expect(keys.trust.commandKeys).not.toContain(keys.trust.recoveryKey);
  });

  test('of another head-end is refused', () => {
    const keys = started();
    const pem = keys.recoveryPem() ?? '';
    rmSync(join(data, 'keys'), { recursive: true });
    started();
    expect(() => open().recover(pem, 1)).toThrow('another recovery key');
  });
});

test.each<[string, () => void, string]>([
  [
    'the command key is gone',
    () => rmSync(join(data, 'keys', secrets().find((name) => name.startsWith('command')) ?? '')),
    'is missing',
  ],
  ['the state is torn', () => writeFileSync(join(data, 'keys', 'command-keys.json'), '{'), 'is damaged'],
])('%s: said, and nothing is begun anew', (_, spoil, say) => {
  started();
  spoil();
  expect(() => started()).toThrow(say);
});

describe('what operators ask', () => {
  const desk = (
    keys: CommandKeys,
    gateways: { gatewayId: string; trustRevision: number | undefined }[],
    at: { nowMs: number; full?: boolean },
  ) => {
    const audit: string[] = [];
    const made = new KeyDesk({
      keys,
      gateways: () => gateways,
      appendAudit: ({ say }) =>
        at.full === true
          ? { ok: false, reason: 'not-recorded', say: 'disk full' }
          : (audit.push(say), { ok: true, value: undefined }),
      onList: () => undefined,
      now: () => at.nowMs,
    });
    return { made, audit };
  };

  test('announce, wait, go on without the one that is away, retire: each in the audit', () => {
    const at = { nowMs: 0 };
    const gateways = [
      { gatewayId: 'gw-1', trustRevision: 1 },
      { gatewayId: 'gw-away', trustRevision: undefined },
    ];
    const { made, audit } = desk(started(), gateways, at);
    expect(made.ask({ wish: 'go-on', operator: 'ann', identity: 'account' })).toMatchObject({
      ok: false,
      reason: 'conflict',
    });
    expect(made.ask({ wish: 'announce', operator: 'ann', identity: 'account', cause: 'yearly' })).toMatchObject({
      ok: true,
      value: { phase: 'announced', waitingForIds: ['gw-1', 'gw-away'] },
    });
    gateways[0] = { gatewayId: 'gw-1', trustRevision: 2 };
    made.tick();
    expect(made.status()).toMatchObject({ phase: 'announced', waitingForIds: ['gw-away'] });
    expect(made.ask({ wish: 'go-on', operator: 'ann', identity: 'account' })).toMatchObject({ ok: true });
    made.tick();
    expect(made.status().phase).toBe('switched');
    at.nowMs += retireAfterMs;
    made.tick();
    expect(made.status()).toMatchObject({ phase: 'settled', revision: 3 });
    expect(audit).toEqual([
      'The next command key is announced',
      'The next command key is not held up by gateways that lack it: gw-away',
      'The next command key signs from here on',
      'The old command key is retired and erased',
    ]);
  });

  test('what cannot be audited is not done, and is said', () => {
    const at = { nowMs: 0, full: true };
    const keys = started();
    const { made } = desk(keys, [], at);
    expect(made.ask({ wish: 'announce', operator: 'ann', identity: 'account' })).toMatchObject({
      ok: false,
      reason: 'not-recorded',
    });
    expect(keys.rotation.phase).toBe('settled');
    at.full = false;
    made.ask({ wish: 'announce', operator: 'ann', identity: 'account' });
    at.full = true;
    expect(made.tick()).toBe('disk full');
    expect(keys.rotation.phase).toBe('announced');
    at.full = false;
    expect(made.tick()).toBeUndefined();
    expect(keys.rotation.phase).toBe('switched');
  });

  test('gateways that know newer keys than the head-end are told of: an old backup was put back', () => {
    const { made } = desk(started(), [{ gatewayId: 'gw-1', trustRevision: 3 }], { nowMs: 0 });
    expect(made.tick()).toContain('than what gw-1 obeys');
    const { made: well } = desk(started(), [{ gatewayId: 'gw-1', trustRevision: 1 }], { nowMs: 0 });
    expect(well.tick()).toBeUndefined();
  });
});
