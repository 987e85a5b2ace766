import type { FastifyInstance } from 'fastify';
import { rotationWishes } from '../authority/key-desk.ts';

import { access, actingOf } from './access.ts';
import { refuse } from './errors.ts';
import type { CommandKeyView, RotationWish } from './key-contract.ts';
import type { ApiParts } from './parts.ts';

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
    {
      ...access('see', { everywhere: true }),
      schema: { tags, summary: 'The command key, and how far its rotation is' },
    },
    (): CommandKeyView => keyDesk.status(),
  );

  app.post<{ Body: { wish: RotationWish; cause?: string } }>(
    '/api/command-keys/rotation',
    {
      ...access('manage-keys', { everywhere: true }),
      schema: {
        tags,
        summary: 'Announce the next command key, go on without the gateways that lack it, or withdraw it',
        body: rotationBody,
      },
    },
    (request, reply) => {
      const asked = keyDesk.ask({ ...request.body, ...actingOf(request) });
      return asked.ok ? reply.send(asked.value) : refuse(reply, asked);
    },
  );
}
