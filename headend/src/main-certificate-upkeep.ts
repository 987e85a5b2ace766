import type { Server } from 'node:https';
import type { FastifyInstance } from 'fastify';
import { tlsOptions } from './api/server.ts';
import type { TlsIdentity } from './authority/own-certificates.ts';
import type { HeadendIdentity } from './main-authority.ts';
import type { FieldServer } from './main-field.ts';
import type { ChosenLink } from './main-link.ts';
import type { Conditions } from './store/conditions.ts';

const minuteMs = 60_000;
const renewEveryMs = 60 * minuteMs;
const dayMs = 86_400_000;
/** An authority is not renewed by itself: who imported it has this long. */
const authorityWarnMs = 60 * dayMs;

type Shown = { server: TlsIdentity; client: TlsIdentity };

type Parts = {
  identity: HeadendIdentity;
  shown: Shown;
  app: Pick<FastifyInstance, 'server'>;
  field: Pick<FieldServer, 'renew'>;
  chosen: Pick<ChosenLink, 'renew' | 'renewWill'>;
  /** Connections of gateways whose certificates are over, or revoked, are to end. */
  recheck: () => void;
  /** What of the folder of keys is gone. */
  keysFault: () => string | undefined;
  conditions: Pick<Conditions, 'set'>;
  log: { info(fields: object, say: string): void; error(fields: object, say: string): void };
  now: () => number;
};

/**
 * The head-end's own certificates are renewed in their last third, and shown to whoever comes from then on; connections of gateways whose
 * certificates are over by now are ended.
 */
export function keepCertificates(parts: Parts): { end(): void } {
  let { shown } = parts;
  let triedAtMs = parts.now();
  const look = async (): Promise<void> => {
    const nowMs = parts.now();
    parts.recheck();
    parts.conditions.set('keys', parts.keysFault());
    await parts.chosen.renewWill();
    // By the wall clock in both directions: it may have been set.
    if (Math.abs(nowMs - triedAtMs) < renewEveryMs) return;
    triedAtMs = nowMs;
    parts.conditions.set('authority', authorityFault(parts.identity.authority.notAfterMs, nowMs));
    const next = { server: await parts.identity.server(nowMs), client: await parts.identity.client(nowMs) };
    const isOther = next.server.cert !== shown.server.cert || next.client.cert !== shown.client.cert;
    if (isOther) {
      show(parts, next);
      shown = next;
      parts.log.info({}, 'the certificates of the head-end were renewed');
    }
    parts.conditions.set('own-certificate', undefined);
  };
  const timer = setInterval(() => {
    look().catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      parts.log.error({ err: error }, 'the certificates of the head-end could not be renewed; it is tried again');
      parts.conditions.set(
        'own-certificate',
        `The head-end's own certificates cannot be renewed (${why}): is the folder keys writable, and the disk not full? When they are over, no gateway can connect.`,
      );
    });
  }, minuteMs);
  return { end: () => clearInterval(timer) };
}

/** Ends the connections of gateways whose certificates do not stand any more, wherever they are. */
export function recheckOf(
  chosen: Pick<ChosenLink, 'recheck'>,
  field: () => Pick<FieldServer, 'recheck'> | undefined,
): () => void {
  return () => {
    chosen.recheck();
    field()?.recheck();
  };
}

function show({ app, field, chosen, identity }: Parts, next: Shown): void {
  (app.server as unknown as Server).setSecureContext(tlsOptions(next.server));
  field.renew({ ...next.server, ca: identity.authority.certificatesPem });
  chosen.renew(next);
}

function authorityFault(notAfterMs: number, nowMs: number): string | undefined {
  if (nowMs < notAfterMs - authorityWarnMs) return undefined;
  const day = new Date(notAfterMs).toISOString().slice(0, 10);
  return nowMs < notAfterMs
    ? `The authority of the head-end is valid until ${day}, and no certificate outlives it: import the next one (settings authority).`
    : `The authority of the head-end was valid until ${day}, so that no gateway can connect: import the next one (settings authority), or set the clock of this machine right.`;
}
