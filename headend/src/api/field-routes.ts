import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { enrolmentRequestShape, maxReportDeliveryBytes, renewalRequestShape } from '@tiepoint/protocol/field';
import { access } from './access.ts';
import { clockFaultOf, peerOf } from '../nms/link/peer-certificate.ts';
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

/** What gateways and technicians ask, under the gateway's certificate; `protocol/src/field` has the types. */
export function fieldRoutes(app: FastifyInstance, parts: ApiParts): void {
  enrolmentRoute(app, parts);
  void app.register(async (field) => {
    const gatewayOf = proven(field, parts);
    shallowJson(field);
    certificateRoutes(field, parts, gatewayOf);
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
    async (request, reply) => {
      const asked = enrolmentRequestShape(request.body, '');
      if (!asked.ok) return refuse(reply, asked);
      const enrolled = await enrolments.redeem(asked.value, { mqttUrl: mqttUrlAt(request.hostname), from: request.ip });
      return enrolled.ok
        ? reply.code(201).header('cache-control', 'no-store').send(enrolled.value)
        : refuse(reply, enrolled);
    },
  );
}

/** Every route of this scope asks who it is before anything of the body is read. */
function proven(field: FastifyInstance, { certificates, now }: ApiParts): GatewayOf {
  const gateways = new WeakMap<FastifyRequest, Proven>();
  const failures = new RequestRate({ burst: 10, everyMs: 6_000 });
  const requests = new RequestRate({ burst: 120, everyMs: 500 });
  field.addHook('onRequest', async (request, reply) => {
    const waitMs = failures.waitMs(request.ip, now());
    if (waitMs > 0) return await tooMany(reply, waitMs);
    const peer = peerOf(request.raw.socket);
    const gatewayId = peer?.holder.of === 'gateway' ? peer.holder.gatewayId : undefined;
    if (peer === undefined || gatewayId === undefined || !certificates.stands(gatewayId, peer.serial)) {
      failures.take(request.ip, now());
      const say =
        gatewayId === undefined
          ? (clockFaultOf(request.raw.socket) ?? 'Show the certificate that the gateway got when it was enrolled.')
          : `The certificate of ${gatewayId} was revoked, replaced or is over: enrol the gateway again.`;
      return await refuse(reply, { reason: 'unauthenticated', say });
    }
    const busyMs = requests.waitMs(gatewayId, now());
    if (busyMs > 0) return await tooMany(reply, busyMs);
    requests.take(gatewayId, now());
    certificates.seen(gatewayId, peer.serial);
    gateways.set(request, { gatewayId, serial: peer.serial, notAfterMs: peer.notAfterMs });
  });
  return (request) => {
    const gateway = gateways.get(request);
    if (gateway === undefined) throw new Error('a field request came past its authentication');
    return gateway;
  };
}

function certificateRoutes(field: FastifyInstance, { certificates, now }: ApiParts, gatewayOf: GatewayOf): void {
  const rate = new RequestRate({ burst: 10, everyMs: 600_000 });
  field.post(
    '/field/v1/renewals',
    {
      ...access('gateway'),
      bodyLimit: maxSmallBytes,
      schema: { tags, summary: "Renew the gateway's certificate before it is over" },
    },
    async (request, reply) => {
      const { gatewayId, serial } = gatewayOf(request);
      const waitMs = rate.waitMs(gatewayId, now());
      if (waitMs > 0) return await tooMany(reply, waitMs);
      rate.take(gatewayId, now());
      const asked = renewalRequestShape(request.body, '');
      if (!asked.ok) return refuse(reply, asked);
      const renewed = await certificates.renew(gatewayId, serial, asked.value.certificateRequest);
      return renewed.ok
        ? reply.code(201).header('cache-control', 'no-store').send(renewed.value)
        : refuse(reply, renewed);
    },
  );
  field.get(
    '/field/v1/certificate',
    {
      ...access('gateway'),
      schema: { tags, summary: 'Which certificate the gateway shows; those before it are retired' },
    },
    (request, reply) => {
      const { serial, notAfterMs } = gatewayOf(request);
      return reply.send({ serial, notAfterMs });
    },
  );
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

type Proven = { gatewayId: string; serial: string; notAfterMs: number };
type GatewayOf = (request: FastifyRequest) => Proven;

function askRoutes(field: FastifyInstance, parts: ApiParts, gatewayOf: GatewayOf): void {
  field.get(
    '/field/v1/assignment',
    { ...access('gateway'), schema: { tags, summary: 'What is to be commissioned: site, ordered devices, contracts' } },
    (request, reply) => {
      const { gatewayId } = gatewayOf(request);
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
      const { gatewayId } = gatewayOf(request);
      const seen = seenOf(parts, gatewayId, request.params.deviceId, request.query.sinceMs);
      return seen === undefined
        ? refuse(reply, {
            reason: 'not-found',
            say: `${gatewayId} has no device ${request.params.deviceId}: none is ordered, and none introduced itself.`,
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
        const waitMs = Math.max(
          rate.waitMs(gatewayOf(request).gatewayId, now()),
          underWay >= maxReportsAtOnce ? 5_000 : 0,
        );
        if (waitMs > 0) return await tooMany(reply, waitMs);
        rate.take(gatewayOf(request).gatewayId, now());
        underWay += 1;
        reply.raw.once('close', () => (underWay -= 1));
      },
    },
    (request, reply) => {
      const taken = reports.take(gatewayOf(request).gatewayId, request.body);
      return taken.ok ? reply.code(201).send(taken.value) : refuse(reply, taken);
    },
  );
}

async function tooMany(reply: FastifyReply, waitMs: number): Promise<FastifyReply> {
  const seconds = Math.ceil(waitMs / 1_000);
  return await refuse(reply.header('retry-after', String(seconds)), {
    reason: 'too-many',
    say: `Too many requests: try again in ${seconds} s.`,
  });
}
