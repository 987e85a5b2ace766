import { describe, expect, test } from 'vitest';
import { type Fault, FaultPlan, deadUnit, hole, slowUnit } from './faults.ts';
import { type Framing, replyTo } from './faulty-reply.ts';
import { RegisterImage } from './register-image.ts';
import { crc16, parseRtuFrame, rtuFrame } from './rtu-frame.ts';

const readTwo = Uint8Array.of(3, 0, 0, 0, 2);
const writeOne = Uint8Array.of(6, 0, 0, 0, 9);
const rtu: Framing = { frame: rtuFrame, hasCrc: true, hasTransaction: false, hasConnection: false };
const tcp: Framing = { ...rtu, hasCrc: false, hasTransaction: true, hasConnection: true };
const quiet = (): void => undefined;

function image(): RegisterImage {
  const made = new RegisterImage();
  made.set('holding', 0, [0x1122, 0x3344]);
  return made;
}

describe('when a rule fires', () => {
  const lost: Fault = { kind: 'lost' };
  test.each([
    { when: undefined, fires: [1, 2, 3, 4, 5, 6] },
    { when: { requests: [2, 5] }, fires: [2, 5] },
    { when: { every: 3 }, fires: [3, 6] },
    { when: { probability: 1 }, fires: [1, 2, 3, 4, 5, 6] },
    { when: { probability: 0 }, fires: [] },
  ])('$when', ({ when, fires }) => {
    const plan = new FaultPlan({
      seed: 1,
      say: quiet,
      rules: [when === undefined ? { fault: lost } : { fault: lost, when }],
    });
    expect([1, 2, 3, 4, 5, 6].filter(() => plan.faultsFor(1, readTwo).length > 0)).toEqual(fires);
  });

  test('the nth request counts only requests the rule is about', () => {
    const plan = new FaultPlan({ seed: 1 });
    plan.add({ fault: lost, when: { requests: [2] }, to: { units: [7], functionCodes: [3] } });
    const asked: [number, Uint8Array][] = [
      [7, readTwo],
      [8, readTwo],
      [7, writeOne],
      [7, readTwo],
    ];
    expect(asked.map(([unit, pdu]) => plan.faultsFor(unit, pdu).length)).toEqual([0, 0, 0, 1]);
  });

  test('rules can be taken away while it runs', () => {
    const plan = new FaultPlan({ seed: 1 });
    const heal = plan.add(deadUnit(5));
    plan.add(slowUnit(6, 100));
    expect(plan.faultsFor(5, readTwo)).toEqual([{ kind: 'unheard' }]);
    heal();
    expect(plan.faultsFor(5, readTwo)).toEqual([]);
    expect(plan.faultsFor(6, readTwo)).toEqual([{ kind: 'slow', delayMs: 100 }]);
    plan.clear();
    expect(plan.faultsFor(6, readTwo)).toEqual([]);
  });

  test('a hole is met by every request that touches it', () => {
    const plan = new FaultPlan({ rules: [hole('holding', 1, 1)] });
    expect(plan.faultsFor(1, Uint8Array.of(3, 0, 0, 0, 1))).toEqual([]);
    expect(plan.faultsFor(1, readTwo)).toEqual([{ kind: 'exception', code: 2 }]);
    expect(plan.faultsFor(1, Uint8Array.of(4, 0, 1, 0, 1))).toEqual([]);
  });

  test('the same seed gives the same faults, another seed others; the seed is said once', () => {
    const said: string[] = [];
    const draw = (seed: number): string => {
      const plan = new FaultPlan({ seed, say: (line) => said.push(line) });
      plan.add({ fault: lost, when: { probability: 0.3 } });
      return Array.from({ length: 200 }, () => plan.faultsFor(1, readTwo).length).join('');
    };
    const first = draw(7);
    expect(draw(7)).toBe(first);
    expect(draw(8)).not.toBe(first);
    expect(said).toEqual(['faults at random: seed 7', 'faults at random: seed 7', 'faults at random: seed 8']);
    const share = first.replaceAll('0', '').length / 200;
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.4);
  });
});

describe('what a fault does', () => {
  const good = rtuFrame(1, Uint8Array.of(3, 4, 0x11, 0x22, 0x33, 0x44));
  const reply = (...faults: Fault[]) => {
    const plan = new FaultPlan({ seed: 3, rules: faults.map((fault) => ({ fault })) });
    return { ...replyTo({ unit: 1, pdu: readTwo }, image(), rtu, plan), counts: plan.counts() };
  };

  test('none', () => {
    expect(reply()).toMatchObject({ deliveries: [{ afterMs: 0, bytes: good }], busyMs: 0, drop: false });
  });
  test('late, slow, duplicate together', () => {
    const { deliveries, busyMs, counts } = reply(
      { kind: 'late', delayMs: 50 },
      { kind: 'slow', delayMs: 7 },
      { kind: 'duplicate', gapMs: 5 },
    );
    expect(deliveries).toEqual([
      { afterMs: 50, bytes: good },
      { afterMs: 55, bytes: good },
    ]);
    expect(busyMs).toBe(7);
    expect(counts).toEqual({ requests: 1, done: { late: 1, slow: 1, duplicate: 1 }, inapplicable: 0 });
  });
  test('truncated, and somewhere at random', () => {
    expect(reply({ kind: 'truncated', keepBytes: 4 }).deliveries[0]?.bytes).toEqual(good.subarray(0, 4));
    const length = reply({ kind: 'truncated' }).deliveries[0]?.bytes.length ?? 0;
    expect(length).toBeGreaterThan(0);
    expect(length).toBeLessThan(good.length);
  });
  test('bad CRC: only the CRC is wrong', () => {
    const bytes = reply({ kind: 'bad-crc' }).deliveries[0]?.bytes ?? new Uint8Array();
    expect(bytes.subarray(0, -2)).toEqual(good.subarray(0, -2));
    expect(parseRtuFrame(bytes)).toBeUndefined();
  });
  test('wrong unit and function: whole frames with a right CRC', () => {
    expect(parseRtuFrame(reply({ kind: 'wrong-unit' }).deliveries[0]?.bytes ?? good)?.unit).toBe(2);
    const other = parseRtuFrame(reply({ kind: 'wrong-function' }).deliveries[0]?.bytes ?? good);
    expect(other).toEqual({ unit: 1, pdu: Uint8Array.of(4, 4, 0x11, 0x22, 0x33, 0x44) });
  });
  test.each(['before', 'inside', 'after'] as const)('noise %s', (where) => {
    const bytes = reply({ kind: 'noise', where, byteCount: 3 }).deliveries[0]?.bytes ?? good;
    expect(bytes.length).toBe(good.length + 3);
    const [before, after] = [
      Buffer.from(bytes.subarray(0, -3)).equals(good),
      Buffer.from(bytes.subarray(3)).equals(good),
    ];
    expect([after, before]).toEqual([where === 'before', where === 'after']);
  });
  test('an exception instead of the answer', () => {
    expect(reply({ kind: 'exception', code: 6 }).deliveries[0]?.bytes).toEqual(rtuFrame(1, Uint8Array.of(0x83, 6)));
  });

  test.each([
    { fault: { kind: 'lost' }, word: 9 }, // the device has done it, and nobody knows
    { fault: { kind: 'unheard' }, word: 0x1122 },
    { fault: { kind: 'exception', code: 4 }, word: 0x1122 },
    { fault: { kind: 'drop-connection' }, word: 9 },
  ] as const)('a write that meets $fault.kind leaves $word', ({ fault, word }) => {
    const written = image();
    const plan = new FaultPlan({ seed: 1, rules: [{ fault }] });
    const { deliveries, drop } = replyTo({ unit: 1, pdu: writeOne }, written, tcp, plan);
    expect(written.get('holding', 0)).toBe(word);
    expect(deliveries.length).toBe(fault.kind === 'exception' ? 1 : 0);
    expect(drop).toBe(fault.kind === 'drop-connection');
  });

  test('what the line does not have is counted as not applicable', () => {
    const { deliveries, counts } = reply({ kind: 'drop-connection' }, { kind: 'wrong-transaction' });
    expect(deliveries).toEqual([{ afterMs: 0, bytes: good }]);
    expect(counts).toEqual({ requests: 1, done: {}, inapplicable: 2 });
  });
  test('the good frame of these tests is good', () => {
    expect(crc16(good)).toBe(0);
  });
});
