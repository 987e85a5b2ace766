import type { CommandKind, Measured } from '@tiepoint/protocol';
import { joined, judgeCommands, judgeRefusal } from './command-outcome.ts';
import { order, pause, plotOf, sampled } from './item-context.ts';
import type { DeviceContext } from './item-context.ts';
import { interrupted, plain } from './judgement.ts';
import type { Judgement } from './judgement.ts';
import { becomes, carryOut, runs, stopper } from './moving-items.ts';

const watched = [
  'operatingState',
  'breakerState',
  'synchroniser',
  'busVoltageV',
  'voltageV',
  'frequencyHz',
  'busFrequencyHz',
] as const;
const liveFromV = 40;
const deadBelowV = 15;
const busWaitMs = 300_000;

const isLive = ({ busVoltageV }: Measured): boolean => busVoltageV !== undefined && busVoltageV >= liveFromV;
const isDead = ({ busVoltageV }: Measured): boolean => busVoltageV !== undefined && busVoltageV < deadBelowV;

/**
 * The synchronization check relay: refuses to be armed while the generator stands still, refuses on a dead bus, arms on a live one with the
 * breaker staying open. Slip and voltage difference are recorded. The generator ends as it was found.
 */
export async function syncCheck(context: DeviceContext): Promise<Judgement> {
  const stopped = await stopper(context, ['enable-synchronization', 'start-generation', 'stop-generation']);
  if (stopped !== undefined) return stopped;
  const parts: Judgement[] = [];
  const began = await foundState(context);
  if (began === 'stopped') {
    const early = await order(context, 'enable-synchronization');
    if (early !== undefined) parts.push(judgeRefusal(early, ['not-running'], 'while the generator stands still'));
    parts.push(await carryOut(context, ['start-generation'], () => undefined));
  }
  if (parts.every(({ outcome }) => outcome === 'passed')) {
    parts.push(await onDeadBus(context));
    if (!context.signal.aborted) parts.push(await armed(context));
  }
  // Stopped whatever came of it: an armed synchroniser must not be left behind.
  if (began === 'stopped')
    parts.push(await carryOut({ ...context, signal: never }, ['stop-generation'], () => undefined));
  return context.signal.aborted ? interrupted : joined(parts);
}

const never = new AbortController().signal;
const loadMs = 5_000;

const seenNow = async ({ site, device }: DeviceContext): Promise<Measured> =>
  (await site.read(device.id, watched))?.measured ?? {};

async function foundState(context: DeviceContext): Promise<'running' | 'stopped'> {
  const { found } = context;
  const now = await seenNow(context);
  if (found.get() === undefined) found.set(runs(now) ? 'running' : 'stopped');
  if (found.get() === 'running') return 'running';
  // Interrupted before: brought to rest, so that everything is done from the beginning.
  if (runs(now)) await carryOut(context, ['stop-generation'], () => undefined);
  return 'stopped';
}

async function onDeadBus(context: DeviceContext): Promise<Judgement> {
  const { ask, item } = context;
  const notTried = (why: string): Judgement => ({
    outcome: 'differs',
    say: `Refusal on a dead bus was not tried: ${why}`,
    measured: [],
  });
  const consent = await ask.consent(
    `${item.id}/dead-bus`,
    'Can the bus be made dead now, by its own breaker? All that hangs on it goes dead. The generator runs meanwhile, and must refuse to close.',
  );
  if (!consent.ok) return consent.stop.outcome === 'skipped' ? notTried(consent.stop.say) : consent.stop;
  if (!consent.value) return notTried('the bus cannot be made dead.');
  const done = await ask.done('Make the bus dead.');
  if (!done.ok) return done.stop;
  const dead = await becomes(context, 'waiting for a dead bus', watched, isDead, busWaitMs);
  if (dead === undefined) return notTried('the bus was never measured dead.');
  // Some controllers are armed as soon as they run in manual mode: there it is closing that must be refused.
  const kind = isArmed(dead) ? 'activate-synchronization' : 'enable-synchronization';
  const run = await order(context, kind);
  const judged: Judgement =
    run === undefined
      ? { outcome: 'failed', say: 'The command on the dead bus came to no end.', measured: [] }
      : judgeRefusal(run, ['sync-not-permitted'], `on a dead bus (${plain(dead.busVoltageV ?? 0)} V)`);
  const again = await ask.done('Make the bus live again.');
  if (!again.ok) return again.stop;
  const live = await becomes(context, 'waiting for a live bus', watched, isLive, busWaitMs);
  return live === undefined
    ? joined([judged, { outcome: 'failed', say: 'The bus did not come back.', measured: [] }])
    : judged;
}

async function armed(context: DeviceContext): Promise<Judgement> {
  const live = await becomes(
    context,
    'waiting for a live bus and a generator with voltage',
    watched,
    (now) => isLive(now) && runs(now),
    60_000,
  );
  if (live === undefined)
    return {
      outcome: 'failed',
      say: 'The bus is not measured live, so there is nothing to be armed for.',
      measured: [],
    };
  if (isArmed(live)) return joined([readArmed(live), difference(live)]);
  const run = await order(context, 'enable-synchronization');
  if (run === undefined) return { outcome: 'failed', say: 'Arming came to no end.', measured: [] };
  return joined([judgeCommands([run], ['enable-synchronization']), difference(live)]);
}

const isArmed = ({ synchroniser }: Measured): boolean => synchroniser !== undefined && synchroniser !== 'idle';

/** Armed by running: what counts is that the breaker stays open. */
function readArmed({ synchroniser, breakerState }: Measured): Judgement {
  const isOpen = breakerState === 'open';
  return {
    outcome: isOpen ? 'passed' : 'failed',
    say: isOpen
      ? 'It is armed by running, and its breaker stays open.'
      : 'It is armed, and its breaker does not read open.',
    measured: [
      { point: 'synchroniser', word: synchroniser ?? 'unknown', expected: 'armed', met: 'yes' },
      { point: 'breakerState', word: breakerState ?? 'unknown', expected: 'open', met: isOpen ? 'yes' : 'no' },
    ],
  };
}

/** Recorded, not judged: whether and when to close is the relay's own decision. */
function difference({ voltageV, busVoltageV, frequencyHz, busFrequencyHz }: Measured): Judgement {
  const slipHz = frequencyHz === undefined || busFrequencyHz === undefined ? undefined : frequencyHz - busFrequencyHz;
  const voltagePct =
    voltageV === undefined || busVoltageV === undefined ? undefined : (100 * (voltageV - busVoltageV)) / busVoltageV;
  const measured = [
    { point: 'slip when armed', ...(slipHz === undefined ? {} : { value: Number(slipHz.toFixed(3)) }), unit: 'Hz' },
    {
      point: 'voltage difference when armed',
      ...(voltagePct === undefined ? {} : { value: Number(voltagePct.toFixed(2)) }),
      unit: '%',
    },
  ];
  const slip = slipHz === undefined ? 'an unknown slip' : `a slip of ${plain(Number(slipHz.toFixed(3)))} Hz`;
  return { outcome: 'passed', say: `It was armed at ${slip}.`, measured };
}

/** Armed, closed by its own synchroniser onto the live bus, opened again. The generator ends as it was found. */
export async function synchronise(context: DeviceContext): Promise<Judgement> {
  const stopped = await stopper(context, [
    'start-generation',
    'enable-synchronization',
    'activate-synchronization',
    'disconnect',
    'stop-generation',
  ]);
  if (stopped !== undefined) return stopped;
  const began = await foundState(context);
  const { device } = context;
  const { value, samples, marks } = await sampled(context, ['currentA', 'activePowerW'], async (mark) => {
    const parts: Judgement[] = [];
    if (began === 'stopped') parts.push(await carryOut(context, ['start-generation'], mark));
    if (parts.every(({ outcome }) => outcome === 'passed')) {
      const now = await seenNow(context);
      const kinds: readonly CommandKind[] = isArmed(now)
        ? ['activate-synchronization']
        : ['enable-synchronization', 'activate-synchronization'];
      parts.push(await carryOut(context, kinds, mark));
      // Under load for a moment, so that the current shows.
      await pause(loadMs, context.signal);
      // Opened whatever came of it, also when interrupted.
      if ((await seenNow(context)).breakerState !== 'open')
        parts.push(await carryOut({ ...context, signal: never }, ['disconnect'], mark));
    }
    if (began === 'stopped') parts.push(await carryOut({ ...context, signal: never }, ['stop-generation'], mark));
    return context.signal.aborted ? interrupted : joined(parts);
  });
  const plot = plotOf(`${device.id}: current while it is synchronized and opened`, 'currentA', samples, marks);
  return plot === undefined ? value : { ...value, plot };
}
