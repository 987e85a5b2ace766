import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ApiReason, ErrorBody } from './contract.ts';

/** The answer to a request that is not done, in the one form that all errors have. */
export function refuse(reply: FastifyReply, failure: ErrorBody['error']): FastifyReply {
  const { reason, say, path, faults } = failure;
  const body: ErrorBody = {
    error: { reason, say, ...(path === undefined ? {} : { path }), ...(faults === undefined ? {} : { faults }) },
  };
  return reply.code(statusOf(reason)).send(body);
}

export function unknownDevice(id: string): { reason: 'unknown-device'; say: string } {
  return {
    reason: 'unknown-device',
    say: `No device ${id.slice(0, 130)} has introduced itself. Devices are named <gateway>.<device>.`,
  };
}

/** `more`: why not, where that is known. */
export function nothingAt({ method, url }: FastifyRequest, more = ''): { reason: 'not-found'; say: string } {
  return { reason: 'not-found', say: `There is nothing at ${method} ${url.slice(0, 200)}.${more}` };
}

function statusOf(reason: ApiReason): number {
  switch (reason) {
    case 'not-found':
    case 'unknown-device':
      return 404;
    case 'invalid':
    case 'unknown-command':
      return 400;
    case 'unauthenticated':
    case 'code-needed':
      return 401;
    case 'wrong-operator':
    case 'not-permitted':
    case 'foreign-page':
    case 'sign-in-unfinished':
    case 'sign-in-again':
    case 'token':
      return 403;
    case 'too-many':
      return 429;
    case 'not-recorded':
    case 'stopping':
      return 503;
    case 'internal':
      return 500;
    default:
      return 409; // understood, and refused for what is so at present
  }
}

/** 404, refused input and faults of the program, all as `ErrorBody`. */
export function uniformErrors(app: FastifyInstance, onFault: (error: unknown, url: string) => void): void {
  app.setErrorHandler((error: unknown, request, reply) => {
    const fault = error as {
      validation?: readonly { instancePath?: string; params?: Record<string, unknown> }[];
      validationContext?: string;
      statusCode?: number;
      message?: string;
    };
    if (fault.validation !== undefined) {
      const [first] = fault.validation;
      const missing =
        typeof first?.params?.['missingProperty'] === 'string' ? `/${first.params['missingProperty']}` : '';
      const path = `${fault.validationContext ?? 'body'}${first?.instancePath ?? ''}${missing}`.replaceAll('/', '.');
      return refuse(reply, { reason: 'invalid', say: fault.message ?? 'The request is not as it should be.', path });
    }
    // So say the files of the console of a name that is too long for any file, or leads out of their folder.
    if (fault.statusCode === 403) return refuse(reply, nothingAt(request));
    if (fault.statusCode !== undefined && fault.statusCode >= 400 && fault.statusCode < 500) {
      const body: ErrorBody = { error: { reason: 'invalid', say: fault.message ?? 'The request cannot be read.' } };
      return reply.code(fault.statusCode).send(body);
    }
    onFault(error, request.url);
    return refuse(reply, { reason: 'internal', say: 'The head-end failed at this request; its log tells why.' });
  });
}
