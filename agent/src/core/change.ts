import { event } from '@tiepoint/protocol';
import type { AlarmCode, DeviceEvent, EventKind, Measured, WordPoint } from '@tiepoint/protocol';

/** What an event says, before it gets session, sequence and time. */
export type Happening = Omit<DeviceEvent, 'session' | 'seq' | 'timeMs' | 'timeQuality'>;

/** A share that is beyond what an event carries is left out; the crossing is told all the same. */
export function eventBytes(
  { valuePct, ...rest }: Happening,
  stamp: Pick<DeviceEvent, 'session' | 'seq' | 'timeMs' | 'timeQuality'>,
): Uint8Array {
  const percentFits = valuePct !== undefined && Math.abs(valuePct) <= 1_000;
  return event.toBytes({ ...rest, ...(percentFits ? { valuePct } : {}), ...stamp });
}

const watched: readonly (readonly [WordPoint, EventKind])[] = [
  ['switchState', 'switch-changed'],
  ['breakerState', 'breaker-changed'],
  ['loadSideVoltage', 'load-side-voltage-changed'],
  ['control', 'control-changed'],
  ['connection', 'connection-changed'],
  ['operatingState', 'operating-state-changed'],
  ['health', 'health-changed'],
  ['relay1', 'relay-changed'],
  ['relay2', 'relay-changed'],
  ['relay3', 'relay-changed'],
  ['relay4', 'relay-changed'],
];

/** The last known words and alarms of a device: what the next measurement is compared with. */
export type KnownState = {
  readonly words: { readonly [P in WordPoint]?: string | undefined };
  readonly alarms: readonly AlarmCode[] | undefined;
};

export const nothingKnown: KnownState = { words: {}, alarms: undefined };

/**
 * What changed since the last known state. A reading that fails changes nothing (the status says unknown by itself), and a
 * value that comes back as it was is no change; the first known value is none either: the birth and first status tell it.
 */
export function changes(known: KnownState, measured: Measured): { state: KnownState; effects: readonly Happening[] } {
  const effects: Happening[] = [];
  const words: { [P in WordPoint]?: string | undefined } = { ...known.words };
  for (const [point, kind] of watched) {
    const to = measured[point];
    if (to === undefined || to === known.words[point]) continue;
    const from = known.words[point];
    if (from !== undefined) effects.push({ kind, point, from, to });
    words[point] = to;
  }
  const { alarms } = measured;
  if (alarms !== undefined && known.alarms !== undefined) {
    for (const alarm of alarms) if (!known.alarms.includes(alarm)) effects.push({ kind: 'alarm-raised', alarm });
    for (const alarm of known.alarms) if (!alarms.includes(alarm)) effects.push({ kind: 'alarm-cleared', alarm });
  } else if (alarms !== undefined) {
    // An alarm that stands when the agent starts is told: nobody may have seen it come.
    for (const alarm of alarms) effects.push({ kind: 'alarm-raised', alarm });
  }
  return { state: { words, alarms: alarms ?? known.alarms }, effects };
}
