import { describe, expect, test } from 'vitest';
import type { DeviceView } from './device-view.ts';
import { commandKinds } from './kinds.ts';
import { mayOvertake } from './standing.ts';
import { mayCommand } from './rules.ts';
import { view } from './view.fixture.ts';

const tag = { owner: 'A. Lineman', cause: 'working on pole 7' };
const active = { id: 'c1', kind: 'connect' } as const;

describe('nothing is commanded', () => {
  test.each<[string, Partial<DeviceView>, string, string]>([
    ['without the command in the profile', { commands: [] }, 'not-capable', 'choose'],
    ['through a read-only gateway', { readOnly: true }, 'read-only', 'change its configuration'],
    ['under a tag', { tag }, 'tagged', 'A. Lineman'],
    ['before the first report', { liveness: 'never' }, 'never-seen', 'wait'],
    ['on a late report', { liveness: 'late' }, 'late', 'wait'],
    ['to a lost device', { liveness: 'lost' }, 'lost', 'restore'],
    ['beside a stop', { active: { id: 'c', kind: 'stop-generation' } }, 'busy', 'wait'],
    ['in LOCAL', { measured: { control: 'local' } }, 'local', 'REMOTE'],
    ['where LOCAL or REMOTE is unknown', { measured: { control: undefined } }, 'local', 'check'],
    [
      'under a tag, whatever else holds',
      { tag, liveness: 'lost', active, measured: { control: 'local' } },
      'tagged',
      'lift',
    ],
  ])('%s', (_, over, reason, hint) => {
    for (const kind of commandKinds) {
      expect(mayCommand(view(over), kind, { limitPct: 50 })).toMatchObject({
        ok: false,
        reason,
        say: expect.stringContaining(hint) as string,
      });
    }
  });
});

test('a device without such a switch is not asked for REMOTE', () => {
  expect(mayCommand(view({ measured: { control: 'none' } }), 'disconnect')).toEqual({ ok: true });
});

test.each(commandKinds.filter((kind) => kind !== 'limit-power'))('%s takes no limit', (kind) => {
  expect(mayCommand(view(), kind, { limitPct: 50 })).toMatchObject({ ok: false, reason: 'invalid' });
});

test('in a storm commands go on: what is held back is judged by what it told last', () => {
  expect(mayCommand(view({ liveness: 'held-back' }), 'disconnect')).toEqual({ ok: true });
  // It was opened by command meanwhile, or closed, and could not tell: the agent knows.
  const opened = view({ liveness: 'held-back', capabilities: ['service-switch'], measured: { switchState: 'open' } });
  expect(mayCommand(opened, 'disconnect')).toEqual({ ok: true });
  expect(mayCommand({ ...opened, liveness: 'live' }, 'disconnect')).toMatchObject({ reason: 'already-so' });
  expect(mayCommand(view({ liveness: 'held-back', measured: { control: undefined } }), 'disconnect')).toMatchObject({
    ok: false,
  });
});

test('a parameter that is undefined is none', () => {
  expect(mayCommand(view(), 'disconnect', { limitPct: undefined })).toEqual({ ok: true });
});

test.each([
  { kind: 'disconnect', active: 'connect', may: true },
  { kind: 'stop-generation', active: 'activate-synchronization', may: true },
  { kind: 'disconnect', active: 'limit-power', may: true },
  { kind: 'stop-generation', active: 'disconnect', may: true },
  { kind: 'stop-generation', active: 'stop-generation', may: false },
  { kind: 'disconnect', active: 'disconnect', may: false },
  { kind: 'disconnect', active: 'stop-generation', may: false },
  { kind: 'connect', active: 'disconnect', may: false },
  { kind: 'start-generation', active: 'connect', may: false },
] as const)('$kind beside $active: $may', ({ kind, active, may }) => {
  expect(mayOvertake(kind, active)).toBe(may);
});
