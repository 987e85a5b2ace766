import type { Finding } from './finding.ts';

/** The return codes of CONNACK (MQTT 3.1.1, table 3.1), and what to do about each. */
const connackWords: Readonly<Record<number, { readonly say: string; readonly todo: string }>> = {
  1: {
    say: 'the broker does not speak MQTT 3.1.1 (code 1)',
    todo: 'Is it an MQTT broker, and of this century? Check host and port of mqtt.url.',
  },
  2: {
    say: 'another agent is connected with the identity of this gateway, or was a moment ago (code 2)',
    todo: 'Does this gateway run on a second machine, or from a copy of its card? End it there and enrol that one as a gateway of its own. Whoever is unknown has stolen the key: revoke the certificate at the head-end, then enrol anew.',
  },
  3: {
    say: 'the broker is there, but serves nobody now (code 3)',
    todo: 'Wait, and ask whoever runs the broker.',
  },
  4: {
    say: 'the broker asks for a user name (code 4), and gateways prove themselves by their certificates',
    todo: 'Have the broker let clients in by certificate: the head-end writes a configuration for it.',
  },
  5: {
    say: 'this gateway may not connect (code 5): its certificate was revoked, replaced, or is of another gateway',
    todo: 'Is the gateway known at the head-end, under this very id? Enroll it anew: `tiepoint-agent enroll`.',
  },
};

/** `code`: of CONNACK; `undefined` where no CONNACK came, with `error` for what came instead. */
export function judgeConnack(
  about: string,
  { code, error, tookMs }: { code?: number; error?: string; tookMs: number },
): Finding {
  const measured = { tookMs: Math.round(tookMs), ...(code === undefined ? {} : { connack: code }) };
  if (code === 0) return { id: 'mqtt', about, outcome: 'ok', say: `connected in ${Math.round(tookMs)} ms`, measured };
  const words = code === undefined ? undefined : connackWords[code];
  if (words !== undefined) return { id: 'mqtt', about, outcome: 'bad', ...words, measured };
  return {
    id: 'mqtt',
    about,
    outcome: 'bad',
    say:
      code === undefined
        ? `no MQTT there: ${error ?? 'the connection was closed'}`
        : `the broker refuses with code ${code}`,
    measured,
    todo: 'Does a broker listen at mqtt.url? It must speak TLS, and take certificates of the head-end’s authority.',
  };
}

export type CertificateFacts = {
  readonly host: string;
  /** What Node found wrong, as DEPTH_ZERO_SELF_SIGNED_CERT; absent where all is good. */
  readonly error?: string;
  readonly subject: string;
  readonly issuer: string;
  /** DNS names and addresses, as the certificate lists them. */
  readonly names: string;
  readonly validFromMs: number;
  readonly validToMs: number;
  readonly protocol: string;
};

const dayMs = 86_400_000;
const soonDays = 30;

export function judgeCertificate(facts: CertificateFacts, nowMs: number): Finding {
  const { host, error, subject, issuer, names, validFromMs, validToMs, protocol } = facts;
  const daysLeft = Math.floor((validToMs - nowMs) / dayMs);
  const measured = { subject, issuer, names, daysLeft, protocol };
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  const finding = (outcome: Finding['outcome'], say: string, todo?: string): Finding => ({
    id: 'certificate',
    about: host,
    outcome,
    say,
    measured,
    ...(todo === undefined ? {} : { todo }),
  });
  if (nowMs > validToMs)
    return finding(
      'bad',
      `expired on ${day(validToMs)}`,
      'Renew it at the broker; or is the clock of this machine wrong?',
    );
  if (nowMs < validFromMs)
    return finding('bad', `not valid before ${day(validFromMs)}`, 'Is the clock of this machine wrong?');
  if (error === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return finding(
      'bad',
      `made out to ${names || subject}, not to ${host}`,
      'Use in mqtt.url a name that the certificate has, or have it made out anew.',
    );
  if (error !== undefined)
    return finding(
      'bad',
      `not trusted (${trustWords[error] ?? error}); issued by ${issuer}`,
      'It is another broker than that of the head-end with which this gateway was enrolled. Is mqtt.url right?',
    );
  if (daysLeft < soonDays)
    return finding('warning', `good, but expires on ${day(validToMs)} (${daysLeft} days)`, 'Renew it at the broker.');
  return finding('ok', `good until ${day(validToMs)}, made out to ${names || subject}, ${protocol}`);
}

const trustWords: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is another than that of this gateway’s head-end',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is another than that of this gateway’s head-end',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is another than that of this gateway’s head-end',
  UNABLE_TO_GET_ISSUER_CERT: 'a certificate is missing in the chain',
  CERT_SIGNATURE_FAILURE: 'its signature is wrong',
};
