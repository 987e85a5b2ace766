import { deviceKinds } from '../points.ts';
import { choiceShape, listShape, maybe, numberShape, objectShape, textShape, truthShape } from './json-shape.ts';
import type { Shape, Shaped, ShapeResult } from './json-shape.ts';
import { hashShape, nameShape, shortShape, timeShape } from './names.ts';

export const itemOutcomes = ['passed', 'failed', 'skipped', 'not-applicable'] as const;
export type ItemOutcome = (typeof itemOutcomes)[number];

/** `incomplete`: a required item was skipped or never done, so nobody can say. */
export const commissioningVerdicts = ['passed', 'passed-with-reservations', 'failed', 'incomplete'] as const;
export type CommissioningVerdict = (typeof commissioningVerdicts)[number];

const word = textShape({ min: 1, max: 120 });
const line = textShape({ max: 300 });
const say = textShape({ max: 1_000 });
const secondsShape = numberShape({ min: -86_400, max: 86_400 });

/** One thing measured: by the device, and beside it by the technician's instrument where one was read at the same moment. */
const reportMeasurement = objectShape({
  point: word,
  value: maybe(numberShape()),
  word: maybe(line),
  unit: maybe(textShape({ max: 16 })),
  instrumentValue: maybe(numberShape()),
  expected: maybe(line),
  met: maybe(choiceShape(['no', 'yes', 'unknown'])),
});
export type ReportMeasurement = Shaped<typeof reportMeasurement>;

/** Curves over time, drawn in the report: x in seconds from the beginning of the item. */
const reportPlot = objectShape({
  title: line,
  unit: textShape({ max: 16 }),
  curves: listShape(
    objectShape({
      name: line,
      /** `step` for states and limits, `line` for what flows, `dots` for single arrivals. */
      drawn: choiceShape(['line', 'step', 'dots']),
      atS: listShape(secondsShape, { max: 2_000 }),
      values: listShape(numberShape(), { max: 2_000 }),
    }),
    { max: 4 },
  ),
  marks: listShape(objectShape({ atS: secondsShape, say: line }), { max: 8 }),
});
export type ReportPlot = Shaped<typeof reportPlot>;

const reportItem = objectShape({
  /** Unique in the report: `DEVICE/CHECK`, or `CHECK` for the gateway's own. */
  id: word,
  title: line,
  deviceId: maybe(nameShape),
  /** Without it passed (or not applicable) there is no passed report. */
  required: truthShape,
  outcome: choiceShape(itemOutcomes),
  say,
  measured: listShape(reportMeasurement, { max: 64 }),
  expected: maybe(say),
  atMs: timeShape,
  tookMs: numberShape({ min: 0, max: 86_400_000, whole: true }),
  /** Why it was skipped, or why a difference was accepted; in the technician's words. */
  reason: maybe(say),
  /** A difference that the technician accepted: passed, and a reservation. */
  accepted: maybe(truthShape),
  /** How often it was done before this outcome counted. */
  attempts: numberShape({ min: 0, max: 10_000, whole: true }),
  /** Commands that it gave to the device, as the gateway's journal names them. */
  commandIds: maybe(listShape(textShape({ max: 64 }), { max: 16 })),
  plot: maybe(reportPlot),
});
export type ReportItem = Shaped<typeof reportItem>;

const reportDevice = objectShape({
  id: nameShape,
  title: maybe(line),
  profile: word,
  profileHash: hashShape,
  /** The rest is absent where the device was never identified. */
  kind: maybe(choiceShape(deviceKinds)),
  manufacturer: maybe(line),
  model: maybe(line),
  serialNumber: maybe(line),
  firmware: maybe(line),
  ratedPowerW: maybe(numberShape({ min: 0 })),
  ratedCurrentA: maybe(numberShape({ min: 0 })),
  switchRatingA: maybe(numberShape({ min: 0 })),
});
export type ReportDevice = Shaped<typeof reportDevice>;

const plainReport = objectShape({
  version: numberShape({ min: 1, max: 1, whole: true }),
  /** Drawn when the commissioning began: the same report sent twice is one report. */
  id: textShape({ max: 64, min: 8 }),
  site: objectShape({ id: maybe(nameShape), title: shortShape }),
  gateway: objectShape({ id: nameShape, firmware: line, readOnly: truthShape, configurationHash: hashShape }),
  /** The devices are emulated, so nothing was measured on a site: only a head-end for demonstration takes such a report. */
  emulated: maybe(truthShape),
  technician: objectShape({ name: word, organisation: maybe(line) }),
  instrument: maybe(
    objectShape({
      name: word,
      serialNumber: maybe(line),
      accuracy: maybe(line),
      calibratedOn: maybe(line),
    }),
  ),
  devices: listShape(reportDevice, { max: 512 }),
  items: listShape(reportItem, { max: 4_096 }),
  photographs: listShape(
    objectShape({ name: line, mediaType: word, byteCount: numberShape({ min: 0, whole: true }), sha256: word }),
    { max: 32 },
  ),
  startedAtMs: timeShape,
  finishedAtMs: timeShape,
  verdict: choiceShape(commissioningVerdicts),
  /** A sentence for each thing that a reader must know although it did not fail the site. */
  reservations: listShape(say, { max: 4_096 }),
});
/** What was found when a site was commissioned: one entry for each item, done or not. */
export type CommissioningReport = Shaped<typeof plainReport>;

/**
 * Reads a report. Refused, with the place, where it does not fit, where an item is there twice or names a device that is not, and
 * where its verdict is another than its own items give.
 */
export const commissioningReportShape: Shape<CommissioningReport> = (value, path) => {
  const read = plainReport(value, path);
  return read.ok ? consistent(read.value, path) : read;
};

function consistent(report: CommissioningReport, path: string): ShapeResult<CommissioningReport> {
  const within = path === '' ? '' : `${path}.`;
  const refuse = (at: string, why: string): ShapeResult<never> => ({
    ok: false,
    reason: 'invalid',
    say: `${within}${at}: ${why}`,
  });
  const known = new Set(report.devices.map(({ id }) => id));
  const seen = new Set<string>();
  for (const [i, { id, deviceId }] of report.items.entries()) {
    if (seen.has(id)) return refuse(`items[${i}].id`, `'${id}' is there twice`);
    seen.add(id);
    if (deviceId !== undefined && !known.has(deviceId))
      return refuse(`items[${i}].deviceId`, `'${deviceId}' is none of the report's devices`);
  }
  const { verdict } = judgeItems(report.items);
  return verdict === report.verdict
    ? { ok: true, value: report }
    : refuse('verdict', `is ${report.verdict}, and its items give ${verdict}`);
}

/**
 * The verdict that items give. Failed where any item failed; incomplete where a required one was skipped, or none was done at all;
 * passed with reservations where an optional one was skipped or a difference was accepted.
 */
export function judgeItems(
  items: readonly Pick<ReportItem, 'title' | 'deviceId' | 'outcome' | 'required' | 'reason' | 'accepted'>[],
): { readonly verdict: CommissioningVerdict; readonly reservations: readonly string[] } {
  const reservations = items.flatMap((item) => {
    const name = item.deviceId === undefined ? item.title : `${item.deviceId}: ${item.title}`;
    const why = item.reason ?? 'no reason given';
    if (item.outcome === 'skipped') return [`${name} was not done${item.required ? ', and is required' : ''}: ${why}`];
    return item.accepted === true ? [`${name} was accepted although it differs: ${why}`] : [];
  });
  const verdict = (): CommissioningVerdict => {
    if (items.some(({ outcome }) => outcome === 'failed')) return 'failed';
    if (items.some(({ outcome, required }) => required && outcome === 'skipped')) return 'incomplete';
    if (!items.some(({ outcome }) => outcome === 'passed')) return 'incomplete';
    return reservations.length > 0 ? 'passed-with-reservations' : 'passed';
  };
  return { verdict: verdict(), reservations };
}
