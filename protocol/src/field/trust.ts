import { listShape, numberShape, objectShape, textShape } from './json-shape.ts';
import type { Shaped } from './json-shape.ts';

/** 32 bytes in base64url. */
const publicKeyShape = textShape({
  min: 43,
  max: 43,
  pattern: /^[A-Za-z0-9_-]{43}$/,
  is: 'public key: 32 bytes in base64url',
});

/**
 * The first list of keys that a gateway obeys, as enrolment gives it and `trust.json` keeps it; none of it is secret. `recoveryKey` signs
 * nothing but lists, and only when the others are lost.
 */
export const trustShape = objectShape({
  revision: numberShape({ min: 1, max: 0xffff_ffff, whole: true }),
  commandKeys: listShape(publicKeyShape, { min: 1, max: 4 }),
  recoveryKey: publicKeyShape,
});
export type Trust = Shaped<typeof trustShape>;
