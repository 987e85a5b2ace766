import type { CommandKind, CommandParameters, Route } from '@tiepoint/protocol';
import type { Twin } from './twins.ts';

/** What is known when a command is weighed. `behind`: the AAS that the route's meter switches. */
export type ImpactQuestion = {
  kind: CommandKind;
  parameters: CommandParameters;
  target: Twin;
  route: Route;
  carrier: Twin;
  behind: readonly Twin[];
  tagOf: (deviceKey: string) => { owner: string; cause: string } | undefined;
};

/** What will happen, for the operator between selecting and operating. What is not known is said to be unknown. */
export function impact({ kind, parameters, target, route, carrier, behind, tagOf }: ImpactQuestion): readonly string[] {
  const name = target.deviceId;
  const tagged = behind.flatMap(({ key, deviceId }) => {
    const tag = tagOf(key);
    return tag === undefined
      ? []
      : [`${deviceId} is tagged by ${tag.owner} (${tag.cause}): people may be at work there.`];
  });
  switch (kind) {
    case 'disconnect':
      if (isFeederBreaker(carrier))
        return [
          `Opens the breaker of ${name}; ${flow(carrier, through)}.`,
          'The line behind it loses supply.',
          ...tagged,
        ];
      return carrier.birth.capabilities.includes('service-switch')
        ? [
            `Opens the service switch of ${carrier.deviceId}; ${flow(carrier, through)}.`,
            'The premises behind it lose supply.',
            ...taken(behind),
            ...tagged,
          ]
        : [`Takes ${name} off the grid ${route.say}; ${flow(target, generated)}.`];
    case 'connect':
      if (isFeederBreaker(carrier))
        return [`Closes the breaker of ${name}; the line behind it gets voltage.`, ...tagged];
      return carrier.birth.capabilities.includes('service-switch')
        ? [
            `Closes the service switch of ${carrier.deviceId}; what is behind it gets voltage.`,
            ...returned(behind),
            ...tagged,
          ]
        : [connectSay(target, route)];
    case 'start-generation':
      return [`Starts ${name}, rated ${watts(target.birth.limits.ratedPowerW)}.`];
    case 'stop-generation':
      return [`Stops ${name}; ${flow(target, generated)}.`];
    case 'enable-synchronization':
      return [`Arms the synchroniser of ${name}; its breaker stays open.`];
    case 'activate-synchronization':
      return [
        `Lets the synchroniser of ${name} close its breaker onto the bus when it is in step; ${ratedSay(target)}.`,
      ];
    case 'limit-power':
      return [limitSay(target, parameters.limitPct), `${capital(flow(target, generated))}.`];
    case 'switch-relay':
      return [
        `Switches relay ${parameters.relay ?? '?'} of ${name} ${parameters.to ?? '?'}; what hangs on it is not known here.`,
      ];
  }
}

function connectSay(target: Twin, route: Route): string {
  const { deviceId, birth } = target;
  return birth.capabilities.includes('synchroniser')
    ? `Enables the synchroniser of ${deviceId} and lets it close the breaker when it is in step, in one go; ${ratedSay(target)}.`
    : `Lets ${deviceId} connect ${route.say}; when it does so is its own decision.`;
}

function taken(behind: readonly Twin[]): readonly string[] {
  return behind.map((each) => `Also takes ${each.deviceId} (${powerNow(each)}) off the grid.`);
}

function returned(behind: readonly Twin[]): readonly string[] {
  return behind.map((each) => `${each.deviceId} (rated ${watts(each.birth.limits.ratedPowerW)}) may feed in again.`);
}

/** A switch of the network: what is behind it is fed through it, and generates nothing that it knows of. */
function isFeederBreaker({ birth }: Twin): boolean {
  return birth.kind === 'meter' && birth.capabilities.includes('breaker');
}

/** What power does, by its sign. */
type Does = { readonly positive: string; readonly negative: string };
const through: Does = { positive: 'flows through it', negative: 'flows back through it into the grid' };
const generated: Does = { positive: 'is generated', negative: 'is drawn' };

function flow(twin: Twin, does: Does): string {
  const powerW = powerOf(twin);
  if (powerW === undefined) return `how much ${does.positive} now is unknown`;
  if (twin.liveness !== 'live') return `how much ${does.positive} now is unknown (${watts(powerW)} when last heard)`;
  return powerW < 0 ? `${watts(-powerW)} ${does.negative} now` : `${watts(powerW)} ${does.positive} now`;
}

function powerNow(twin: Twin): string {
  const powerW = powerOf(twin);
  if (powerW === undefined) return 'power unknown';
  return twin.liveness === 'live' ? watts(powerW) : `${watts(powerW)} when last heard`;
}

function powerOf({ status }: Twin): number | undefined {
  return status !== undefined && 'activePowerW' in status ? status.activePowerW : undefined;
}

function ratedSay({ birth }: Twin): string {
  return `then up to ${watts(birth.limits.ratedPowerW)} can flow`;
}

function limitSay({ deviceId, birth }: Twin, limitPct: number | undefined): string {
  const { ratedPowerW } = birth.limits;
  if (limitPct === undefined) return `Limits the power of ${deviceId}.`;
  if (limitPct === 100) return `Lifts the limit on ${deviceId}.`;
  const inWatts = ratedPowerW === undefined ? '' : ` (${watts((ratedPowerW * limitPct) / 100)})`;
  return `Limits ${deviceId} to ${limitPct} % of its rated power${inWatts}.`;
}

/** For reading: 850 W, −3.2 kW (with a true minus sign), 1.25 MW. */
function watts(powerW: number | undefined): string {
  if (powerW === undefined) return 'unknown power';
  const sizeW = Math.abs(powerW);
  const text = wattsOf(sizeW);
  return powerW < 0 && text !== '0 W' ? `\u2212${text}` : text;
}

function wattsOf(sizeW: number): string {
  if (sizeW < 1_000) return `${Math.round(sizeW)} W`;
  if (sizeW < 1_000_000) return `${Math.round(sizeW / 100) / 10} kW`;
  return `${Math.round(sizeW / 10_000) / 100} MW`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
