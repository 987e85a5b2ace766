import { listShape, numberShape, objectShape, maybe, textShape } from './json-shape.ts';
import type { Shaped } from './json-shape.ts';
import { nameShape, shortShape } from './names.ts';
import { siteShape } from './site.ts';
import { trustShape } from './trust.ts';

/**
 * A token as people carry it: `SECRET.FINGERPRINT`. The secret is good for one enrolment, and for a time; the fingerprint is that of the
 * head-end's authority (SHA-256, hexadecimal), by which the gateway knows whom it tells the secret.
 */
export type EnrolmentToken = { readonly secret: string; readonly fingerprint: string };

export function parseEnrolmentToken(token: string): EnrolmentToken | undefined {
  const [, secret, fingerprint] = /^([A-Za-z0-9_-]{16,100})\.([0-9a-fA-F]{64})$/.exec(token) ?? [];
  return secret === undefined || fingerprint === undefined
    ? undefined
    : { secret, fingerprint: fingerprint.toLowerCase() };
}

/** PKCS#10 in PEM, for a key of P-256. */
const certificateRequest = textShape({ min: 1, max: 4_000 });
/** Certificates in PEM, one after the other. */
const certificates = textShape({ min: 1, max: 100_000 });

/** What a technician sends once for each gateway. `token`: its secret alone. */
export const enrolmentRequestShape = objectShape({
  token: textShape({ min: 1, max: 200 }),
  certificateRequest,
  /** Who or what enrols, for the audit: the technician's name, say. */
  name: maybe(shortShape),
  /** Where the agent will keep its data; it goes into the configuration. */
  dataDir: maybe(textShape({ min: 1, max: 400 })),
});
export type EnrolmentRequest = Shaped<typeof enrolmentRequestShape>;

/** What a gateway shows, its own certificate first, and whom it trusts: head-end and broker. */
export const gatewayCertificateShape = objectShape({ certificate: certificates, authority: certificates });
export type GatewayCertificate = Shaped<typeof gatewayCertificateShape>;

export const renewalRequestShape = objectShape({ certificateRequest });

/** Which certificate the gateway has just shown. By showing it, the ones before it are retired. */
export const shownCertificateShape = objectShape({
  serial: textShape({ min: 1, max: 64 }),
  notAfterMs: numberShape({ min: 0, max: 8.64e15, whole: true }),
});

/**
 * A gateway's identity. `configuration` is the agent's file; it is sound as it stands when `open` is empty, else `open` says what must
 * be filled in on site, as sentences. `profiles`: files beside it that it names as `./<name>`. Without `site` nothing is ordered for it.
 */
export const enrolmentShape = objectShape({
  gatewayId: nameShape,
  certificate: certificates,
  authority: certificates,
  mqttUrl: textShape({ min: 1, max: 400 }),
  configuration: textShape({ min: 1, max: 1_000_000 }),
  profiles: listShape(
    objectShape({
      name: textShape({ min: 1, max: 100, pattern: /^[A-Za-z0-9][A-Za-z0-9._-]*$/, is: 'file name' }),
      text: textShape({ min: 1, max: 1_000_000 }),
    }),
    { max: 512 },
  ),
  /** Whom the gateway obeys; kept with its identity as `trust.json`. */
  trust: trustShape,
  /** What is tagged, as the `tags` message of this gateway, signed (base64url): with it a gateway can be commissioned that is not on line yet. */
  tags: maybe(textShape({ min: 1, max: 400_000, pattern: /^[A-Za-z0-9_-]+$/, is: 'base64url' })),
  site: maybe(siteShape),
  open: listShape(textShape({ max: 500 }), { max: 1_000 }),
});
export type Enrolment = Shaped<typeof enrolmentShape>;
