import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { numberPoints, type CommandKind, type CommandParameters } from '@tiepoint/protocol';
import { profiles, type Profile } from '@tiepoint/hardware-profiles';
import type { Outcome } from '@tiepoint/agent/core/execution.ts';
import { BlindBench, type Attempt } from './blind-bench.ts';

type Order = { readonly kind: CommandKind; readonly parameters: CommandParameters; readonly title: string };

/** With what each command is given; each relay that the device has for itself. */
function ordersOf(profile: Profile): readonly Order[] {
  return (Object.keys(profile.commands) as CommandKind[]).flatMap((kind): Order[] => {
    if (kind === 'limit-power') return [{ kind, parameters: { limitPct: 30 }, title: 'limit-power to 30 %' }];
    if (kind !== 'switch-relay') return [{ kind, parameters: {}, title: kind }];
    return ([1, 2, 3, 4] as const)
      .filter((relay) => `relay${relay}` in profile.points)
      .map((relay) => ({ kind, parameters: { relay, to: 'on' as const }, title: `switch-relay ${relay} on` }));
  });
}

/** Does LOCAL show in what the agent asks before it writes? Without, a device can but refuse the write. */
const showsLocal = (profile: Profile, kind: CommandKind): boolean =>
  profile.control === 'point' ||
  (profile.commands[kind]?.steps ?? []).some((step) => step.do === 'require' && step.reason === 'local');

const said = ({ reason, say, measured }: Outcome): string =>
  [
    reason,
    say,
    ...measured.map(({ point, value, word, expected }) => `${point} ${value ?? word} for ${expected}`),
  ].join(' | ');

/** Arming moves neither contact nor engine. */
const moves = ({ kind }: { kind: CommandKind }): boolean => kind !== 'enable-synchronization';

const only = (points: readonly { name: string }[], values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(points.map(({ name }) => [name, values[name]]));

// Meters that push are read in p1.test.ts: they answer nothing.
const asked = profiles.filter(({ port }) => port === undefined);

/** One register says either where the contact is or what the bank does: while it says connected, nobody knows whether it runs. */
const untoldWhileConnected = new Set(['sunspec-battery operatingState']);

/** No register tells what they are: a technician chooses among the candidates. */
const withoutName = new Set(
  asked.filter(({ identify }) => 'anonymous' in identify && identify.anonymous).map(({ name }) => name),
);

describe.each(asked.map((profile) => ({ name: profile.name, profile })))('$name', ({ profile }) => {
  let bench: BlindBench;
  const orders = ordersOf(profile);

  beforeAll(async () => {
    bench = await BlindBench.start(profile);
    bench.pass(5_000);
  });
  afterAll(() => bench.stop());

  test('is found by a scan', async () => {
    expect(await bench.scan([1, 2, 3, 247])).toEqual([1]);
  });

  test('is named, or told among the candidates where no register names it', async () => {
    const { named, candidates, say } = await bench.recognise();
    expect(named?.profile.name, say).toBe(withoutName.has(profile.name) ? undefined : profile.name);
    expect(candidates.map((candidate) => candidate.profile.name)).toContain(profile.name);
  });

  test('is identified, with all that its profile has', async () => {
    const model = await bench.identify();
    expect(model.commands.toSorted()).toEqual(Object.keys(profile.commands).toSorted());
    expect(model.capabilities.toSorted()).toEqual(profile.capabilities.toSorted());
    expect(model.points.map(({ name }) => name)).toEqual(bench.behaviour.model.points.map(({ name }) => name));
    for (const { name } of model.nameplate.filter((point) => point.name.startsWith('limit:')))
      expect(model.limits).toHaveProperty(name.slice('limit:'.length));
  });

  test('every point reads, as the rig says it is', async () => {
    const { measured, setpoints } = await bench.read();
    const { points } = bench.behaviour.model;
    const read: Record<string, unknown> = { ...measured, ...setpoints };
    const unread = points.filter(
      ({ name, sources: [first] }) =>
        read[name] === undefined && first?.orders === undefined && !untoldWhileConnected.has(`${profile.name} ${name}`),
    );
    expect(unread.map(({ name }) => name)).toEqual([]);
    const held = bench.device.decoded();
    expect(only(points, read)).toEqual(only(points, { ...held.measured, ...held.setpoints }));
    for (const { name, sources } of points.filter((point) => point.name in numberPoints)) {
      const told = bench.behaviour.told({})[name];
      const step = Math.abs(sources[0]?.scale ?? 1) * 10 ** (sources[0]?.scaleFactorAddress === undefined ? 0 : 3);
      expect([name, Math.abs(Number(read[name]) - Number(told)) <= step + Math.abs(Number(told)) * 1e-3]).toEqual([
        name,
        true,
      ]);
    }
  });

  test('what it reads is what a technician would believe', async () => {
    const { measured } = await bench.read();
    const { settings } = bench.behaviour;
    const { voltageAV, frequencyHz, activePowerW, activePowerAW, activePowerBW = 0, activePowerCW = 0 } = measured;
    expect((voltageAV ?? settings.nominalV) / settings.nominalV).toBeCloseTo(1, 1);
    expect((frequencyHz ?? settings.nominalHz) / settings.nominalHz).toBeCloseTo(1, 1);
    const sumW = activePowerAW === undefined ? activePowerW : activePowerAW + activePowerBW + activePowerCW;
    const wholeW = activePowerW ?? sumW ?? 0;
    // Registers of kilowatts tell each phase by half a kilowatt.
    const coarseW =
      (bench.behaviour.model.points.find(({ name }) => name === 'activePowerAW')?.sources[0]?.scale ?? 1) * 3;
    expect(Math.abs(wholeW - (sumW ?? wholeW))).toBeLessThanOrEqual(Math.max(0.03 * Math.abs(wholeW), coarseW));
  });

  test.each(orders)('$title is done, and measured to be done', async ({ kind, parameters }) => {
    expect(bench.behaviour.prepareFor(kind)).toBe(true);
    bench.pass(1_000);
    const { outcome, writes } = await bench.command(kind, parameters);
    expect([outcome.state, said(outcome)]).toEqual(['confirmed', said(outcome)]);
    expect(writes.length).toBeGreaterThan(0);
  });

  test.each(orders.filter(moves))(
    '$title with a contact that is stuck is not called done',
    async ({ kind, parameters }) => {
      bench.behaviour.prepareFor(kind);
      expect(bench.device.change({ stuckSwitch: true }).ok).toBe(true);
      bench.pass(1_000);
      const { outcome, writes } = await bench.command(kind, parameters);
      bench.device.change({ stuckSwitch: null });
      expect(['unconfirmed', 'failed'], said(outcome)).toContain(outcome.state);
      expect(writes.length).toBeGreaterThan(0);
      expect(outcome.measured.some(({ met }) => met === 'no')).toBe(true);
    },
  );

  test.each(orders.filter(({ kind }) => showsLocal(profile, kind)))(
    '$title in LOCAL is refused, and nothing is written',
    async ({ kind, parameters }) => {
      const { outcome, writes } = await inLocal(kind, parameters);
      expect(outcome.state, said(outcome)).toBe('refused');
      // Of a device without a LOCAL/REMOTE switch the rule may ask first for something else that is not so in LOCAL.
      expect(profile.control === 'none' || outcome.reason === 'local').toBe(true);
      expect(writes).toEqual([]);
    },
  );

  test.each(orders.filter(({ kind }) => !showsLocal(profile, kind)))(
    '$title in a LOCAL that does not show is not called done',
    async ({ kind, parameters }) => {
      const { outcome } = await inLocal(kind, parameters);
      expect(outcome.state).not.toBe('confirmed');
    },
  );

  async function inLocal(kind: CommandKind, parameters: CommandParameters): Promise<Attempt> {
    bench.behaviour.prepareFor(kind);
    bench.device.change({ local: true });
    bench.pass(1_000);
    const attempt = await bench.command(kind, parameters);
    bench.device.change({ local: null });
    return attempt;
  }
});
