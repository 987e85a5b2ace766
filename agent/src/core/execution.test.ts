import { encodePoint, identify, layOut, readImage, WordImage } from '@tiepoint/hardware-profiles';
import type { Decoded, DeviceModel, Profile, RegisterWrite, Span } from '@tiepoint/hardware-profiles';
import { no, yes } from '@tiepoint/protocol';
import type { Command, DeviceView, Measured, Verdict } from '@tiepoint/protocol';
import { expect, test } from 'vitest';
import { execute, resume } from './execution.ts';
import type { Answer, Ask, Execution, Outcome } from './execution.ts';

const profile: Profile = {
  name: 'test-switch',
  make: 'Tiepoint',
  model: 'test',
  source: 'made for this test',
  kind: 'meter',
  capabilities: ['service-switch', 'meter'],
  identify: { probes: [{ source: { table: 'input', address: 0 }, type: 'uint16', equals: 4711 }] },
  control: 'point',
  points: {
    switchState: {
      source: { table: 'input', address: 1 },
      type: 'uint16',
      codes: { 0: 'open', 1: 'closed', 2: 'moving' },
    },
    loadSideVoltage: { source: { table: 'input', address: 2 }, type: 'uint16', codes: { 0: 'absent', 1: 'present' } },
    currentA: { source: { table: 'input', address: 3 }, type: 'uint16', scale: 0.1, notImplemented: 0xffff },
    control: { source: { table: 'input', address: 4 }, type: 'uint16', codes: { 0: 'local', 1: 'remote' } },
    'set:arm': { source: { table: 'holding', address: 0 }, type: 'uint16' },
    'set:switch': { source: { table: 'holding', address: 1 }, type: 'uint16' },
  },
  commands: {
    disconnect: {
      steps: [
        { do: 'write', point: 'set:arm', value: 1 },
        {
          do: 'await',
          until: [{ point: 'control', is: 'remote' }],
          withinMs: 1_000,
          say: 'It should stay in REMOTE',
          otherwise: 'local',
        },
        { do: 'write', point: 'set:switch', value: 0 },
      ],
      proof: [
        { point: 'switchState', is: 'open' },
        { point: 'currentA', below: 0.5 },
      ],
      withinMs: 3_000,
    },
  },
};

const command: Command = {
  id: 'c1',
  deviceId: 'meter-1',
  kind: 'disconnect',
  seq: 1,
  issuedAtMs: 0,
  expiresAtMs: 30_000,
  operator: 'ann',
};

type World = {
  image: WordImage;
  onWrite(write: RegisterWrite, writes: number): Partial<Answer>;
  onWait?(nowMs: number): void;
  silent?: boolean;
  journalFails?: boolean;
  /** How long the disk takes. */
  journalMs?: number;
  /** How long each write waits for the bus. */
  busMs?: number;
  /** From here on the device is tagged. */
  heldFromMs?: number;
  /** What an ask takes. */
  costMs?: number;
};

function set(model: DeviceModel, image: WordImage, values: Measured): void {
  for (const point of model.points) {
    const value = values[point.name as keyof Measured];
    if (value !== undefined) encodePoint(point, value, image);
  }
}

function rig(change: Partial<World> = {}, values: Measured = {}): { world: World; model: DeviceModel } {
  const { image, model } = layOut(profile);
  set(model, image, { switchState: 'closed', loadSideVoltage: 'present', currentA: 12, control: 'remote', ...values });
  const opens: World = {
    image,
    onWrite: (write) => {
      if (write.address === 1) set(model, image, { switchState: 'open', loadSideVoltage: 'absent', currentA: 0 });
      return {};
    },
    ...change,
  };
  return { world: opens, model };
}

function drive(
  { world, model }: ReturnType<typeof rig>,
  how: typeof execute = execute,
  startMs = 1_000,
): { outcome: Outcome; asked: string[]; endMs: number } {
  let nowMs = startMs;
  const view = ({ measured }: Decoded): DeviceView => ({
    deviceId: 'meter-1',
    kind: 'meter',
    capabilities: profile.capabilities,
    commands: model.commands,
    limits: {},
    readOnly: false,
    liveness: 'live',
    measured,
  });
  const held = (): Verdict =>
    world.heldFromMs !== undefined && nowMs >= world.heldFromMs ? no('tagged', 'Tagged.') : yes;
  const execution: Execution = { command, model, image: new WordImage(), view, held, startMs };
  const machine = how(execution);
  const asked: string[] = [];
  let writes = 0;
  const read = (spans: readonly Span[]): Partial<Answer> => {
    if (world.silent === true) return { failure: { reason: 'bus-failure', say: 'no reply' } };
    for (const { table, address, words } of spans) {
      const outcome = readImage(world.image, { table, address, quantity: words });
      if (outcome.ok) execution.image.set(table, address, outcome.words, nowMs);
    }
    return { answered: true };
  };
  const answer = (ask: Ask): Partial<Answer> => {
    switch (ask.do) {
      case 'read':
        return read(ask.spans);
      case 'wait':
        nowMs += ask.ms;
        world.onWait?.(nowMs);
        return {};
      case 'journal':
        asked.push('journal');
        nowMs += world.journalMs ?? 0;
        return world.journalFails === true ? { failure: { reason: 'journal', say: 'disk full' } } : {};
      case 'write': {
        nowMs += world.busMs ?? 0;
        const may = ask.may(nowMs);
        if (!may.ok) return { failure: { reason: may.reason, say: may.say, calledOff: true } };
        writes += 1;
        asked.push(`write ${ask.write.address}=${ask.write.words.join(',')}`);
        return world.onWrite(ask.write, writes);
      }
    }
  };
  let step = machine.next();
  for (let i = 0; step.done !== true; i++) {
    if (i > 2_000) throw new Error('the execution does not end');
    nowMs += world.costMs ?? 5;
    const said = answer(step.value);
    step = machine.next({ nowMs, ...said });
  }
  return { outcome: step.value, asked, endMs: nowMs };
}

const both = ['journal', 'write 0=1', 'write 1=0'];

test('a switch that opens is confirmed by what was measured, and journalled before it was written', () => {
  const { outcome, asked } = drive(rig());
  expect(asked).toEqual(both);
  expect(outcome.state).toBe('confirmed');
  expect(outcome.measured.map(({ point, word, value, met }) => [point, word ?? value, met])).toEqual([
    ['switchState', 'open', 'yes'],
    ['currentA', 0, 'yes'],
  ]);
});

test.each<{ say: string; rig: () => ReturnType<typeof rig>; state: string; reason: string; asked: string[] }>([
  {
    say: 'a device that does not move',
    rig: () => rig({ onWrite: () => ({}) }),
    state: 'unconfirmed',
    reason: 'not-moved',
    asked: both,
  },
  {
    say: 'a switch that says open while current flows',
    rig: () => {
      const it = rig();
      it.world.onWrite = () => (set(it.model, it.world.image, { switchState: 'open' }), {});
      return it;
    },
    state: 'unconfirmed',
    reason: 'not-moved',
    asked: both,
  },
  {
    say: 'a current that is not implemented is no zero',
    rig: () => {
      const it = rig();
      it.world.onWrite = () => (
        set(it.model, it.world.image, { switchState: 'open' }),
        it.world.image.set('input', 3, [0xffff], 0),
        {}
      );
      return it;
    },
    state: 'unconfirmed',
    reason: 'measurement-failed',
    asked: both,
  },
  { say: 'LOCAL', rig: () => rig({}, { control: 'local' }), state: 'refused', reason: 'local', asked: [] },
  {
    say: 'open already',
    rig: () => rig({}, { switchState: 'open', currentA: 0 }),
    state: 'refused',
    reason: 'already-so',
    asked: [],
  },
  {
    say: 'a device that cannot be read',
    rig: () => rig({ silent: true }),
    state: 'refused',
    reason: 'measurement-failed',
    asked: [],
  },
  {
    say: 'a journal that fails',
    rig: () => rig({ journalFails: true }),
    state: 'refused',
    reason: 'journal',
    asked: ['journal'],
  },
  {
    say: 'a device that refuses the first write',
    rig: () =>
      rig({ onWrite: () => ({ failure: { reason: 'device-refused', say: 'exception 4', refusedByDevice: true } }) }),
    state: 'failed',
    reason: 'device-refused',
    asked: ['journal', 'write 0=1'],
  },
  {
    say: 'a write that timed out is not repeated, and nothing follows it',
    rig: () => rig({ onWrite: () => ({ failure: { reason: 'bus-timeout', say: 'no reply in 1 s' } }) }),
    state: 'unconfirmed',
    reason: 'bus-timeout',
    asked: ['journal', 'write 0=1'],
  },
  {
    say: 'LOCAL in the midst of it',
    rig: () => {
      const it = rig();
      it.world.onWrite = () => (set(it.model, it.world.image, { control: 'local' }), {});
      return it;
    },
    state: 'failed',
    reason: 'local',
    asked: ['journal', 'write 0=1'],
  },
  {
    say: 'reading that takes longer than the command lives',
    rig: () => rig({ costMs: 20_000 }),
    state: 'expired',
    reason: 'expired',
    asked: [],
  },
  {
    say: 'a disk that takes longer than the command lives',
    rig: () => rig({ journalMs: 40_000 }),
    state: 'expired',
    reason: 'expired',
    asked: ['journal'],
  },
  {
    say: 'a bus that is busy for longer than the command lives',
    rig: () => rig({ busMs: 40_000 }),
    state: 'expired',
    reason: 'expired',
    asked: ['journal'],
  },
  {
    say: 'a bus that is busy until it is tagged',
    rig: () => rig({ busMs: 5_000, heldFromMs: 4_000 }),
    state: 'refused',
    reason: 'tagged',
    asked: ['journal'],
  },
])('$say: $state', ({ rig: make, state, reason, asked }) => {
  const done = drive(make());
  expect(done.outcome).toMatchObject({ state, reason });
  expect(done.asked).toEqual(asked);
});

test('a write that timed out but was done is confirmed, with the doubt told', () => {
  const it = rig();
  it.world.onWrite = (write) => {
    if (write.address !== 1) return {};
    set(it.model, it.world.image, { switchState: 'open', currentA: 0 });
    return { failure: { reason: 'bus-timeout', say: 'no reply in 1 s' } };
  };
  const { outcome, asked } = drive(it);
  expect(outcome).toMatchObject({ state: 'confirmed', say: 'Measured as commanded. no reply in 1 s' });
  expect(asked).toEqual(both);
});

test('a slow device is waited for, within its time', () => {
  const it = rig({ onWrite: () => ({}) });
  it.world.onWait = (nowMs) => nowMs > 3_200 && set(it.model, it.world.image, { switchState: 'open', currentA: 0 });
  expect(drive(it).outcome.state).toBe('confirmed');
});

test('after a restart it measures, writes nothing and tells', () => {
  const moved = drive(rig({}, { switchState: 'open', currentA: 0 }), resume);
  expect(moved.asked).toEqual([]);
  expect(moved.outcome.state).toBe('confirmed');
  const stuck = drive(rig(), resume);
  expect(stuck.asked).toEqual([]);
  expect(stuck.outcome).toMatchObject({ state: 'unconfirmed', reason: 'interrupted' });
});

test('the profile of this test is one that a device would be identified by', () => {
  const { image } = layOut(profile);
  const machine = identify(profile);
  let step = machine.next();
  while (step.done !== true) step = machine.next(readImage(image, step.value));
  expect(step.value).toMatchObject({ ok: true });
});

test('a meter that stops answering before the precondition is read is not said to be in LOCAL', () => {
  const it = rig();
  const required: Profile['commands'] = {
    disconnect: {
      ...profile.commands.disconnect!,
      steps: [
        { do: 'require', that: [{ point: 'control', is: 'remote' }], reason: 'local', say: 'It is in LOCAL.' },
        ...profile.commands.disconnect!.steps,
      ],
    },
  };
  const model: DeviceModel = { ...it.model, plans: required, profile: { ...profile, commands: required } };
  let looks = 0;
  const { outcome, asked } = drive({
    world: {
      ...it.world,
      get silent() {
        return (looks += 1) > 1;
      },
    },
    model,
  });
  expect(asked).toEqual([]);
  expect(outcome).toMatchObject({ state: 'refused', reason: 'measurement-failed' });
  expect(outcome.say).not.toMatch(/is in LOCAL/);
});

test('a tag that comes while it is looked at: nothing is written', () => {
  const { outcome, asked } = drive(rig({ heldFromMs: 0 }));
  expect(outcome).toMatchObject({ state: 'refused', reason: 'tagged' });
  expect(asked.filter((ask) => ask.startsWith('write') || ask.startsWith('journal'))).toEqual([]);
});
