import { isName } from '../topics.ts';
import { numberShape, textShape } from './json-shape.ts';
import type { Shape } from './json-shape.ts';

/** A gateway, device or site: 1 to 63 of a–z, 0–9 and -, not starting with -. */
export const nameShape: Shape<string> = (value, path) =>
  typeof value === 'string' && isName(value)
    ? { ok: true, value }
    : {
        ok: false,
        reason: 'invalid',
        say: `${path}: ${JSON.stringify(value)?.slice(0, 80) ?? 'nothing'} is no name: 1 to 63 of a-z, 0-9 and -, not starting with -`,
      };

/** Milliseconds since 1970. */
export const timeShape = numberShape({ min: 0, max: 8.64e15, whole: true });
/** As `profileHash` of hardware-profiles and the agent's hash of its configuration file. */
export const hashShape = textShape({ min: 1, max: 128 });
export const proseShape = textShape({ max: 2_000 });
export const areaShape = textShape({ min: 1, max: 64 });
export const shortShape = textShape({ max: 200 });
