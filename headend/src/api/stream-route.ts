import type { FastifyInstance } from 'fastify';
import { access, callerOf } from './access.ts';
import type { Caller } from './access.ts';
import { seesAll, seesDevice, seesGateway } from './areas.ts';
import { refuse } from './errors.ts';
import type { ApiParts } from './parts.ts';
import { securityHeaders } from './security-headers.ts';
import type { StreamClient, StreamViewer } from './stream-hub.ts';

const endTimeoutMs = 1_000;

/** `GET /api/stream`: server-sent events, see `contract.ts`. */
export function streamRoute(app: FastifyInstance, parts: ApiParts): void {
  const { hub } = parts;
  const schema = {
    tags: ['fleet'],
    summary: 'Live stream (server-sent events): a snapshot, then what changes',
    produces: ['text/event-stream'],
  };
  app.get('/api/stream', { ...access('see'), schema, exposeHeadRoute: false }, (request, reply) => {
    const { raw } = reply;
    const client: StreamClient = {
      write: (text) => {
        if (!raw.writable) return 0;
        raw.write(text);
        return raw.writableLength;
      },
      end: (text) => {
        if (raw.writable) raw.end(text);
        // Who does not read does not read the goodbye either.
        setTimeout(() => raw.destroy(), endTimeoutMs).unref();
      },
    };
    const given = request.headers['last-event-id'];
    const lastEventId = typeof given === 'string' ? given : undefined;
    raw.once('close', () => hub.disconnect(client));
    const head = {
      ...securityHeaders,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    };
    // The head is written with the first frame, so that a refusal can still be an error body.
    const first: StreamClient = {
      ...client,
      write: (text) => {
        if (!raw.headersSent) {
          reply.hijack();
          raw.writeHead(200, head);
          raw.write('retry: 2000\n\n');
        }
        return client.write(text);
      },
    };
    raw.once('close', () => hub.disconnect(first));
    if (!hub.connect(first, viewerOf(parts, callerOf(request)), lastEventId)) {
      return refuse(reply, { reason: 'too-many', say: 'Too many live streams are open already: close one.' });
    }
    if (!raw.headersSent) first.write(': nothing was missed\n\n');
    return reply;
  });
}

/** Ends with the session or token, and when the rights are no longer those with which it began. */
function viewerOf(parts: ApiParts, { operator, grants, session, tokenId }: Caller): StreamViewer {
  const { people } = parts;
  const before = JSON.stringify(people.grantsOf(operator));
  const isGood = (): boolean =>
    session === undefined ? people.tokens.isGood(tokenId ?? '') : people.sessions.isGood(session);
  return {
    operator,
    all: seesAll(grants),
    sees: (deviceKey) => seesDevice(parts, grants, deviceKey),
    seesGateway: (gatewayId) => seesGateway(parts, grants, gatewayId),
    over: () => {
      if (!isGood()) return 'signed-out';
      return JSON.stringify(people.grantsOf(operator)) === before ? undefined : 'rights-changed';
    },
  };
}
