import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SqliteStore } from './sqlite-store.ts';
import type { AuditEntry, CommandRecord, Store, TransitionRecord } from './store.ts';

/** `open` gives the same store each time: what one wrote the next finds. */
type StoreUnderTest = { open(): Store; remove(): void };

const t0 = 1_800_000_000_000;

function command(id: string, changes: Partial<CommandRecord> = {}): CommandRecord {
  const route = { targetKey: 'g.pv', routeKey: 'g.meter', routeBy: 'meter-switch', routeSay: 'by the switch' } as const;
  const times = { requestedAtMs: t0, expiresAtMs: t0 + 1, updatedAtMs: t0 };
  return {
    id,
    ...route,
    kind: 'disconnect',
    parameters: {},
    operator: 'ada',
    identity: 'account',
    selectionId: 's',
    seq: 1,
    ...times,
    state: 'requested',
    measured: [],
    transitions: 1,
    ...changes,
  };
}
const transition = (commandId: string, ordinal = 0): TransitionRecord => ({
  commandId,
  ordinal,
  state: 'requested',
  atMs: t0,
  by: 'operator',
  measured: [],
});
const entry = (changes: Partial<AuditEntry> = {}): AuditEntry => ({
  atMs: t0,
  who: 'ada',
  identity: 'account',
  action: 'operate',
  subject: 'g.pv',
  say: 'x',
  ...changes,
});

/** What the operations of every store must do. */
function operationsConformance(name: string, make: () => StoreUnderTest): void {
  describe(`${name}: operations`, () => {
    let under: StoreUnderTest;
    let store: Store;
    beforeEach(() => {
      under = make();
      store = under.open();
      store.start();
    });
    afterEach(() => {
      store.stop();
      under.remove();
    });
    const reopened = (): Store => {
      store.stop();
      store = under.open();
      store.start();
      return store;
    };

    test('a step is all or nothing: a transition told twice leaves no trace in command or audit', () => {
      expect(store.operations.recordStep(command('c'), transition('c'), entry()).ok).toBe(true);
      const again = store.operations.recordStep(
        command('c', { state: 'sent' }),
        transition('c'),
        entry({ say: 'twice' }),
      );
      expect(again).toMatchObject({ ok: false, reason: 'not-recorded' });
      const { operations } = reopened();
      expect(operations.command('c')).toEqual(command('c'));
      expect(operations.transitions('c')).toEqual([transition('c')]);
      expect(operations.audit({ limit: 10 }).map(({ say }) => say)).toEqual(['x']);
    });

    test('unfinished are those that are not final; queries find by target and by route', () => {
      const { operations } = store;
      operations.recordStep(command('a'), transition('a'), entry());
      operations.recordStep(command('b', { state: 'confirmed', requestedAtMs: t0 + 1 }), transition('b'), entry());
      operations.recordStep(
        command('c', { state: 'unknown', requestedAtMs: t0 + 2, routeKey: 'g.other' }),
        transition('c'),
        entry(),
      );
      expect(operations.unfinishedCommands().map(({ id }) => id)).toEqual(['a', 'c']);
      const ids = (query: object): string[] => operations.commands({ limit: 10, ...query }).map(({ id }) => id);
      expect(ids({})).toEqual(['c', 'b', 'a']);
      expect(ids({ deviceKey: 'g.meter' })).toEqual(['b', 'a']);
      expect(ids({ deviceKey: 'g.pv', active: true })).toEqual(['c', 'a']);
      expect(ids({ beforeMs: t0 + 1 })).toEqual(['a']);
      expect(ids({ limit: 1 })).toEqual(['c']);
    });

    test('an idempotency key is one operator’s, once', () => {
      const { operations } = store;
      operations.recordStep(command('a', { idempotencyKey: 'k' }), transition('a'), entry());
      expect(operations.recordStep(command('b', { idempotencyKey: 'k' }), transition('b'), entry()).ok).toBe(false);
      expect(
        operations.recordStep(command('c', { idempotencyKey: 'k', operator: 'bob' }), transition('c'), entry()).ok,
      ).toBe(true);
      expect(operations.commandByIdempotencyKey('ada', 'k')?.id).toBe('a');
      expect(operations.commandByIdempotencyKey('eve', 'k')).toBeUndefined();
    });

    test('command numbers rise, over restarts too, and never below what is asked', () => {
      const next = (atLeast: number): unknown => store.operations.nextCommandSeq('g.d', atLeast);
      expect([next(10), next(10), next(5), next(100)]).toEqual([10, 11, 12, 100].map((value) => ({ ok: true, value })));
      expect(reopened().operations.nextCommandSeq('g.d', 1)).toEqual({ ok: true, value: 101 });
    });

    test('the audit is found by subject, who, action and time, newest first, paged', () => {
      const { operations } = store;
      for (const [who, subject, action, atMs] of [
        ['ada', 'g.a', 'select', t0],
        ['bob', 'g.a', 'tag-set', t0 + 1],
        ['ada', 'g.b', 'tag-set', t0 + 2],
      ] as const)
        operations.appendAudit(entry({ who, subject, action, atMs, say: `${who} ${subject}` }));
      const says = (query: object): string[] => operations.audit({ limit: 10, ...query }).map(({ say }) => say);
      expect(says({ subject: 'g.a' })).toEqual(['bob g.a', 'ada g.a']);
      expect(says({ who: 'ada' })).toEqual(['ada g.b', 'ada g.a']);
      expect(says({ action: 'tag-set' })).toEqual(['ada g.b', 'bob g.a']);
      expect(says({ untilMs: t0 + 1, limit: 1 })).toEqual(['bob g.a']);
      expect(says({ beforeSeq: 3, limit: 1 })).toEqual(['bob g.a']);
    });

    test('tags and configurations stay over a restart', () => {
      const tag = { deviceKey: 'g.d', owner: 'ada', cause: 'work', sinceMs: t0 };
      const wanted = {
        gatewayId: 'g',
        revision: 2,
        devices: [{ deviceId: 'd', periodMs: 5_000 }],
        setAtMs: t0,
        setBy: 'ada',
      };
      store.operations.setTag(tag, entry({ action: 'tag-set' }));
      store.operations.setConfiguration(wanted, entry({ action: 'configuration-set' }));
      const mode = {
        id: 'm',
        mode: 'storm',
        areas: ['north'],
        fromMs: t0,
        untilMs: t0 + 1,
        operator: 'ada',
        cause: 'gale',
      } as const;
      store.operations.putFleetMode(mode, entry({ action: 'mode-ordered' }));
      const ended = { ...mode, ended: { atMs: t0, by: 'bob' } };
      store.operations.putFleetMode(ended, entry({ action: 'mode-ended' }));
      const { operations } = reopened();
      expect(operations.tags()).toEqual([tag]);
      expect(operations.configurations()).toEqual([wanted]);
      expect(operations.fleetModes()).toEqual([ended]);
      operations.liftTag('g.d', entry({ action: 'tag-lifted' }));
      expect(operations.tags()).toEqual([]);
      expect(operations.audit({ limit: 9 }).map(({ action }) => action)).toEqual([
        'tag-lifted',
        'mode-ended',
        'mode-ordered',
        'configuration-set',
        'tag-set',
      ]);
    });

    test('that a tag was removed by others is kept until its owner knows', () => {
      const tag = { deviceKey: 'g.d', owner: 'olga', cause: 'pole 7', sinceMs: t0 };
      const acting = { operator: 'bob', identity: 'account' } as const;
      const asked = { tag, acting, requestedAtMs: t0, cause: 'away', approver: 'cleo' };
      const [later, earlier] = [
        { ...asked, id: 'a', approvedAtMs: t0 + 9 },
        { ...asked, id: 'b', approvedAtMs: t0 + 1, say: 'seen' },
      ];
      const { operations } = store;
      for (const removal of [later, earlier]) operations.liftTag('g.d', entry({ action: 'tag-removed' }), removal);
      expect(operations.tagRemovals()).toEqual([earlier, later]);
      operations.forgetTagRemoval('b', entry({ action: 'tag-removal-known' }));
      expect(operations.tagRemovals()).toEqual([later]);
      expect(operations.audit({ limit: 1 })[0]?.action).toBe('tag-removal-known');
    });
  });
}

operationsConformance('SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'store-'));
  return { open: () => new SqliteStore(folder), remove: () => rmSync(folder, { recursive: true }) };
});
