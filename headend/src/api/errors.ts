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

/** What a schema has against a value. */
type Misfit = {
  readonly instancePath?: string;
  readonly keyword?: string;
  readonly message?: string;
  readonly params?: Readonly<Record<string, unknown>>;
};

/** For people: the field, and what it should be. `path` is for programs. */
function misfitIn(context: string, misfit: Misfit): ErrorBody['error'] {
  const { missingProperty, additionalProperty } = misfit.params ?? {};
  const named = [missingProperty, additionalProperty].filter((each) => typeof each === 'string');
  const parts = [...(misfit.instancePath ?? '').split('/').slice(1), ...named];
  // The number of an item in a list tells nobody which field it is.
  const field = parts.findLast((part) => !/^\d+$/.test(part)) ?? context;
  return { reason: 'invalid', say: `${field}: ${misfitWords(misfit)}`, path: [context, ...parts].join('.') };
}

function misfitWords({ keyword, params = {}, message = 'is not as it should be' }: Misfit): string {
  const { limit, allowedValues, type } = params;
  switch (keyword) {
    case 'required':
      return 'is missing';
    case 'additionalProperties':
      return 'is not known here';
    case 'enum':
      return `must be one of ${(allowedValues as readonly unknown[]).map(String).join(', ')}`;
    case 'minimum':
      return `must be at least ${String(limit)}`;
    case 'maximum':
      return `must be at most ${String(limit)}`;
    case 'minLength':
      return limit === 1 ? 'is empty' : `must have at least ${String(limit)} characters`;
    case 'maxLength':
      return `must have at most ${String(limit)} characters`;
    case 'minItems':
      return limit === 1 ? 'is empty' : `must have at least ${String(limit)} entries`;
    case 'maxItems':
      return `must have at most ${String(limit)} entries`;
    case 'type':
      return `must be ${/^[aeiou]/.test(String(type)) ? 'an' : 'a'} ${String(type)}`;
    default:
      return message;
  }
}

/** 404, refused input and faults of the program, all as `ErrorBody`. */
export function uniformErrors(app: FastifyInstance, onFault: (error: unknown, url: string) => void): void {
  app.setErrorHandler((error: unknown, request, reply) => {
    const fault = error as {
      validation?: readonly Misfit[];
      validationContext?: string;
      statusCode?: number;
      message?: string;
    };
    if (fault.validation !== undefined)
      return refuse(reply, misfitIn(fault.validationContext ?? 'body', fault.validation[0] ?? {}));
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
