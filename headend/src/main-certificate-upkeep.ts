import type { Server } from 'node:https';
import type { FastifyInstance } from 'fastify';
import type { HeadendIdentity } from './main-authority.ts';
import type { FieldServer } from './main-field.ts';
import type { HeadendLog } from './main-headend.ts';
import type { ChosenLink } from './main-link.ts';
import { tlsOptions } from './api/server.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;

/**
 * The head-end's own certificate is renewed in its last third, and shown to whoever comes from then on; connections of gateways whose
 * certificates are over by now are ended.
 */
export function keepCertificates(
  identity: HeadendIdentity,
  { app, field, chosen }: { app: FastifyInstance; field: FieldServer; chosen: ChosenLink },
  log: HeadendLog,
  now: () => number,
): readonly NodeJS.Timeout[] {
  let shown: string | undefined;
  const renew = async (): Promise<void> => {
    const server = await identity.server(now());
    if (shown !== undefined && shown !== server.cert) {
      (app.server as unknown as Server).setSecureContext(tlsOptions(server));
      field.renew({ ...server, ca: identity.authority.certificatesPem });
      chosen.renew(server);
      log.info({}, 'the certificate of the head-end was renewed');
    }
    shown = server.cert;
  };
  const tried = (): void =>
    void renew().catch((error: unknown) =>
      log.error({ err: error }, 'the certificate was not renewed; it is tried again'),
    );
  tried();
  return [setInterval(tried, hourMs), setInterval(() => chosen.recheck(), minuteMs)];
}
