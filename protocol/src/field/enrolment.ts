import { listShape, objectShape, maybe, textShape } from './json-shape.ts';
import type { Shaped } from './json-shape.ts';
import { nameShape, shortShape } from './names.ts';
import { siteShape } from './site.ts';
import { trustShape } from './trust.ts';

/** What a technician sends once for each gateway. A token is good for one enrolment, and for a time. */
export const enrolmentRequestShape = objectShape({
  token: textShape({ min: 1, max: 200 }),
  /** Who or what enrols, for the audit: the technician's name, say. */
  name: maybe(shortShape),
  /** Where the agent will keep its data; it goes into the configuration. */
  dataDir: maybe(textShape({ min: 1, max: 400 })),
});
export type EnrolmentRequest = Shaped<typeof enrolmentRequestShape>;

/**
 * A gateway's identity, told once: the head-end keeps only a hash of the password. `configuration` is the agent's file, password
 * included; it is sound as it stands when `open` is empty, else `open` says what must be filled in on site, as sentences.
 * `profiles`: files beside it that it names as `./<name>`.
 */
export const enrolmentShape = objectShape({
  gatewayId: nameShape,
  password: textShape({ min: 8, max: 200 }),
  mqttUrl: textShape({ min: 1, max: 400 }),
  configuration: textShape({ min: 1, max: 1_000_000 }),
  profiles: listShape(
    objectShape({
      name: textShape({ min: 1, max: 100, pattern: /^[A-Za-z0-9][A-Za-z0-9._-]*$/, is: 'file name' }),
      text: textShape({ min: 1, max: 1_000_000 }),
    }),
    { max: 512 },
  ),
  /** Whom the gateway obeys; kept beside the configuration as `trust.json`. */
  trust: trustShape,
  site: siteShape,
  open: listShape(textShape({ max: 500 }), { max: 1_000 }),
});
export type Enrolment = Shaped<typeof enrolmentShape>;
