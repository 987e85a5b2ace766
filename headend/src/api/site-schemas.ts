import { commandKinds } from '@tiepoint/protocol';

const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength }) as const;
const positive = { type: 'number', minimum: 0, maximum: 1e9 } as const;
const day = {
  type: 'string',
  pattern: '^\\d{4}-\\d{2}-\\d{2}$',
  description: 'a day such as 2026-03-31, where the head-end stands',
} as const;

export const sitesQuery = {
  type: 'object',
  properties: {
    search: {
      type: 'string',
      maxLength: 200,
      default: '',
      description: 'in name, title, area, address, feeder or transformer',
    },
    limit: { type: 'integer', minimum: 1, maximum: 1_000, default: 300 },
  },
} as const;

export const siteBody = {
  type: 'object',
  required: ['title'],
  additionalProperties: false,
  properties: {
    title: text(200),
    area: text(64),
    critical: text(200),
    address: text(200),
    latitude: { type: 'number', minimum: -90, maximum: 90 },
    longitude: { type: 'number', minimum: -180, maximum: 180 },
    feeder: text(200),
    transformer: text(200),
  },
} as const;

export const orderBody = {
  type: 'object',
  required: ['siteId', 'profile'],
  additionalProperties: false,
  properties: {
    siteId: text(63),
    title: text(120),
    profile: text(64),
    make: text(200),
    model: text(200),
    serialNumber: text(200),
    connection: {
      ...text(200),
      description: 'tcp HOST[:PORT], rtu-tcp HOST:PORT [BAUD], or rtu PATH BAUD 8E1; absent: found on site',
    },
    unit: { type: 'integer', minimum: 0, maximum: 255 },
    switchedBy: text(63),
    readOnly: { type: 'boolean' },
    ratedPowerW: positive,
    ratedCurrentA: positive,
    switchRatingA: positive,
  },
} as const;

export const contractBody = {
  type: 'object',
  required: ['deviceId', 'operators', 'fromDay'],
  additionalProperties: false,
  properties: {
    deviceId: { ...text(130), description: 'the device in the fleet, <gateway>.<device>' },
    ratedPowerW: positive,
    ratedCurrentA: positive,
    maxPowerW: { ...positive, description: 'the most that a limit may allow; absent: the rated power' },
    commands: { type: 'array', minItems: 1, maxItems: 64, items: { type: 'string', enum: [...commandKinds] } },
    operators: { type: 'array', minItems: 1, maxItems: 100, items: text(120), description: 'names, or any' },
    fromDay: day,
    toDay: day,
  },
} as const;

export const retirementBody = {
  type: 'object',
  required: ['cause'],
  additionalProperties: false,
  properties: { cause: { type: 'string', minLength: 1, maxLength: 300, pattern: '\\S' } },
} as const;

export const tokenBody = {
  type: 'object',
  additionalProperties: false,
  properties: { validHours: { type: 'number', minimum: 0.01, maximum: 720, default: 72 } },
} as const;

export const profileBody = {
  type: 'object',
  required: ['fileName', 'text'],
  additionalProperties: false,
  properties: {
    fileName: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,80}\\.(yaml|yml|json)$' },
    text: text(200_000),
  },
} as const;

export const importQuery = {
  type: 'object',
  properties: { expect: { type: 'string', maxLength: 64, description: 'the digest of a preview' } },
} as const;

export const downloadQuery = {
  type: 'object',
  properties: { download: { type: 'string', enum: ['true', 'false'], default: 'false' } },
} as const;
