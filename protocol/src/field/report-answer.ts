import { choiceShape, listShape, objectShape, textShape, truthShape } from './json-shape.ts';
import type { Shaped } from './json-shape.ts';
import { proseShape } from './names.ts';
import { siteStates } from './site.ts';

/** The most that one delivery of a report may have on the wire, photographs in its page included. */
export const maxReportDeliveryBytes = 32 * 1024 * 1024;

/**
 * What the head-end answers to a report. `accepted`: the gateway is in service by it; else the report is kept all the same, and
 * `against` has a sentence for each thing that stands against it.
 */
export const reportAnswerShape = objectShape({
  reportId: textShape({ min: 1, max: 64 }),
  accepted: truthShape,
  siteState: choiceShape(siteStates),
  say: proseShape,
  against: listShape(proseShape, { max: 1_000 }),
});
export type ReportAnswer = Shaped<typeof reportAnswerShape>;
