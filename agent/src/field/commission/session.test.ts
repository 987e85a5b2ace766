import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { DeviceModel } from '@tiepoint/hardware-profiles';
import type { CommandKind, CommandState } from '@tiepoint/protocol';
import type { AgentSettings } from '../../io/configuration.ts';
import { fakeTerminal } from '../testing/fake-terminal.ts';
import type { Order, SiteAccess } from './hosted-gateway.ts';
import { newProgress } from './progress-file.ts';
import type { Progress } from './progress-file.ts';
import { answersOf, personAt } from './questioner.ts';
import { Session } from './session.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tiepoint-session-'));
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

const item = 'meter-1/switch';
const settings = {
  gateway: { id: 'gw-1', readOnly: false, dataDir: '/nowhere' },
  profiles: [],
  devices: [{ id: 'meter-1', profile: 'ami-meter-200a', readOnly: false }],
} as unknown as AgentSettings;

/** A meter with a switch, whose commands end as `ends` says, `confirmed` where it says nothing; the switch moves all the same. */
function switchSite(
  isClosed: boolean,
  ends: (kind: CommandKind, nth: number) => CommandState | undefined,
): { site: SiteAccess; given: CommandKind[]; isClosed: () => boolean } {
  let closed = isClosed;
  const given: CommandKind[] = [];
  const model = { commands: ['connect', 'disconnect'], withheld: [], points: [], limits: {}, identity: {} };
  const site = {
    model: () => model as unknown as DeviceModel,
    identified: () => Promise.resolve(model as unknown as DeviceModel),
    read: () => Promise.resolve({ measured: { switchState: closed ? 'closed' : 'open' }, setpoints: {} }),
    command: (_deviceId: string, { kind }: Order) => {
      given.push(kind);
      closed = kind === 'connect';
      const state = ends(kind, given.length) ?? 'confirmed';
      return Promise.resolve({ commandId: `c-${given.length}`, kind, last: { state, measured: [] }, tookMs: 5 });
    },
  } as unknown as SiteAccess;
  return { site, given, isClosed: () => closed };
}

/** `typed`: what a person answers; without it, a file does. */
function sessionAt(
  site: SiteAccess,
  begun: Progress,
  { skip = {} }: { skip?: Record<string, string> } = {},
  typed?: readonly string[],
): { session: Session; terminal: ReturnType<typeof fakeTerminal> } {
  const terminal = fakeTerminal({ answers: typed ?? [] });
  const answers = {
    technician: { name: 'Ted' },
    consent: [item],
    skip: {},
    accept: {},
    readings: {},
    clamps: {},
    plates: {},
    ratings: {},
  };
  const others = otherItems(site, terminal);
  const session = new Session(
    {
      settings,
      configurationHash: 'cafe',
      firmware: '0',
      site,
      headEnd: undefined,
      ordered: [],
      ask: typed === undefined ? answersOf(answers) : personAt(terminal),
      answers: typed === undefined ? { ...answers, skip: { ...skipped(others), ...skip } } : undefined,
      terminal,
      folder,
      cadenceMs: 5_000,
      isEmulated: true,
    },
    typed === undefined ? begun : { ...begun, results: { ...leftOut(others), ...begun.results } },
  );
  return { session, terminal };
}

const skipped = (ids: readonly string[]): Record<string, string> =>
  Object.fromEntries(ids.map((id) => [id, 'not now']));
const leftOut = (ids: readonly string[]): Progress['results'] =>
  Object.fromEntries(
    ids.map((id) => [
      id,
      { id, title: id, required: true, outcome: 'skipped', say: '', measured: [], atMs: 1, tookMs: 0, attempts: 1 },
    ]),
  );

const otherItems = (site: SiteAccess, terminal: ReturnType<typeof fakeTerminal>): readonly string[] =>
  new Session(
    { settings, site, terminal, folder } as unknown as ConstructorParameters<typeof Session>[0],
    newProgress('cafe', 1),
  ).plan
    .map(({ id }) => id)
    .filter((id) => id !== item);

async function worked(session: Session): Promise<boolean> {
  const done = session.work([item]);
  await vi.advanceTimersByTimeAsync(120_000);
  return await done;
}

test('a switch that failed its test is brought back to where it was found, when the test is done again', async () => {
  const meter = switchSite(true, (_kind, nth) => (nth === 1 ? 'unconfirmed' : undefined));
  const { session, terminal } = sessionAt(meter.site, newProgress('cafe', 1));
  await worked(session);
  expect(meter.isClosed()).toBe(false);
  expect(session.progress.results[item]?.outcome).toBe('failed');
  expect(terminal.complaints.join('\n')).toMatch(/meter-1.*was found switched on/);
  await worked(session);
  expect(meter.isClosed()).toBe(true);
  expect(session.progress.results[item]?.outcome).toBe('passed');
  expect(session.progress.found).toEqual({});
});

test('what was found off is off again after an interrupt; what was found switched on is told, for no interrupt energises', async () => {
  const off = switchSite(false, () => undefined);
  const first = sessionAt(off.site, newProgress('cafe', 1));
  const command = off.site.command.bind(off.site);
  off.site.command = (deviceId, order) => {
    first.terminal.interrupt();
    return command(deviceId, order);
  };
  expect(await worked(first.session)).toBe(false);
  expect(off.given).toEqual(['connect', 'disconnect']);

  const on = switchSite(true, () => undefined);
  const second = sessionAt(on.site, newProgress('cafe', 1));
  const take = on.site.command.bind(on.site);
  on.site.command = (deviceId, order) => {
    second.terminal.interrupt();
    return take(deviceId, order);
  };
  expect(await worked(second.session)).toBe(false);
  expect(on.given).toEqual(['disconnect']);
  expect(second.terminal.complaints.join('\n')).toMatch(/meter-1.*was found switched on/);
});

test('quit ends all of it, in an item that is done once more, too; what it came to before stands', async () => {
  const { site } = switchSite(true, () => undefined);
  const { plan } = sessionAt(site, newProgress('cafe', 1)).session;
  const number = String(1 + plan.findIndex(({ id }) => id === item));
  const { session, terminal } = sessionAt(site, newProgress('cafe', 1), undefined, ['yes', number, 'quit']);
  await worked(session);
  const reviewing = session.review();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await reviewing).toBe(false);
  expect(terminal.asked.at(-1)).toMatch(/Go on\?/);
  expect(terminal.printed.at(-1)).toMatch(/interrupted: what it came to before stands/);
  expect(session.progress.results[item]?.outcome).toBe('passed');
});

test('a mistake of the program ends its item, and neither the list nor what was found before', async () => {
  const { site } = switchSite(true, () => undefined);
  site.command = () => Promise.reject(new RangeError('parameters cannot be carried'));
  const { session } = sessionAt(site, newProgress('cafe', 1));
  expect(await worked(session)).toBe(true);
  expect(session.progress.results[item]).toMatchObject({
    outcome: 'failed',
    say: expect.stringMatching(/mistake of this program.*cannot be carried/),
  });
  expect(session.progress.found).toEqual({ [item]: 'on' });
});

test('a switch that does not tell where it is, is not moved', async () => {
  const { site, given } = switchSite(true, () => undefined);
  site.read = () => Promise.resolve(undefined);
  const { session } = sessionAt(site, newProgress('cafe', 1));
  await worked(session);
  expect(given).toEqual([]);
  expect(session.progress.results[item]).toMatchObject({ outcome: 'failed', say: expect.stringContaining('not tell') });
});

test('one that was killed in its test is told of at once', () => {
  const { site } = switchSite(false, () => undefined);
  const { session, terminal } = sessionAt(site, { ...newProgress('cafe', 1), underWay: item, found: { [item]: 'on' } });
  session.show();
  expect(terminal.complaints.join('\n')).toMatch(/meter-1.*was found switched on/);
});

describe('a failure stands until the item passes', () => {
  const failing = (): ReturnType<typeof switchSite> =>
    switchSite(true, (_kind, nth) => (nth === 1 ? 'unconfirmed' : undefined));

  test('left out when it was to be done again', async () => {
    const { session, terminal } = sessionAt(failing().site, newProgress('cafe', 1));
    await worked(session);
    const { session: later, terminal: second } = sessionAt(failing().site, session.progress, {
      skip: { [item]: 'no time today' },
    });
    await worked(later);
    expect(later.progress.results[item]).toMatchObject({
      outcome: 'failed',
      say: session.progress.results[item]?.say,
      reason: 'no time today',
      attempts: 1,
    });
    expect(later.write(folder).report.verdict).toBe('failed');
    expect(second.printed.join('\n')).toMatch(/FAILED.*stays failed.*no time today.*--redo meter-1\/switch/s);
    expect(terminal.printed.join('\n')).not.toContain('stays failed');
  });

  test('what a person types where it failed is kept as the reason', async () => {
    const { site } = failing();
    const { session, terminal } = sessionAt(site, newProgress('cafe', 1), undefined, [
      'yes',
      'skip the spring is slack',
    ]);
    await worked(session);
    expect(terminal.asked.at(-1)).toMatch(/repeat/);
    expect(session.progress.results[item]).toMatchObject({ outcome: 'failed', reason: 'the spring is slack' });
  });

  test('passed at the second go', async () => {
    const { site } = failing();
    const { session } = sessionAt(site, newProgress('cafe', 1), undefined, ['yes', 'repeat', 'yes']);
    await worked(session);
    expect(session.progress.results[item]).toMatchObject({ outcome: 'passed', attempts: 2 });
  });

  test('passed, and left out later: it is left out', async () => {
    const { session } = sessionAt(switchSite(true, () => undefined).site, newProgress('cafe', 1));
    await worked(session);
    const { session: later } = sessionAt(failing().site, session.progress, { skip: { [item]: 'no time today' } });
    await worked(later);
    expect(later.progress.results[item]).toMatchObject({ outcome: 'skipped', reason: 'no time today' });
  });
});
