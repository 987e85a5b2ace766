import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { maybe, nameShape, objectShape, shortShape, textShape } from '@tiepoint/protocol/field';
import type { Shaped } from '@tiepoint/protocol/field';

/** What enrolment leaves beside key and certificate: where the head-end is, and for whom this gateway works. No secret is in it. */
const enrolmentFile = objectShape({
  url: textShape({ min: 1, max: 400 }),
  gatewayId: nameShape,
  site: maybe(objectShape({ id: nameShape, title: shortShape })),
  /** What must be filled in on site, as sentences. */
  open: maybe((value: unknown) => ({ ok: true as const, value })),
});
export type EnrolmentFile = Shaped<typeof enrolmentFile>;

export const enrolmentFileName = 'enrolment.json';
/** Whom this gateway obeys. */
export const trustFileName = 'trust.json';

/** `undefined` where there is none, or none that can be read. */
export function readEnrolment(identityDir: string): EnrolmentFile | undefined {
  try {
    const read = enrolmentFile(JSON.parse(readFileSync(join(identityDir, enrolmentFileName), 'utf8')), '');
    return read.ok ? read.value : undefined;
  } catch {
    return undefined;
  }
}
