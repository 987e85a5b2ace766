import { expect, test } from 'vitest';
import type { OrderedDevice } from '@tiepoint/protocol/field';
import type { DeviceContext } from './item-context.ts';
import { ct, nameplate } from './looking-items.ts';

const pv = {
  name: 'sunspec-inverter',
  kind: 'aas',
  points: { currentAA: {}, currentBA: {}, currentCA: {}, voltageV: {}, activePowerW: {} },
};

/** An inverter of three phases at 10 A each. `clamps`: what the technician's clamp shows, or nothing. */
function inverter({
  ordered = {} as Partial<OrderedDevice>,
  configured = {} as object,
  told = {} as object,
  plate = undefined as number | undefined,
  clamps = [10, 10, 10] as readonly (number | undefined)[],
  phaseB = { currentBA: 10 } as { currentBA?: number },
}) {
  const asked: string[] = [];
  const waiting = [...clamps];
  const context = {
    device: { id: 'pv-1' },
    profile: pv,
    ordered: () => ({ deviceId: 'pv-1', profile: 'sunspec-inverter', ...ordered }),
    ask: {
      plateRating: (_id: string, name: string) => {
        asked.push(name);
        return Promise.resolve({ ok: true, value: plate });
      },
      direction: () => Promise.resolve({ ok: true, value: 'export' }),
      clamp: () => Promise.resolve({ ok: true, value: waiting.shift() }),
      ratio: () => Promise.resolve({ ok: true, value: undefined }),
    },
    site: {
      model: () => ({ identity: {}, limits: { ...told, ...configured }, toldLimits: told }),
      read: () =>
        Promise.resolve({
          measured: { currentAA: 10, ...phaseB, currentCA: 10, voltageV: 230, activePowerW: 6_900 },
        }),
    },
  } as unknown as DeviceContext;
  return { context, asked };
}

test.each<{ what: string; of: Parameters<typeof inverter>[0]; asked: readonly string[]; outcome: string }>([
  {
    what: 'as ordered',
    of: { ordered: { ratedPowerW: 6_000 }, configured: { ratedPowerW: 6_000 }, told: { ratedPowerW: 6_000 } },
    asked: [],
    outcome: 'passed',
  },
  {
    what: 'larger than ordered, whatever the configuration says after the order',
    of: { ordered: { ratedPowerW: 6_000 }, configured: { ratedPowerW: 6_000 }, told: { ratedPowerW: 50_000 } },
    asked: [],
    outcome: 'failed',
  },
  {
    what: 'that tells no rating, by its plate',
    of: { ordered: { ratedPowerW: 6_000 }, configured: { ratedPowerW: 6_000 }, plate: 6_000 },
    asked: ['ratedPowerW'],
    outcome: 'passed',
  },
  {
    what: 'that tells no rating and has no plate',
    of: { ordered: { ratedPowerW: 6_000 }, configured: { ratedPowerW: 6_000 } },
    asked: ['ratedPowerW'],
    outcome: 'differs',
  },
])('the nameplate of an inverter $what: $outcome', async ({ of, asked, outcome }) => {
  const device = inverter(of);
  expect(await nameplate(device.context)).toMatchObject({ outcome });
  expect(device.asked).toEqual(asked);
});

test.each<{ what: string; of: Parameters<typeof inverter>[0]; outcome: string; says?: string }>([
  { what: 'three clamps', of: {}, outcome: 'passed' },
  { what: 'two phases wired', of: { clamps: [10, undefined, 10], phaseB: {} }, outcome: 'passed' },
  {
    what: 'two phases wired, the third at nothing',
    of: { clamps: [10, undefined, 10], phaseB: { currentBA: 0 } },
    outcome: 'passed',
  },
  {
    what: 'a phase without a clamp in which the device tells current',
    of: { clamps: [10, undefined, 10] },
    outcome: 'differs',
    says: 'phase B',
  },
])('current transformers with $what: $outcome', async ({ of, outcome, says }) => {
  const judged = await ct(inverter(of).context);
  expect(judged.outcome, judged.say).toBe(outcome);
  expect(judged.say).toContain(says ?? '');
});
