import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { enrolmentRequestShape, maxReportDeliveryBytes } from '@tiepoint/protocol/field';
import { access } from './access.ts';
import { refuse } from './errors.ts';
import { assignmentOf, seenOf } from './field-views.ts';
import type { ApiParts } from './parts.ts';
import { nestsDeeperThan } from './json-depth.ts';
import { RequestRate } from '../operators/request-rate.ts';

const tags = ['field'];
const maxSmallBytes = 16 * 1024;
const maxDepth = 32;
/** Reports on their way in at once: each may take up its size several times over in memory. */
const maxReportsAtOnce = 4;

/** What gateways and technicians ask, with the gateway's own id and password; `protocol/src/field` has the types. */
export function fieldRoutes(app: FastifyInstance, parts: ApiParts): void {
  enrolmentRoute(app, parts);
  void app.register(async (field) => {
    const gatewayOf = proven(field, parts);
    shallowJson(field);
    askRoutes(field, parts, gatewayOf);
    reportRoute(field, parts, gatewayOf);
  });
}

function enrolmentRoute(app: FastifyInstance, { enrolments, mqttUrlAt, now }: ApiParts): void {
  const rate = new RequestRate({ burst: 10, everyMs: 10_000 });
  app.post(
    '/field/v1/enrolments',
    {
      ...access('gateway'),
      bodyLimit: maxSmallBytes,
      schema: { tags, summary: 'Turn an enrolment token into the identity and configuration of a gateway' },
      onRequest: async (request, reply) => {
        const waitMs = rate.waitMs(request.ip, now());
        if (waitMs > 0) return await tooMany(reply, waitMs);
        rate.take(request.ip, now());
      },
    },
    (request, reply) => {
      const asked = enrolmentRequestShape(request.body, '');
      if (!asked.ok) return refuse(reply, asked);
      const enrolled = enrolments.redeem(asked.value, { mqttUrl: mqttUrlAt(request.hostname), from: request.ip });
      return enrolled.ok
        ? reply.code(201).header('cache-control', 'no-store').send(enrolled.value)
        : refuse(reply, enrolled);
    },
  );
}

/** Every route of this scope asks who it is before anything of the body is read. */
function proven(field: FastifyInstance, { enrolments, now }: ApiParts): (request: FastifyRequest) => string {
  const gateways = new WeakMap<FastifyRequest, string>();
  const failures = new RequestRate({ burst: 10, everyMs: 6_000 });
  const requests = new RequestRate({ burst: 120, everyMs: 500 });
  field.addHook('onRequest', async (request, reply) => {
    const waitMs = failures.waitMs(request.ip, now());
    if (waitMs > 0) return await tooMany(reply, waitMs);
    const given = basicAuthentication(request.headers.authorization);
    if (given === undefined || !enrolments.proves(given.gatewayId, given.password)) {
      failures.take(request.ip, now());
      return await refuse(reply.header('www-authenticate', 'Basic realm="tiepoint field", charset="UTF-8"'), {
        reason: 'unauthenticated',
        say: "Give the gateway's id and password (Basic authentication), as enrolment or the head-end's file has them.",
      });
    }
    const busyMs = requests.waitMs(given.gatewayId, now());
    if (busyMs > 0) return await tooMany(reply, busyMs);
    requests.take(given.gatewayId, now());
    gateways.set(request, given.gatewayId);
  });
  return (request) => {
    const gatewayId = gateways.get(request);
    if (gatewayId === undefined) throw new Error('a field request came past its authentication');
    return gatewayId;
  };
}

/** A report nests a handful deep. Millions of brackets would keep everybody waiting for a minute while they are read and written. */
function shallowJson(field: FastifyInstance): void {
  const parse = field.getDefaultJsonParser('error', 'error');
  field.removeContentTypeParser('application/json');
  field.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
    if (nestsDeeperThan(maxDepth, body)) {
      const refusal = new Error(`the body nests deeper than ${maxDepth} lists and objects`);
      done(Object.assign(refusal, { statusCode: 400 }));
    } else void parse(request, body, done);
  });
}

type GatewayOf = (request: FastifyRequest) => string;

function askRoutes(field: FastifyInstance, parts: ApiParts, gatewayOf: GatewayOf): void {
  field.get(
    '/field/v1/assignment',
    { ...access('gateway'), schema: { tags, summary: 'What is to be commissioned: site, ordered devices, contracts' } },
    (request, reply) => {
      const gatewayId = gatewayOf(request);
      const assignment = assignmentOf(parts, gatewayId);
      if (assignment === undefined)
        return refuse(reply, {
          reason: 'not-found',
          say: `Nothing is ordered for ${gatewayId}: have its site entered at the head-end.`,
        });
      return reply.send(assignment);
    },
  );

  field.get<{ Params: { deviceId: string }; Querystring: { sinceMs: number } }>(
    '/field/v1/devices/:deviceId/seen',
    {
      ...access('gateway'),
      schema: {
        tags,
        summary: 'What the head-end has seen of a device of this gateway',
        params: { type: 'object', required: ['deviceId'], properties: { deviceId: { type: 'string', maxLength: 63 } } },
        querystring: {
          type: 'object',
          properties: { sinceMs: { type: 'integer', minimum: 0, maximum: 8.64e15, default: 0 } },
        },
      },
    },
    (request, reply) => {
      const seen = seenOf(parts, gatewayOf(request), request.params.deviceId, request.query.sinceMs);
      return seen === undefined
        ? refuse(reply, {
            reason: 'not-found',
            say: `${gatewayOf(request)} has no device ${request.params.deviceId}: none is ordered, and none introduced itself.`,
          })
        : reply.send(seen);
    },
  );
}

function reportRoute(field: FastifyInstance, { reports, now }: ApiParts, gatewayOf: GatewayOf): void {
  const rate = new RequestRate({ burst: 10, everyMs: 300_000 });
  let underWay = 0;
  field.post(
    '/field/v1/reports',
    {
      ...access('gateway'),
      bodyLimit: maxReportDeliveryBytes,
      schema: { tags, summary: 'Deliver a commissioning report' },
      onRequest: async (request, reply) => {
        const waitMs = Math.max(rate.waitMs(gatewayOf(request), now()), underWay >= maxReportsAtOnce ? 5_000 : 0);
        if (waitMs > 0) return await tooMany(reply, waitMs);
        rate.take(gatewayOf(request), now());
        underWay += 1;
        reply.raw.once('close', () => (underWay -= 1));
      },
    },
    (request, reply) => {
      const taken = reports.take(gatewayOf(request), request.body);
      return taken.ok ? reply.code(201).send(taken.value) : refuse(reply, taken);
    },
  );
}

async function tooMany(reply: FastifyReply, waitMs: number): Promise<void> {
  const seconds = Math.ceil(waitMs / 1_000);
  await refuse(reply.header('retry-after', String(seconds)), {
    reason: 'too-many',
    say: `Too many requests: try again in ${seconds} s.`,
  });
}

function basicAuthentication(header: string | undefined): { gatewayId: string; password: string } | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/=]{1,1000})$/i.exec(header ?? '')?.[1];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const at = text.indexOf(':');
  return at < 1 ? undefined : { gatewayId: text.slice(0, at), password: text.slice(at + 1) };
}
