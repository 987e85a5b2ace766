import { describe, expect, test } from 'vitest';
import { numberPoints, type CommandKind, type Measured } from '@tiepoint/protocol';
import { profiles, type Decoded, type DeviceModel, type LayOut, type Profile } from '@tiepoint/hardware-profiles';
import { commanded, identified, seen } from '../devices/behaviours/seen-by-agent.ts';
import { FaultPlan } from '../devices/faults.ts';
import { profiledDevice } from './profiled-device.ts';

// What the emulated devices say is compared with itself, as a technician does who has no instrument: read by the agent's own
// identification and decoding, of every profile and of the SunSpec models of which a device has one and not the other.

type Case = { readonly title: string; readonly profile: Profile; readonly models?: LayOut['models'] };

const named = (name: string): Profile => profiles.find((profile) => profile.name === name)!;
const cases: readonly Case[] = [
  ...profiles.map((profile) => ({ title: profile.name, profile })),
  ...[101, 102, 103, 111, 112, 113].map((id) => ({
    title: `sunspec-inverter of model ${id}`,
    profile: named('sunspec-inverter'),
    models: [1, id, 120, 121, 122, 123],
  })),
  ...[201, 202, 203, 204, 211, 212, 213, 214].map((id) => ({
    title: `sunspec-meter of model ${id}`,
    profile: named('sunspec-meter'),
    models: [1, id],
  })),
];

/** Phases of a SunSpec model by its number; of others what their profile has registers for. */
const phasesOfModel: Readonly<Record<number, number>> = {
  101: 1,
  111: 1,
  201: 1,
  211: 1,
  102: 2,
  112: 2,
  202: 2,
  212: 2,
};

type Emulated = ReturnType<typeof emulate>;

function emulate({ profile, models }: Case, options: { id?: string; unit?: number; seed?: number } = {}) {
  const made = profiledDevice({
    id: 'unit-1',
    unit: 1,
    seed: 2,
    ...options,
    profile,
    wire: new FaultPlan({ seed: 1 }),
    ...(models === undefined ? {} : { layOut: { models } }),
  });
  let nowMs = 1_000_000;
  const run = (seconds: number, stepMs = 100): void => {
    for (let ms = 0; ms < seconds * 1000; ms += stepMs) made.device.step((nowMs += stepMs));
  };
  run(5);
  return { ...made, run, read: (): Decoded => seen(made.device), model: (): DeviceModel => identified(made.device) };
}

/** By how much a value may be off because its register counts in steps: half of one. */
function grainOf({ model }: Emulated, name: string): number {
  const source = model().points.find((point) => point.name === name)?.sources[0];
  if (source === undefined || source.type.startsWith('float')) return 0;
  // Scale factors of the rig are at most ten.
  return 0.5 * Math.abs(source.scale) * (source.scaleFactorAddress === undefined ? 1 : 10);
}

const phaseLetters = ['A', 'B', 'C'] as const;
const near = (a: number, b: number, share: number, grain: number): boolean =>
  Math.abs(a - b) <= share * Math.max(Math.abs(a), Math.abs(b)) + grain;

/** Everything in which the readings disagree with each other, in words; empty: nothing. */
function disagreements(emulated: Emulated): readonly string[] {
  const { measured } = emulated.read();
  return [
    ...powersDisagree(emulated, measured),
    ...phasesDisagree(emulated, measured),
    ...statesDisagree(emulated, measured),
    ...outOfRange(measured),
  ];
}

function powersDisagree(emulated: Emulated, now: Measured): readonly string[] {
  const said: string[] = [];
  const grain = (name: string): number => grainOf(emulated, name);
  const phases = phaseLetters.flatMap((letter) => {
    const [volts, amperes] = [now[`voltage${letter}V`], now[`current${letter}A`]];
    return volts === undefined || amperes === undefined ? [] : [{ letter, volts, amperes }];
  });
  const products =
    phases.length > 0
      ? phases.map(({ volts, amperes }) => volts * amperes)
      : now.voltageV === undefined || now.currentA === undefined
        ? []
        : [now.voltageV * now.currentA];
  const voltAmperes = products.reduce((sum, each) => sum + each, 0);
  const { activePowerW: watts, reactivePowerVar: vars, apparentPowerVa: apparent } = now;
  const coarse =
    (now.voltageV ?? 0) * grain('currentA') * Math.max(1, phases.length) + (now.currentA ?? 0) * grain('voltageV') * 3;
  if (products.length > 0 && watts !== undefined) {
    const slack = grain('activePowerW') + coarse;
    const factor = Math.abs(watts) / voltAmperes;
    const isIdle = Math.abs(watts) <= slack && voltAmperes <= slack;
    if (!isIdle && !(Math.abs(watts) <= voltAmperes * 1.01 + slack && Math.abs(watts) >= voltAmperes * 0.94 - slack))
      said.push(`${watts} W of ${voltAmperes} VA: power factor ${factor}`);
  }
  if (
    apparent !== undefined &&
    products.length > 0 &&
    !near(apparent, voltAmperes, 0.02, grain('apparentPowerVa') + coarse)
  )
    said.push(`${apparent} VA told, ${voltAmperes} by volts and amperes`);
  if (apparent !== undefined && vars !== undefined && watts !== undefined)
    if (
      !near(
        apparent,
        Math.hypot(watts, vars),
        0.02,
        grain('apparentPowerVa') + grain('activePowerW') + grain('reactivePowerVar'),
      )
    )
      said.push(`${apparent} VA of ${watts} W and ${vars} var`);
  const { ratedPowerW, availablePowerW } = now;
  if (watts !== undefined && ratedPowerW !== undefined && watts > ratedPowerW * 1.05)
    said.push(`${watts} W of rated ${ratedPowerW}`);
  if (watts !== undefined && availablePowerW !== undefined && watts > availablePowerW * 1.01 + grain('activePowerW'))
    said.push(`${watts} W of available ${availablePowerW}`);
  return said;
}

function phasesDisagree(emulated: Emulated, now: Measured): readonly string[] {
  const said: string[] = [];
  const model = emulated.model();
  const count = model.sunspecModels?.flatMap(({ id }) => phasesOfModel[id] ?? [])[0] ?? 3;
  for (const letter of phaseLetters.slice(count))
    for (const name of [`voltage${letter}V`, `current${letter}A`, `activePower${letter}W`] as const)
      if (now[name] !== undefined) said.push(`${name} ${now[name]} of a device with ${count} phases`);
  const powers = phaseLetters.flatMap((letter) => now[`activePower${letter}W`] ?? []);
  const grain = 3 * grainOf(emulated, 'activePowerAW') + grainOf(emulated, 'activePowerW');
  if (powers.length > 0 && now.activePowerW !== undefined) {
    const sum = powers.reduce((a, b) => a + b, 0);
    if (!near(sum, now.activePowerW, 0.01, grain))
      said.push(`phases give ${sum} W, the total is ${now.activePowerW} W`);
  }
  if (now.currentA !== undefined && now.currentAA !== undefined && now.currentA !== now.currentAA)
    said.push(`currentA ${now.currentA}, of phase A ${now.currentAA}`);
  return said;
}

function statesDisagree(emulated: Emulated, now: Measured): readonly string[] {
  const said: string[] = [];
  const contact =
    now.breakerState ??
    now.switchState ??
    (now.connection === undefined ? undefined : now.connection === 'connected' ? 'closed' : 'open');
  const flows =
    Math.abs(now.activePowerW ?? 0) > grainOf(emulated, 'activePowerW') ||
    (now.currentA ?? 0) > grainOf(emulated, 'currentA');
  const stands = now.operatingState !== undefined && ['off', 'standby', 'sleeping'].includes(now.operatingState);
  if (contact === 'open' && flows) said.push('power flows through an open contact');
  if (stands && flows) said.push(`power flows while it is ${now.operatingState}`);
  if (now.operatingState === 'running' && contact === 'closed' && !flows && now.activePowerW !== undefined)
    said.push('it runs, connected, and gives nothing');
  if (now.breakerState !== undefined && now.connection !== undefined)
    if ((now.breakerState === 'closed') !== (now.connection === 'connected'))
      said.push(`breaker ${now.breakerState}, ${now.connection}`);
  if (now.switchState !== undefined && now.loadSideVoltage !== undefined)
    if ((now.switchState === 'closed') !== (now.loadSideVoltage === 'present'))
      said.push(`switch ${now.switchState}, load side ${now.loadSideVoltage}`);
  if (now.health !== undefined && now.health !== 'ok') said.push(`health ${now.health} without a fault`);
  if ((now.alarms ?? []).length > 0) said.push(`alarms ${String(now.alarms)} without a fault`);
  const { voltageV, frequencyHz } = now;
  if (voltageV !== undefined && frequencyHz !== undefined && voltageV > 50 !== frequencyHz > 40)
    said.push(`${voltageV} V at ${frequencyHz} Hz`);
  return said;
}

function outOfRange(now: Measured): readonly string[] {
  const said: string[] = [];
  const { frequencyHz, stateOfChargePct, fuelPct } = now;
  if (frequencyHz !== undefined && frequencyHz > 1)
    if (!near(frequencyHz, 50, 0, 0.2) && !near(frequencyHz, 60, 0, 0.2)) said.push(`${frequencyHz} Hz`);
  for (const pct of [stateOfChargePct, fuelPct])
    if (pct !== undefined && (pct <= 0 || pct > 100)) said.push(`${pct} %`);
  for (const [name, value] of Object.entries(now))
    if (name in numberPoints && !Number.isFinite(value)) said.push(`${name} ${String(value)}`);
  return said;
}

/** Set-points that say something else than the state that they brought about. */
function setpointsDisagree({ measured: now, setpoints }: Decoded): readonly string[] {
  const said: string[] = [];
  const isOpen = (now.connection ?? 'connected') !== 'connected' || (now.switchState ?? now.breakerState) === 'open';
  const stands = ['off', 'standby', 'sleeping'].includes(now.operatingState ?? '');
  const of = (name: string): number | string | undefined => setpoints[`set:${name}`];
  const differ = (name: string, wanted: number | string): void => {
    const value = of(name);
    if (value !== undefined && value !== wanted) said.push(`set:${name} ${value}, and should be ${wanted}`);
  };
  differ('connect', isOpen ? 0 : 1);
  differ('enterService', isOpen ? 0 : 1);
  if (of('enterService') !== undefined && !isOpen) differ('operation', stands ? 0 : 1);
  if (of('inverterRequest') !== undefined) differ('operation', isOpen ? 'disconnect' : 'connect');
  if (now.activePowerW !== 0) differ('inverterState', 'started');
  if (now.activePowerW !== 0 && of('mode') === 'stop') said.push('it gives power in the mode stop');
  differ('limitEnabled', 'off');
  differ('switchOrder', 0);
  const { busVoltageV } = now;
  for (const name of ['mainsVoltageBV', 'mainsVoltageCV'])
    if (busVoltageV !== undefined && of(name) !== undefined)
      if (!near(Number(of(name)), busVoltageV, 0.02, 1))
        said.push(`set:${name} ${of(name)}, phase A has ${busVoltageV}`);
  for (const name of [
    'maxPowerW',
    'maxChargeW',
    'maxDischargeW',
    'reserveHighPct',
    'reserveLowPct',
    'reservePct',
    'stringsConnected',
    'nominalVoltageV',
  ])
    if (of(name) === 0 && !(name === 'stringsConnected' && isOpen)) said.push(`set:${name} 0`);
  return [...said, ...settingsDisagree(now, of)];
}

/** Windows in which a device works must hold what it has. */
function settingsDisagree(now: Measured, of: (name: string) => number | string | undefined): readonly string[] {
  const said: string[] = [];
  const within = (low: string, value: number | undefined, high: string): void => {
    const [least, most] = [of(low), of(high)];
    if (value === undefined || least === undefined || most === undefined) return;
    if (!(Number(least) < value && value < Number(most)))
      said.push(`${value} is not within ${low} ${least} and ${high} ${most}`);
  };
  within('enterServiceFrequencyLowHz', now.frequencyHz, 'enterServiceFrequencyHighHz');
  within('enterServiceVoltageLowPct', 100, 'enterServiceVoltageHighPct');
  within('tripLowFrequency1Hz', now.frequencyHz, 'tripHighFrequency1Hz');
  within('tripLowFrequency2Hz', Number(of('tripLowFrequency1Hz')), 'tripHighFrequency2Hz');
  within('tripLowVoltage1Pct', 100, 'tripHighVoltage1Pct');
  within('tripLowVoltage2Pct', Number(of('tripLowVoltage1Pct')), 'tripHighVoltage2Pct');
  for (const name of ['tripLowVoltage', 'tripHighVoltage', 'tripLowFrequency', 'tripHighFrequency'])
    for (const place of [1, 2]) if (of(`${name}${place}S`) === 0) said.push(`set:${name}${place}S trips at once`);
  within('reserveLowPct', now.stateOfChargePct, 'reserveHighPct');
  return said;
}

describe.each(cases)('$title', (one) => {
  test('at rest: readings, states and set-points agree', () => {
    const emulated = emulate(one);
    expect(disagreements(emulated)).toEqual([]);
    expect(setpointsDisagree(emulated.read())).toEqual([]);
    const { operatingState = 'running' } = emulated.read().measured;
    expect(operatingState).toBe('running');
  });

  test('energy rises by what the power is', () => {
    const emulated = emulate(one);
    const before = emulated.read().measured;
    const name = one.profile.kind === 'aas' ? 'exportedEnergyWh' : 'importedEnergyWh';
    if (before[name] === undefined || before.activePowerW === undefined) return;
    emulated.run(3_600, 5_000);
    const after = emulated.read().measured;
    const rise = (after[name] ?? 0) - before[name];
    expect(
      near(rise, Math.abs(before.activePowerW), 0.03, 2 * grainOf(emulated, name) + grainOf(emulated, 'activePowerW')),
      `${rise} Wh`,
    ).toBe(true);
  });

  test.each((Object.keys(one.profile.commands) as CommandKind[]).map((kind) => ({ kind })))(
    'before and after $kind: readings, states and set-points agree',
    ({ kind }) => {
      const emulated = emulate(one);
      if (!emulated.behaviour.prepareFor(kind)) return;
      emulated.run(5);
      expect(disagreements(emulated)).toEqual([]);
      expect(setpointsDisagree(emulated.read())).toEqual([]);
      if (kind === 'limit-power' || kind === 'switch-relay') return;
      // Orders of several steps wait for each other: only what is done by its writes alone is looked at.
      commanded(emulated.device, kind);
      emulated.run(60);
      expect(disagreements(emulated)).toEqual([]);
      expect(setpointsDisagree(emulated.read())).toEqual([]);
    },
  );
});

describe('serial numbers', () => {
  const withSerial = profiles.filter(
    (profile) => profile.points['identity:serialNumber'] !== undefined || 'sunspec' in profile.identify,
  );
  const serialOf = (profile: Profile, options: { id?: string; unit?: number; seed?: number } = {}): string =>
    emulate({ title: '', profile }, options).model().identity.serialNumber ?? '';

  test.each(withSerial.map((profile) => ({ name: profile.name, profile })))(
    'of $name: its own, and the same again',
    ({ profile }) => {
      const first = serialOf(profile);
      expect(first).toMatch(/^[\dA-Z-]{5,}$/);
      expect(serialOf(profile)).toBe(first);
      const others = [serialOf(profile, { id: 'unit-2', unit: 2 }), serialOf(profile, { seed: 3 })];
      expect(new Set([first, ...others]).size).toBe(3);
      const point = emulate({ title: '', profile })
        .model()
        .nameplate.find(({ name }) => name === 'identity:serialNumber');
      // A number where the register is one.
      expect(first).toMatch(point?.sources[0]?.type === 'text' ? /./ : /^\d+$/);
    },
  );

  test('no two profiles have one in common', () => {
    const all = withSerial.map((profile) => serialOf(profile));
    expect(new Set(all).size).toBe(all.length);
  });
});

test('an inverter without storage tells no capacity of any', () => {
  const pv = emulate({ title: '', profile: named('sunspec-inverter'), models: [1, 103, 120, 121, 122, 123] });
  expect(pv.model().limits).not.toHaveProperty('storageCapacityWh');
  expect(emulate({ title: '', profile: named('sunspec-storage') }).model().limits.storageCapacityWh).toBe(100_000);
});

test.each([
  { name: 'schneider-iem3000', model: 'iEM3155' },
  { name: 'schneider-pm5000', model: 'PM5100' },
])('$name tells a model that there is, $model', ({ name, model }) => {
  expect(emulate({ title: name, profile: named(name) }).model().identity.model).toBe(model);
});
