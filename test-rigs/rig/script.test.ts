import { expect, test } from 'vitest';
import type { RigDevice } from './rig-device.ts';
import { parseScript } from './script.ts';
import { ScriptRunner } from './script-runner.ts';

const seed = 11;

test('a script as people write it', () => {
  const text = `
at 10s: set voltageV 0
at 1m30s: fault stuckSwitch; fault lateRepliesMs 900; fault holes input:0-3,input:9
at 2m-3m: on meter-2 set alarms tamper,over-voltage
at 4m: release voltageV; heal stuckSwitch
at 5m: prepare connect
at 1h: repeat
`;
  const read = parseScript(text, 'day.yaml', seed);
  if (!read.ok) throw new Error(read.say);
  expect(read.actions.map(({ atMs: _atMs, line: _line, ...rest }) => rest)).toEqual([
    { do: 'values', values: { voltageV: 0 } },
    { do: 'faults', faults: { stuckSwitch: true } },
    { do: 'faults', faults: { lateRepliesMs: 900 } },
    { do: 'faults', faults: { holes: ['input:0-3', 'input:9'] } },
    { do: 'values', device: 'meter-2', values: { alarms: ['tamper', 'over-voltage'] } },
    { do: 'values', values: { voltageV: null } },
    { do: 'faults', faults: { stuckSwitch: null } },
    { do: 'prepare', command: 'connect' },
    { do: 'repeat' },
  ]);
  expect(read.actions.map(({ atMs }) => atMs / 1000)).toEqual([
    10,
    90,
    90,
    90,
    expect.toSatisfy((s: number) => s >= 120 && s <= 180),
    240,
    240,
    300,
    3600,
  ]);
  expect(parseScript(text, 'day.yaml', seed)).toEqual(read);
});

test('the same in JSON', () => {
  const read = parseScript('{"at 1s": "set voltageV 240"}', 'day.json', seed);
  expect(read.ok && read.actions).toMatchObject([{ atMs: 1000, do: 'values', values: { voltageV: 240 } }]);
});

test.each([
  { text: 'voltage: 0', say: /^day.yaml:1: "voltage" is no time/ },
  { text: 'at 1s: set voltageV 0\nat ten: set voltageV 0', say: /^day.yaml:2: "at ten" is no time/ },
  { text: 'at 20s-10s: set voltageV 0', say: /is no time/ },
  { text: 'at 1s: set voltageV', say: /write for example "set voltageV 0"/ },
  { text: 'at 1s: explode', say: /a script knows set, release/ },
  { text: 'at 1s: prepare tea', say: /no command tea/ },
  { text: 'at 1s: 7', say: /must say what happens/ },
  { text: '- at 1s', say: /must hold lines such as/ },
  { text: 'at 1s: [', say: /^day.yaml: / },
])('$text is refused', ({ text, say }) => {
  const read = parseScript(text, 'day.yaml', seed);
  expect(read.ok ? '' : read.say).toMatch(say);
});

/** Notes what is asked of it. */
function noting(id: string): RigDevice & { asked: unknown[] } {
  const asked: unknown[] = [];
  const taken = (what: unknown): { ok: true; faults: object } => {
    asked.push(what);
    return { ok: true, faults: {} };
  };
  return {
    id,
    asked,
    change: taken,
    override: taken,
    prepareFor: (kind: string) => taken(kind).ok,
  } as unknown as RigDevice & { asked: unknown[] };
}

test('is carried out in its time, and begins anew', () => {
  const read = parseScript('at 1s: set a 1\nat 2s: fault dead\nat 3s: repeat', 'x.yaml', seed);
  if (!read.ok) throw new Error(read.say);
  const device = noting('one');
  const runner = new ScriptRunner(read.actions, [device], () => undefined);
  const after: number[] = [];
  for (let nowMs = 50_000; nowMs <= 57_000; nowMs += 500) {
    runner.step(nowMs);
    after.push(device.asked.length);
  }
  expect(after).toEqual([0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 4, 4, 5]);
  expect(device.asked.slice(0, 3)).toEqual([{ a: 1 }, { dead: true }, { a: 1 }]);
});

test('which device is meant must be clear before it begins', () => {
  const read = parseScript('at 1s: set a 1\nat 2s: on three set a 1\nat 3s: on two set a 1', 'x.yaml', seed);
  if (!read.ok) throw new Error(read.say);
  const runner = new ScriptRunner(read.actions, [noting('one'), noting('two')], () => undefined);
  expect(runner.mistakes()).toEqual([
    '"set a 1": say on which device: "on ID …", of one, two',
    '"on three set a 1": there is no device three; there is one, two',
  ]);
});
