import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Profile } from '@tiepoint/hardware-profiles';
import type { CommandKind } from '@tiepoint/protocol';
import type { DeviceContext } from '@tiepoint/agent/field/commission/item-context.ts';
import { enterService, syncSettings } from '@tiepoint/agent/field/commission/looking-items.ts';
import { planItems } from '@tiepoint/agent/field/commission/plan.ts';
import { loadProfile, parseProfile } from '@tiepoint/agent/io/profile-file.ts';
import { BlindBench } from './blind-bench.ts';
import { readEmulateOptions } from './emulate-options.ts';
import { startRig } from './rig.ts';

const guide = readFileSync(join(import.meta.dirname, '../../hardware-profiles/profiles/README.md'), 'utf8');
const template = /```yaml\n(name: my-recloser\n.*?)```/s.exec(guide)?.[1] ?? '';

function ownProfile(text: string): Profile {
  const loaded = parseProfile(text, 'own.yaml');
  if (!loaded.ok) throw new Error(loaded.errors.join('\n'));
  return loaded.profile;
}

/** The item of commissioning, before a device that the agent reads over the wire. */
async function judged(item: typeof syncSettings, profile: Profile, bench: BlindBench) {
  const model = await bench.identify();
  const decoded = await bench.read();
  const context = { site: { model: () => model, read: async () => decoded }, device: { id: 'own-1' }, profile };
  return item(context as unknown as DeviceContext);
}

describe('the recloser of the guide, by a file of one’s own', () => {
  let bench: BlindBench;
  const profile = ownProfile(template);

  beforeAll(async () => {
    bench = await BlindBench.start(profile);
  });
  afterAll(() => bench.stop());
  beforeEach(() => {
    bench.device.change({ stuckSwitch: null, local: null, backFeed: null });
    bench.device.override(Object.fromEntries([...bench.device.overrides.keys()].map((name) => [name, null])));
  });

  function prepared(kind: CommandKind): void {
    expect(bench.behaviour.prepareFor(kind)).toBe(true);
    bench.pass(1_000);
  }

  test('is emulated from its file, and its commands are withheld until its registers are confirmed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tiepoint-own-'));
    const file = join(folder, 'my-recloser.yaml');
    writeFileSync(file, template);
    try {
      const read = readEmulateOptions(['--profile', file, '--tcp', '0', '--page', 'off']);
      if (!read.ok) throw new Error(read.say);
      const started = await startRig(read.options, () => undefined);
      if (!started.ok) throw new Error(started.say);
      expect(started.rig.devices[0]).toMatchObject({ profile: 'my-recloser', commands: ['connect', 'disconnect'] });
      await started.rig.stop();
      expect(loadProfile(file)).toMatchObject({ ok: true, profile: { name: 'my-recloser' } });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    expect(profile.unconfirmed).toContain('set:breakerOrder');
  });

  test('reads closed and ready, with what it carries', async () => {
    prepared('disconnect');
    const { measured } = await bench.read();
    expect(measured).toMatchObject({
      breakerState: 'closed',
      reclosing: 'ready',
      control: 'remote',
      loadSideVoltage: 'present',
    });
    expect(measured.activePowerW).toBeGreaterThan(1_000_000);
  });

  test('is opened, and its reclosing is blocked: both are measured', async () => {
    prepared('disconnect');
    const { outcome, writes, after } = await bench.command('disconnect');
    expect(outcome.state).toBe('confirmed');
    expect(writes.map(({ address, words }) => [address, ...words])).toEqual([
      [50, 0],
      [51, 2],
    ]);
    expect(after.measured).toMatchObject({ breakerState: 'open', reclosing: 'blocked', activePowerW: 0 });
  });

  test('opened, and reclosing that stays ready is not called done', async () => {
    prepared('disconnect');
    bench.device.override({ reclosing: 'ready' });
    const { outcome } = await bench.command('disconnect');
    expect(outcome.state).toBe('unconfirmed');
    expect(outcome.measured.find(({ point }) => point === 'reclosing')).toMatchObject({ word: 'ready', met: 'no' });
  });

  test('is closed onto a dead line, and reclosing stays as it was', async () => {
    prepared('disconnect');
    expect((await bench.command('disconnect')).outcome.state).toBe('confirmed');
    const { outcome, writes, after } = await bench.command('connect');
    expect(outcome.state).toBe('confirmed');
    expect(writes.map(({ address, words }) => [address, ...words])).toEqual([[51, 1]]);
    expect(after.measured).toMatchObject({ breakerState: 'closed', reclosing: 'blocked', loadSideVoltage: 'present' });
  });

  test.each([
    { what: 'before a line that something feeds', faults: { backFeed: true }, held: {}, reason: 'load-side-live' },
    { what: 'with a hot-line tag', faults: {}, held: { reclosing: 'hot-line-tag' }, reason: 'tagged' },
    { what: 'while it recloses by itself', faults: {}, held: { reclosing: 'in-progress' }, reason: 'busy' },
    { what: 'in LOCAL', faults: { local: true }, held: {}, reason: 'local' },
  ])('is not closed $what, and nothing is written', async ({ faults, held, reason }) => {
    prepared('connect');
    expect(bench.device.change(faults).ok).toBe(true);
    expect(bench.device.override(held)).toEqual({ ok: true });
    bench.pass(1_000);
    const { outcome, writes } = await bench.command('connect');
    expect([outcome.state, outcome.reason]).toEqual(['refused', reason]);
    expect(writes).toEqual([]);
  });

  test('a tag does not hold up opening, and a stuck breaker is not called open', async () => {
    prepared('disconnect');
    bench.device.override({ reclosing: 'hot-line-tag' });
    expect((await bench.command('disconnect')).outcome.state).toBe('confirmed');
    bench.device.override({ reclosing: null });
    prepared('disconnect');
    bench.device.change({ stuckSwitch: true });
    expect((await bench.command('disconnect')).outcome.state).toBe('unconfirmed');
  });
});

describe('settings that commissioning reads back, of a profile of one’s own', () => {
  const at = (address: number, scale = 1) => ({ source: { table: 'holding', address }, scale });
  const own = (ratedPowerW: number): Profile =>
    ownProfile(
      JSON.stringify({
        name: 'own-synchroniser',
        make: 'TEMPLATE',
        model: 'generator controller, made-up registers',
        source: 'no device: for this test',
        kind: 'aas',
        capabilities: ['breaker', 'synchroniser'],
        identify: { probes: [{ source: { table: 'holding', address: 0 }, type: 'uint16', equals: 815 }] },
        limits: { ratedPowerW },
        control: 'none',
        points: {
          breakerState: { source: { table: 'holding', address: 1 }, codes: { 0: 'open', 1: 'closed' } },
          synchroniser: { source: { table: 'holding', address: 2 }, codes: { 0: 'idle', 1: 'enabled' } },
          'set:syncCheck': { source: { table: 'holding', address: 9 }, codes: { 0: 'off', 1: 'on' } },
          'set:syncFrequencyHz': at(10, 0.01),
          'set:syncVoltagePct': at(11, 0.1),
          'set:syncAngleDeg': at(12),
          'set:syncDwellS': at(13, 0.1),
          'set:enterServiceVoltageLowPct': at(20, 0.1),
          'set:enterServiceVoltageHighPct': at(21, 0.1),
          'set:enterServiceFrequencyLowHz': at(22, 0.01),
          'set:enterServiceFrequencyHighHz': at(23, 0.01),
          'set:enterServiceDelayS': at(24),
          'set:enterServiceRampS': at(25),
        },
        commands: {},
      }),
    );
  let bench: BlindBench;
  async function read(item: typeof syncSettings, ratedPowerW: number, held: object) {
    const profile = own(ratedPowerW);
    bench = await BlindBench.start(profile);
    try {
      expect(bench.device.override(held)).toEqual({ ok: true });
      return await judged(item, profile, bench);
    } finally {
      await bench.stop();
    }
  }

  test('both are on the check list, where the profile has them', () => {
    const kinds = planItems([{ id: 'g', profile: own(400_000) }], { readOnly: true }).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['enter-service', 'sync-settings']));
    const ofRecloser = planItems([{ id: 'r', profile: ownProfile(template) }], { readOnly: true });
    expect(ofRecloser.map(({ kind }) => kind)).toContain('sync-settings');
  });

  // The limits of the three rows of IEEE 1547-2018 table 5, each against the next wider row.
  const rows = [
    { syncFrequencyHz: 0.3, syncVoltagePct: 10, syncAngleDeg: 20 },
    { syncFrequencyHz: 0.2, syncVoltagePct: 5, syncAngleDeg: 15 },
    { syncFrequencyHz: 0.1, syncVoltagePct: 3, syncAngleDeg: 10 },
  ] as const;
  const held = (row: object): object =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [`set:${name}`, value]));
  test.each([
    { ratedPowerW: 500_000, row: 0, outcome: 'passed', wrong: 0 },
    { ratedPowerW: 500_001, row: 0, outcome: 'differs', wrong: 3 },
    { ratedPowerW: 1_500_000, row: 1, outcome: 'passed', wrong: 0 },
    { ratedPowerW: 1_500_001, row: 1, outcome: 'differs', wrong: 3 },
    { ratedPowerW: 2_000_000, row: 2, outcome: 'passed', wrong: 0 },
  ])('a synchroniser of $ratedPowerW W set by row $row: $outcome', async ({ ratedPowerW, row, outcome, wrong }) => {
    const said = await read(syncSettings, ratedPowerW, held(rows[row] ?? {}));
    expect(said.outcome, said.say).toBe(outcome);
    expect(said.measured.filter(({ met }) => met === 'no')).toHaveLength(wrong);
    expect(said.measured.find(({ point }) => point === 'dwell in the window')).toMatchObject({ value: 0.5 });
  });

  test('a check that is switched off is no check, whatever its limits are', async () => {
    const said = await read(syncSettings, 400_000, { ...held(rows[2]), 'set:syncCheck': 'off' });
    expect([said.outcome, said.say]).toEqual(['differs', expect.stringContaining('synchronism check off (on)')]);
  });

  test.each([
    { what: 'the defaults', over: {}, outcome: 'passed', say: 'Within' },
    { what: 'another delay', over: { 'set:enterServiceDelayS': 20 }, outcome: 'differs', say: 'delay 20 s (300 s)' },
  ])('enter service with $what: $outcome', async ({ over, outcome, say }) => {
    const said = await read(enterService, 400_000, over);
    expect([said.outcome, said.say]).toEqual([outcome, expect.stringContaining(say)]);
  });
});
