import type { SetpointName } from '@tiepoint/hardware-profiles';
import type { ReportMeasurement } from '@tiepoint/protocol/field';
import { notApplicable, plain } from './judgement.ts';
import type { Judgement } from './judgement.ts';

type Setting = {
  readonly point: SetpointName;
  readonly title: string;
  readonly unit: string;
  /** IEEE 1547-2018 default, and what may be set at most. */
  readonly value: number;
  readonly tolerance: number;
};

/** IEEE 1547-2018 cl. 4.10.2 and table 4: enter service criteria, defaults. Voltage in percent of nominal. */
const enterService: readonly Setting[] = [
  { point: 'set:enterServiceVoltageHighPct', title: 'voltage, at most', unit: '%', value: 105, tolerance: 0.05 },
  { point: 'set:enterServiceVoltageLowPct', title: 'voltage, at least', unit: '%', value: 91.7, tolerance: 0.05 },
  { point: 'set:enterServiceFrequencyHighHz', title: 'frequency, at most', unit: 'Hz', value: 60.1, tolerance: 0.005 },
  { point: 'set:enterServiceFrequencyLowHz', title: 'frequency, at least', unit: 'Hz', value: 59.5, tolerance: 0.005 },
  { point: 'set:enterServiceDelayS', title: 'delay', unit: 's', value: 300, tolerance: 0.5 },
  { point: 'set:enterServiceRampS', title: 'ramp', unit: 's', value: 300, tolerance: 0.5 },
];

export type SyncLimits = { readonly frequencyHz: number; readonly voltagePct: number; readonly angleDeg: number };

/** IEEE 1547-2018 table 5 by rating. Ratings in W stand for VA. An unknown rating gets the narrowest limits. */
export function syncLimitsFor(ratedPowerW: number | undefined): SyncLimits {
  if (ratedPowerW !== undefined && ratedPowerW <= 500_000) return { frequencyHz: 0.3, voltagePct: 10, angleDeg: 20 };
  if (ratedPowerW !== undefined && ratedPowerW <= 1_500_000) return { frequencyHz: 0.2, voltagePct: 5, angleDeg: 15 };
  return { frequencyHz: 0.1, voltagePct: 3, angleDeg: 10 };
}

/** `limit`: by which it is judged; the table has none for how long the window must hold, which is told as it is. */
const syncPoints = [
  { point: 'set:syncFrequencyHz', title: 'slip', unit: 'Hz', limit: 'frequencyHz' },
  { point: 'set:syncVoltagePct', title: 'voltage difference', unit: '%', limit: 'voltagePct' },
  { point: 'set:syncAngleDeg', title: 'angle', unit: '°', limit: 'angleDeg' },
  { point: 'set:syncAngle2Deg', title: 'second angle', unit: '°', limit: 'angleDeg' },
  { point: 'set:syncDwellS', title: 'dwell in the window', unit: 's', limit: undefined },
] as const satisfies readonly {
  point: SetpointName;
  title: string;
  unit: string;
  limit: keyof SyncLimits | undefined;
}[];
/** Whether the check is in force at all, where the device has a setting for that. */
const syncCheck: SetpointName = 'set:syncCheck';

/** What must be read to judge these settings. */
export const enterServicePoints: readonly SetpointName[] = enterService.map(({ point }) => point);
export const syncSettingPoints: readonly SetpointName[] = [syncCheck, ...syncPoints.map(({ point }) => point)];

type Setpoints = Readonly<Record<string, number | string | undefined>>;

/**
 * Settings read back against the defaults. `has`: the points that this device has; what it has and does not tell is unknown. A utility
 * may ask for other values, so a difference may be accepted with a reason.
 */
export function judgeEnterService(setpoints: Setpoints, has: ReadonlySet<string>): Judgement {
  const known = enterService.filter(({ point }) => has.has(point));
  if (known.length === 0)
    return notApplicable('Its profile has no register of enter-service settings: look at the device itself.');
  const measured = known.map(({ point, title, unit, value, tolerance }): ReportMeasurement => {
    const seen = setpoints[point];
    const expected = `${plain(value)} ${unit}`;
    if (typeof seen !== 'number') return { point: title, unit, expected, met: 'unknown' };
    return { point: title, value: seen, unit, expected, met: Math.abs(seen - value) <= tolerance ? 'yes' : 'no' };
  });
  return settingsJudged(measured, 'the defaults of IEEE 1547-2018 for entering service');
}

/** Narrower than allowed is right, too. */
export function judgeSyncSettings(
  setpoints: Setpoints,
  has: ReadonlySet<string>,
  ratedPowerW: number | undefined,
): Judgement {
  const limits = syncLimitsFor(ratedPowerW);
  const known = syncPoints.filter(({ point }) => has.has(point));
  if (known.length === 0)
    return notApplicable('Its profile has no register of the synchroniser’s limits: read them at the relay itself.');
  const inForce = setpoints[syncCheck];
  const check: readonly ReportMeasurement[] = has.has(syncCheck)
    ? [
        {
          point: 'synchronism check',
          ...(inForce === undefined ? {} : { word: String(inForce) }),
          expected: 'on',
          met: inForce === undefined ? 'unknown' : inForce === 'on' ? 'yes' : 'no',
        },
      ]
    : [];
  const values = known.map(({ point, title, unit, limit }): ReportMeasurement => {
    const seen = setpoints[point];
    if (limit === undefined) return { point: title, unit, ...(typeof seen === 'number' ? { value: seen } : {}) };
    const expected = `at most ${plain(limits[limit])} ${unit}`;
    if (typeof seen !== 'number') return { point: title, unit, expected, met: 'unknown' };
    return { point: title, value: seen, unit, expected, met: Math.abs(seen) <= limits[limit] + 1e-6 ? 'yes' : 'no' };
  });
  const size = ratedPowerW === undefined ? 'a rating that is not known' : `${plain(ratedPowerW / 1000)} kVA`;
  return settingsJudged([...check, ...values], `the limits of IEEE 1547-2018 for ${size}`);
}

function settingsJudged(measured: readonly ReportMeasurement[], against: string): Judgement {
  const off = measured
    .filter(({ met }) => met === 'no')
    .map(({ point, value, word, unit, expected }) =>
      value === undefined ? `${point} ${word} (${expected})` : `${point} ${plain(value)} ${unit} (${expected})`,
    );
  const untold = measured.filter(({ met }) => met === 'unknown').map(({ point }) => point);
  if (off.length === 0 && untold.length === 0) return { outcome: 'passed', say: `Within ${against}.`, measured };
  const parts = [
    ...(off.length > 0 ? [`Other than ${against}: ${off.join('; ')}.`] : []),
    ...(untold.length > 0 ? [`Could not be read: ${untold.join(', ')}.`] : []),
  ];
  return { outcome: 'differs', say: parts.join(' '), measured };
}
