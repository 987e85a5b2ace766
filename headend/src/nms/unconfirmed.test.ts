import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CommandState } from '@tiepoint/protocol';
import { SqliteStore } from '../store/sqlite-store.ts';
import type { AuditAction, CommandRecord } from '../store/store.ts';
import { Unconfirmed } from './unconfirmed.ts';

const t0 = 1_800_000_000_000;
let folder: string;
let store: SqliteStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tiepoint-unconfirmed-'));
  store = new SqliteStore(folder);
  store.start();
});
afterEach(() => {
  store.stop();
  rmSync(folder, { recursive: true });
});

type Step = { state: CommandState; startedAt?: number; of?: string } | { audit: AuditAction; of?: string };

/** One step a second; `startedAt` where a command was requested before the one that ended before it. */
test.each<{ name: string; steps: readonly Step[]; open: readonly string[] }>([
  { name: 'nothing yet', steps: [], open: [] },
  { name: 'under way', steps: [{ state: 'executing' }], open: [] },
  {
    name: 'unconfirmed: the device and who carried it out',
    steps: [{ state: 'unconfirmed' }],
    open: ['g.pv', 'g.meter'],
  },
  { name: 'the next one confirmed', steps: [{ state: 'unconfirmed' }, { state: 'confirmed' }], open: [] },
  { name: 'the next one failed', steps: [{ state: 'unconfirmed' }, { state: 'failed' }], open: ['g.pv', 'g.meter'] },
  { name: 'refused', steps: [{ state: 'unconfirmed' }, { state: 'refused' }], open: ['g.pv', 'g.meter'] },
  { name: 'tagged', steps: [{ state: 'unconfirmed' }, { audit: 'tag-set' }], open: ['g.meter'] },
  { name: 'tag lifted', steps: [{ state: 'unconfirmed' }, { audit: 'tag-lifted' }], open: ['g.pv', 'g.meter'] },
  { name: 'a tag from before', steps: [{ audit: 'tag-set' }, { state: 'unconfirmed' }], open: ['g.pv', 'g.meter'] },
  {
    name: 'an older one that ends after a newer one was confirmed',
    steps: [{ state: 'confirmed' }, { state: 'unconfirmed', startedAt: -1 }],
    open: [],
  },
  {
    name: 'confirmed at the meter alone',
    steps: [{ state: 'unconfirmed' }, { state: 'confirmed', of: 'g.meter' }],
    open: ['g.pv'],
  },
])('$name', ({ steps, open }) => {
  const live = new Unconfirmed(store.operations);
  for (const [at, step] of steps.entries()) {
    const atMs = t0 + at * 1_000;
    const of = step.of ?? 'g.pv';
    const audit = { atMs, who: 'ada', identity: 'account', subject: of, say: '' } as const;
    if ('audit' in step) {
      store.operations.appendAudit({ ...audit, action: step.audit });
      live.look(of);
      continue;
    }
    const command = commandOf(`c${at}`, {
      of,
      state: step.state,
      requestedAtMs: t0 + (step.startedAt ?? at) * 1_000,
      atMs,
    });
    const transition = {
      commandId: command.id,
      ordinal: 0,
      state: step.state,
      atMs,
      by: 'agent',
      measured: [],
    } as const;
    store.operations.recordStep(command, transition, { ...audit, action: 'command-transition' });
    live.moved(command);
  }
  const restarted = new Unconfirmed(store.operations);
  restarted.load();
  const keys = ['g.pv', 'g.meter', 'g.other'];
  expect(keys.filter((key) => live.of(key) !== undefined)).toEqual(open);
  expect(keys.filter((key) => restarted.of(key) !== undefined)).toEqual(open);
});

function commandOf(
  id: string,
  { of, state, requestedAtMs, atMs }: { of: string; state: CommandState; requestedAtMs: number; atMs: number },
): CommandRecord {
  return {
    id,
    targetKey: of,
    routeKey: 'g.meter',
    routeBy: 'meter-switch',
    routeSay: '',
    kind: 'disconnect',
    parameters: {},
    operator: 'ada',
    identity: 'account',
    selectionId: 's',
    seq: 1,
    requestedAtMs,
    expiresAtMs: requestedAtMs + 30_000,
    updatedAtMs: atMs,
    state,
    measured: [],
    transitions: 1,
  };
}
