import type { CommandKind, Measured, PointName } from '@tiepoint/protocol';
import { joined, judgeCommands } from './command-outcome.ts';
import type { CommandRun } from './command-outcome.ts';
import { order, plotOf, sampled, waited } from './item-context.ts';
import type { DeviceContext } from './item-context.ts';
import { interrupted, notApplicable, plain, skipped } from './judgement.ts';
import type { Judgement } from './judgement.ts';
import { unidentified } from './looking-items.ts';
import { reclosingChanged } from './reclosing.ts';

/** What an item may not begin without: the device, its commands, and the technician's consent. `undefined`: it may begin. */
export async function stopper(context: DeviceContext, kinds: readonly CommandKind[]): Promise<Judgement | undefined> {
  const { site, device, item, ask } = context;
  const model = site.model(device.id);
  if (model === undefined) return unidentified(device.id);
  const withheld = model.withheld.filter(({ kind }) => kinds.includes(kind));
  if (withheld.length > 0)
    return {
      outcome: 'failed',
      say: `Withheld: ${withheld.map(({ kind, unconfirmed }) => `${kind} (${unconfirmed.join(', ')})`).join('; ')}. Check these registers with a witness, and name them under \`confirmed\` in the configuration.`,
      measured: [],
    };
  const lacking = kinds.filter((kind) => !model.commands.includes(kind));
  if (lacking.length > 0) return notApplicable(`This very device has no ${lacking.join(', ')}.`);
  if (device.readOnly) return notApplicable('The configuration says that nothing is written to this device.');
  const consent = await ask.consent(item.id, `${device.id}: ${item.warning ?? 'This item moves the device.'}`);
  if (!consent.ok) return consent.stop;
  return consent.value ? undefined : skipped('No consent was given.');
}

/** Carries the commands out in turn; ends at the first that is not confirmed, and when interrupted. */
export async function carryOut(
  context: DeviceContext,
  kinds: readonly CommandKind[],
  mark: (say: string) => void,
): Promise<Judgement> {
  const runs: CommandRun[] = [];
  for (const kind of kinds) {
    if (context.signal.aborted) return interrupted;
    mark(kind);
    const run = await order(context, kind);
    if (run === undefined)
      return { ...judgeCommands(runs, kinds), outcome: 'failed', say: `${kind} came to no end in 20 minutes.` };
    mark(run.last.state);
    runs.push(run);
    if (run.last.state !== 'confirmed') break;
  }
  return judgeCommands(runs, kinds);
}

async function measuredNow({ site, device }: DeviceContext, names: readonly PointName[]): Promise<Measured> {
  return (await site.read(device.id, names))?.measured ?? {};
}

const isOff = ({ switchState, connection, breakerState }: Measured): boolean =>
  switchState === 'open' ||
  (switchState === undefined &&
    (connection === 'disconnected' || (connection === undefined && breakerState === 'open')));

const untold = (deviceId: string, what: string): Judgement => ({
  outcome: 'failed',
  say: `${deviceId} does not tell whether it ${what}, so it could not be left as it was found: nothing was moved. Is the device read (\`tiepoint-agent watch\`)?`,
  measured: [],
});

const isSwitchKnown = ({ switchState, connection, breakerState }: Measured): boolean =>
  (switchState ?? connection ?? breakerState) !== undefined;

/**
 * Brings it to rest where it was found at rest and is not, also when interrupted. The other way round nothing is given voltage or started
 * by itself: somebody may have interrupted it for a reason. What is not as it was found stays noted, and the next try begins with it.
 */
async function settle(
  context: DeviceContext,
  points: readonly PointName[],
  { kind, isAtRest }: { kind: CommandKind; isAtRest: (now: Measured) => boolean | undefined },
): Promise<void> {
  const { found } = context;
  const wasAtRest = found.get() === 'off' || found.get() === 'stopped';
  if (wasAtRest && isAtRest(await measuredNow(context, points)) === false) await order(context, kind);
  if (isAtRest(await measuredNow(context, points)) === wasAtRest) found.set(undefined);
}

/** Off and on again, or on and off where it was found off. It ends as it was found, unless that would energise after an interrupt or a failure. */
export async function switchOver(context: DeviceContext): Promise<Judgement> {
  const stopped = await stopper(context, ['connect', 'disconnect']);
  if (stopped !== undefined) return stopped;
  const { found, device } = context;
  const now = await measuredNow(context, ['switchState', 'connection', 'breakerState', 'reclosing']);
  if (found.get() === undefined && !isSwitchKnown(now)) return untold(device.id, 'is on or off');
  if (found.get() === undefined) found.set(isOff(now) ? 'off' : 'on');
  const wasOn = found.get() === 'on';
  const back: readonly CommandKind[] = isOff(now) === wasOn ? [wasOn ? 'connect' : 'disconnect'] : [];
  const test: readonly CommandKind[] = wasOn ? ['disconnect', 'connect'] : ['connect', 'disconnect'];
  const points = ['currentA', 'activePowerW', 'switchState', 'connection'] as const;
  const { value, samples, marks } = await sampled(context, points, async (mark) => {
    const judged = await carryOut(context, [...back, ...test], mark);
    await settle(context, ['switchState', 'connection', 'breakerState'], {
      kind: 'disconnect',
      isAtRest: (seen) => (isSwitchKnown(seen) ? isOff(seen) : undefined),
    });
    const { reclosing } = await measuredNow(context, ['reclosing']);
    const changed = reclosingChanged(now.reclosing, reclosing);
    return changed === undefined || judged.outcome === 'interrupted' ? judged : joined([judged, changed]);
  });
  const plot = plotOf(`${device.id}: current while it is switched`, 'currentA', samples, marks);
  return plot === undefined ? value : { ...value, plot };
}

const relayPoints = ['relay1', 'relay2', 'relay3', 'relay4'] as const;

/** Each relay that reads is switched over and back. */
export async function relays(context: DeviceContext): Promise<Judgement> {
  const stopped = await stopper(context, ['switch-relay']);
  if (stopped !== undefined) return stopped;
  const now = await measuredNow(context, relayPoints);
  if (context.found.get() === undefined) context.found.set(JSON.stringify(now));
  const found = JSON.parse(context.found.get() ?? '{}') as Measured;
  const parts: Judgement[] = [];
  for (const [i, point] of relayPoints.entries()) {
    const was = found[point];
    if (was === undefined) continue;
    const other = was === 'on' ? 'off' : 'on';
    const steps = now[point] === other ? ([was, other, was] as const) : ([other, was] as const);
    const runs: CommandRun[] = [];
    for (const to of steps) {
      if (context.signal.aborted) return interrupted;
      const run = await order(context, 'switch-relay', { relay: i + 1, to });
      if (run === undefined || runs.push(run) === 0 || run.last.state !== 'confirmed') break;
    }
    const judged = judgeCommands(
      runs,
      steps.map(() => 'switch-relay'),
    );
    parts.push({
      ...judged,
      say: `Relay ${i + 1}: ${judged.say}`,
      measured: judged.measured.map((each) => ({ ...each, point: `relay ${i + 1} ${each.point}` })),
    });
  }
  return parts.length === 0 ? notApplicable('No relay of this device reads.') : joined(parts);
}

export const runs = ({ operatingState }: Measured): boolean =>
  operatingState === 'running' || operatingState === 'throttled' || operatingState === 'starting';

/** Ends as it was found. */
export async function startStop(context: DeviceContext): Promise<Judgement> {
  const stopped = await stopper(context, ['start-generation', 'stop-generation']);
  if (stopped !== undefined) return stopped;
  const { found, device } = context;
  const now = await measuredNow(context, ['operatingState']);
  if (found.get() === undefined && now.operatingState === undefined) return untold(device.id, 'runs or stands still');
  if (found.get() === undefined) found.set(runs(now) ? 'running' : 'stopped');
  const wasRunning = found.get() === 'running';
  const back: readonly CommandKind[] =
    runs(now) === wasRunning ? [] : [wasRunning ? 'start-generation' : 'stop-generation'];
  const test: readonly CommandKind[] = wasRunning
    ? ['stop-generation', 'start-generation']
    : ['start-generation', 'stop-generation'];
  const points = ['activePowerW', 'operatingState', 'currentA'] as const;
  const { value, samples, marks } = await sampled(context, points, async (mark) => {
    const judged = await carryOut(context, [...back, ...test], mark);
    await settle(context, ['operatingState'], {
      kind: 'stop-generation',
      isAtRest: (seen) => (seen.operatingState === undefined ? undefined : !runs(seen)),
    });
    return judged;
  });
  const plot = plotOf(`${device.id}: power while it starts and stops`, 'activePowerW', samples, marks);
  return plot === undefined ? value : { ...value, plot };
}

/** Ramps of sources take so long; longer ones are for the technician to accept. */
const powerBackMs = 60_000;

/** The set-points by which a device lifts a limit by itself when nobody renews it. */
const revertPoint = 'set:limitRevertS';

/** The limit in force when the item began, to be put back at its end; 100 where there was none. */
export async function limitFound({ site, device, found }: DeviceContext): Promise<number> {
  const kept = found.get();
  if (kept !== undefined) return Number(kept);
  const setpoints = (await site.read(device.id, ['set:limitEnabled', 'set:limitPct']))?.setpoints ?? {};
  const { 'set:limitEnabled': enabled, 'set:limitPct': limitPct } = setpoints;
  // Where nothing tells that a limit is off, the one that reads is taken to be in force.
  const foundPct = enabled !== 'off' && typeof limitPct === 'number' ? limitPct : 100;
  found.set(String(foundPct));
  return foundPct;
}

/** Sources give a little more than their plate says, never so much more. */
const mostOfRatingPct = 120;

/** A limit is a share of the rating: with a wrong one it would limit to something else than it says. Nothing is moved then. */
export function aboveRating(activePowerW: number | undefined, ratedW: number | undefined): Judgement | undefined {
  if (activePowerW === undefined || ratedW === undefined || 100 * activePowerW <= mostOfRatingPct * ratedW)
    return undefined;
  return {
    outcome: 'failed',
    say: `It gives ${plain(activePowerW)} W, more than its rating of ${plain(ratedW)} W: the rating (\`limits\` in the configuration, and the order) or the device is another. Nothing was moved.`,
    measured: [
      {
        point: 'activePowerW',
        value: activePowerW,
        unit: 'W',
        expected: `at most ${plain((mostOfRatingPct * ratedW) / 100)} W`,
        met: 'no',
      },
    ],
  };
}

/** A limit at half of what it gives, or of its rating; measured; the device’s own fall-back read; put back as found. */
export async function limit(context: DeviceContext): Promise<Judgement> {
  const { site, device } = context;
  const rated = site.model(device.id)?.limits.ratedPowerW;
  const wasMoved = context.found.get() !== undefined;
  const { activePowerW } = await measuredNow(context, ['activePowerW']);
  const excess = aboveRating(activePowerW, rated);
  if (excess !== undefined && !wasMoved) return excess;
  const stopped = await stopper(context, ['limit-power']);
  if (stopped !== undefined) return stopped;
  const foundPct = await limitFound(context);
  const nowPct = activePowerW === undefined || rated === undefined ? 0 : (100 * activePowerW) / rated;
  const limitPct = nowPct >= 10 ? Math.min(Math.round(nowPct / 2), 50) : 50;
  const { value, samples, marks } = await sampled(context, ['activePowerW'], async (mark) => {
    mark(`limit ${limitPct} %`);
    const set = await order(context, 'limit-power', { limitPct });
    const fallBack = set?.last.state === 'confirmed' ? await fallBackOf(context) : undefined;
    const again = foundPct === 100 ? 'limit lifted' : `limit ${foundPct} % again`;
    mark(again);
    // Put back whatever came of it, and also when interrupted: a limit must not outlive its test.
    const lifted = await order(context, 'limit-power', { limitPct: foundPct });
    const runs = [set, lifted].filter((run) => run !== undefined);
    if (isLimitBack(runs, wasMoved)) context.found.set(undefined);
    const named = runs.map((run) => ({ ...run, words: run === lifted ? again : `limit ${limitPct} %` }));
    const judged = judgeCommands(named, ['limit-power', 'limit-power']);
    const back =
      lifted?.last.state === 'confirmed' && nowPct >= 10 ? await powerBack(context, activePowerW ?? 0) : undefined;
    return joined([judged, fallBack, back].filter((each) => each !== undefined));
  });
  if (context.signal.aborted) return interrupted;
  const plot = plotOf(`${device.id}: power under a limit of ${limitPct} %`, 'activePowerW', samples, marks);
  const effect: Judgement =
    nowPct >= 10
      ? { outcome: 'passed', say: `It gave ${plain(nowPct)} % of its rating before.`, measured: [] }
      : {
          outcome: 'differs',
          say: `It gave only ${plain(Math.max(0, nowPct))} % before, so that the limit was read back and never bit.`,
          measured: [],
        };
  const whole = joined([value, effect]);
  return plot === undefined ? whole : { ...whole, plot };
}

/** The last command put it back, or the device was never written: what is refused is refused before that. */
export function isLimitBack(runs: readonly CommandRun[], wasMoved: boolean): boolean {
  if (!wasMoved && runs.length > 0 && runs.every(({ last }) => last.state === 'refused')) return true;
  return runs.length === 2 && runs[1]?.last.state === 'confirmed';
}

/** That a limit reads as lifted is not yet power: it must come back to near what it was. */
async function powerBack(context: DeviceContext, beforeW: number): Promise<Judgement> {
  const leastW = 0.75 * beforeW;
  const after = await becomes(
    context,
    'the power comes back',
    ['activePowerW'],
    ({ activePowerW }) => activePowerW !== undefined && activePowerW >= leastW,
    powerBackMs,
  );
  const { activePowerW: value } = after ?? (await measuredNow(context, ['activePowerW']));
  const measured = {
    point: 'power after the limit was lifted',
    unit: 'W',
    expected: `above ${plain(leastW)} W`,
    met: after === undefined ? ('no' as const) : ('yes' as const),
    ...(value === undefined ? {} : { value }),
  };
  return after === undefined
    ? {
        outcome: 'differs',
        say: `Its power did not come back within ${powerBackMs / 1000} s after the limit was lifted: ${value === undefined ? 'unknown' : `${plain(value)} W`} of ${plain(beforeW)} W before.`,
        measured: [measured],
      }
    : { outcome: 'passed', say: 'Its power came back after the limit was lifted.', measured: [measured] };
}

async function fallBackOf({ site, device }: DeviceContext): Promise<Judgement> {
  const has = site.model(device.id)?.points.some(({ name }) => name === revertPoint) === true;
  if (!has) return notApplicable('Its profile has no timer that lifts a limit when the line is lost.');
  const seen = (await site.read(device.id, [revertPoint]))?.setpoints[revertPoint];
  const point = 'lifts a limit by itself after';
  const expected = 'above 0 s';
  if (typeof seen !== 'number')
    return {
      outcome: 'differs',
      say: 'It does not tell after which time it lifts a limit by itself.',
      measured: [{ point, unit: 's', expected, met: 'unknown' }],
    };
  return seen > 0
    ? {
        outcome: 'passed',
        say: `It lifts a limit by itself after ${plain(seen)} s.`,
        measured: [{ point, value: seen, unit: 's', expected, met: 'yes' }],
      }
    : {
        outcome: 'failed',
        say: 'It would keep a limit for ever when the line is lost.',
        measured: [{ point, value: seen, unit: 's', expected, met: 'no' }],
      };
}

/** Waits for a state that a command's end does not wait for. */
export async function becomes(
  context: DeviceContext,
  what: string,
  names: readonly PointName[],
  is: (measured: Measured) => boolean,
  withinMs: number,
): Promise<Measured | undefined> {
  return await waited(context, `${context.device.id}: ${what}`, { withinMs, everyMs: 500 }, async () => {
    const now = await measuredNow(context, names);
    return is(now) ? now : undefined;
  });
}
