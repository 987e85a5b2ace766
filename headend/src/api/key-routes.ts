import type { FastifyInstance } from 'fastify';
import { rotationWishes } from '../authority/key-desk.ts';
import type { KeyStatus, RotationWish } from '../authority/key-desk.ts';
import { refuse } from './errors.ts';
import { operatorOf } from './operator-name.ts';
import type { ApiParts } from './parts.ts';
import { operatorHeader } from './request-schemas.ts';

const tags = ['keys'];
const rotationBody = {
  type: 'object',
  required: ['wish'],
  additionalProperties: false,
  properties: {
    wish: { type: 'string', enum: rotationWishes },
    cause: { type: 'string', minLength: 1, maxLength: 300 },
  },
} as const;

/** The keys that commands are signed with: which, and their exchange. */
export function keyRoutes(app: FastifyInstance, { keyDesk }: ApiParts): void {
  app.get(
    '/api/command-keys',
    { schema: { tags, summary: 'The command key, and how far its rotation is' } },
    (): KeyStatus => keyDesk.status(),
  );

  app.post<{ Body: { wish: RotationWish; cause?: string } }>(
    '/api/command-keys/rotation',
    {
      schema: {
        tags,
        summary: 'Announce the next command key, go on without the gateways that lack it, or withdraw it',
        headers: operatorHeader,
        body: rotationBody,
      },
    },
    (request, reply) => {
      const operator = operatorOf(request, reply);
      if (operator === undefined) return reply;
      const asked = keyDesk.ask({ ...request.body, operator });
      return asked.ok ? reply.send(asked.value) : refuse(reply, asked);
    },
  );
}
