import type { Measured, Status } from '@tiepoint/protocol';

export type Reporting =
  | { readonly mode: 'periodic' }
  | { readonly mode: 'by-exception'; readonly heartbeatMs: number; readonly ratedPowerW: number | undefined };

/** How a device of these settings reports. */
export function reportingOf(
  { reporting, heartbeatMs }: { readonly reporting: Reporting['mode']; readonly heartbeatMs: number },
  ratedPowerW: number | undefined,
): Reporting {
  return reporting === 'periodic' ? { mode: reporting } : { mode: reporting, heartbeatMs, ratedPowerW };
}

export type ReportState = { readonly lastMs: number; readonly last: Measured } | undefined;

/**
 * Is a report due at this instant of the rhythm? Periodic devices always report; a plain load meter in a large fleet reports by
 * exception: when a word changes, something becomes known or unknown, power moves by 2 % of its rating (or 50 W), voltage by
 * 1 %, or the heartbeat has come.
 */
export function reportDue(state: ReportState, measured: Measured, nowMs: number, reporting: Reporting): boolean {
  if (reporting.mode === 'periodic' || state === undefined) return true;
  // Half a second of grace: the rhythm's instants carry the jitter of timers.
  if (nowMs - state.lastMs >= reporting.heartbeatMs - 500 || nowMs < state.lastMs) return true;
  const powerBandW = Math.max(50, 0.02 * (reporting.ratedPowerW ?? 0));
  return (
    moved(state.last.activePowerW, measured.activePowerW, powerBandW) ||
    moved(state.last.voltageV, measured.voltageV, 0.01 * (state.last.voltageV ?? 0)) ||
    words.some((point) => state.last[point] !== measured[point]) ||
    String(state.last.alarms) !== String(measured.alarms)
  );
}

const words = [
  'switchState',
  'breakerState',
  'reclosing',
  'loadSideVoltage',
  'control',
  'connection',
  'operatingState',
  'health',
  'relay1',
  'relay2',
  'relay3',
  'relay4',
] as const;

function moved(from: number | undefined, to: number | undefined, band: number): boolean {
  if (from === undefined || to === undefined) return from !== to;
  return Math.abs(to - from) > band;
}

/** Puts a status together from what was measured. What is not known is left out. */
export function composeStatus(
  kind: Status['kind'],
  stamp: Pick<Status, 'session' | 'seq' | 'timeMs' | 'timeQuality'>,
  measured: Measured & {
    readonly availableCapacityPct?: number | undefined;
    readonly availableCurrentA?: number | undefined;
    readonly holdTimeS?: number | undefined;
  },
  missedCycles: number,
): Status {
  // The three messages name their fields as the points are named, so one object serves; each encodes its own fields only.
  return { ...measured, ...stamp, missedCycles, kind };
}
