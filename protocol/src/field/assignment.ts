import { choiceShape, listShape, numberShape, objectShape, maybe, textShape, truthShape } from './json-shape.ts';
import type { Shaped } from './json-shape.ts';
import { hashShape, nameShape, proseShape, shortShape, timeShape } from './names.ts';
import { siteShape, siteStates } from './site.ts';

const day = textShape({ max: 10, pattern: /^\d{4}-\d{2}-\d{2}$/, is: 'day such as 2026-03-31' });
const powerW = numberShape({ min: 0, max: 1e9 });
const currentA = numberShape({ min: 0, max: 1e5 });

/** Under which a device may be commanded. `operators` is `any`, or names. `fromDay` and `toDay` are both within. */
export const contractShape = objectShape({
  id: textShape({ min: 1, max: 64 }),
  ratedPowerW: maybe(powerW),
  ratedCurrentA: maybe(currentA),
  /** The most that a set-point or limit may allow; absent: the rated power. */
  maxPowerW: maybe(powerW),
  /** Kinds of commands; absent: all that the device has. */
  commands: maybe(listShape(textShape({ min: 1, max: 64 }), { min: 1, max: 64 })),
  operators: listShape(textShape({ min: 1, max: 120 }), { min: 1, max: 100 }),
  fromDay: day,
  toDay: maybe(day),
});
export type Contract = Shaped<typeof contractShape>;

/** What was ordered: what is absent was not said, and nothing is compared with it. */
export const orderedDeviceShape = objectShape({
  deviceId: nameShape,
  title: maybe(textShape({ max: 120 })),
  profile: textShape({ min: 1, max: 64 }),
  make: maybe(shortShape),
  model: maybe(shortShape),
  serialNumber: maybe(shortShape),
  /** `tcp HOST[:PORT]`, `rtu-tcp HOST:PORT [BAUD]`, or `rtu PATH BAUD 8E1`; absent: to be found on site. */
  connection: maybe(shortShape),
  unit: maybe(numberShape({ min: 0, max: 255, whole: true })),
  switchedBy: maybe(nameShape),
  readOnly: maybe(truthShape),
  ratedPowerW: maybe(powerW),
  ratedCurrentA: maybe(currentA),
  switchRatingA: maybe(currentA),
});
export type OrderedDevice = Shaped<typeof orderedDeviceShape>;

/** What the head-end knows of a gateway's work on site: `GET /field/v1/assignment`. */
export const assignmentShape = objectShape({
  site: siteShape,
  siteState: choiceShape(siteStates),
  /** Why it is not in service, as sentences; empty when it is. */
  missing: listShape(proseShape, { max: 1_000 }),
  gateway: objectShape({
    id: nameShape,
    online: truthShape,
    /** Of its last birth. */
    configurationHash: maybe(hashShape),
    bornAtMs: maybe(timeShape),
  }),
  devices: listShape(objectShape({ ordered: orderedDeviceShape, contracts: listShape(contractShape, { max: 100 }) }), {
    max: 512,
  }),
  /** The report with which the gateway is, or was last, in service. */
  lastAcceptedReportId: maybe(textShape({ max: 64 })),
  /** The head-end's clock, and whether it takes reports of emulated devices. */
  nowMs: timeShape,
  demonstration: truthShape,
});
export type Assignment = Shaped<typeof assignmentShape>;
