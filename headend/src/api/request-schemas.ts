import { commandKinds, intervalLengthsS, onOffs, reportings } from '@tiepoint/protocol';
import { auditActions } from '../store/store.ts';

/** JSON schemas of what requests carry; they check each request and describe the API. */
export const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength }) as const;
/** Words for people: something must be in them. */
export const words = { type: 'string', minLength: 1, maxLength: 300, pattern: '\\S' } as const;
const count = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;

export const idParams = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string', maxLength: 160 } },
} as const;
export const limitQuery = { type: 'integer', minimum: 1, maximum: 1_000, default: 100 } as const;

export const pageQuery = { type: 'object', properties: { beforeSeq: count, limit: limitQuery } } as const;
export const auditQuery = {
  type: 'object',
  properties: {
    beforeSeq: count,
    limit: limitQuery,
    subject: text(160),
    operator: text(120),
    action: { type: 'string', enum: auditActions },
    untilMs: { ...count, description: 'what was recorded until then, by the head-end’s clock' },
  },
} as const;
export const commandsQuery = {
  type: 'object',
  properties: {
    deviceId: text(160),
    state: { type: 'string', enum: ['active', 'final'] },
    beforeMs: count,
    limit: limitQuery,
  },
} as const;
export const historyQuery = {
  type: 'object',
  required: ['fromMs', 'toMs'],
  properties: {
    fromMs: count,
    toMs: count,
    points: { type: 'string', maxLength: 500, description: 'names, separated by commas' },
  },
} as const;

export const selectionBody = {
  type: 'object',
  required: ['kind'],
  additionalProperties: false,
  properties: {
    kind: { type: 'string', enum: [...commandKinds] },
    parameters: {
      type: 'object',
      additionalProperties: false,
      properties: {
        limitPct: { type: 'number', minimum: 0, maximum: 100 },
        relay: { type: 'integer', minimum: 1, maximum: 4 },
        to: { type: 'string', enum: [...onOffs] },
      },
    },
  },
} as const;

export const operateBody = {
  type: 'object',
  required: ['selectionId'],
  additionalProperties: false,
  properties: { selectionId: text(64), cause: words },
} as const;

export const tagBody = {
  type: 'object',
  required: ['cause'],
  additionalProperties: false,
  properties: { cause: words },
} as const;

export const configurationBody = {
  type: 'object',
  required: ['devices'],
  additionalProperties: false,
  properties: {
    cause: words,
    devices: {
      type: 'array',
      maxItems: 1024,
      items: {
        type: 'object',
        required: ['deviceId'],
        additionalProperties: false,
        properties: {
          deviceId: text(63),
          periodMs: { type: 'integer', minimum: 1_000, maximum: 3_600_000 },
          reporting: { type: 'string', enum: [...reportings] },
          heartbeatMs: { type: 'integer', minimum: 1_000, maximum: 3_600_000 },
          thresholdsPct: { type: 'array', maxItems: 8, items: { type: 'number', minimum: 0, maximum: 200 } },
          hysteresisPct: { type: 'number', minimum: 0.1, maximum: 50 },
          intervalS: { type: 'integer', enum: [...intervalLengthsS] },
        },
      },
    },
  },
} as const;

export const operateHeaders = {
  type: 'object',
  properties: {
    'idempotency-key': {
      type: 'string',
      minLength: 1,
      maxLength: 100,
      description: 'One for each command: the same again gives the same command',
    },
  },
} as const;
