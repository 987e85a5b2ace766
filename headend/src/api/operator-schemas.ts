import { roles } from '../operators/permissions.ts';

/** What requests about people carry. Passwords have no lower bound here: what is wrong with one is said in words. */
const text = (maxLength: number, minLength = 1) => ({ type: 'string', minLength, maxLength }) as const;
const name = text(63);
const password = text(256);
const title = text(120);
const strict = { type: 'object', additionalProperties: false } as const;
/** As WebAuthn writes it; checked by those who read it. */
const credential = { type: 'object', required: ['id'], additionalProperties: true } as const;

const grants = {
  type: 'array',
  maxItems: 32,
  items: {
    ...strict,
    required: ['role', 'areas'],
    properties: {
      role: { type: 'string', enum: [...roles] },
      areas: {
        anyOf: [
          { type: 'string', enum: ['all'] },
          { type: 'array', minItems: 1, maxItems: 64, uniqueItems: true, items: text(64) },
        ],
      },
    },
  },
} as const;

export const nothingBody = strict;
export const signInBody = {
  ...strict,
  required: ['name', 'password'],
  properties: { name: text(120, 0), password: text(256, 0), code: text(40, 0) },
} as const;
export const passkeySignInBody = {
  ...strict,
  required: ['challengeId', 'response'],
  properties: { challengeId: text(64), response: credential },
} as const;
export const passwordBody = {
  ...strict,
  required: ['current', 'next'],
  properties: { current: password, next: text(300) },
} as const;
export const codeBody = { ...strict, required: ['code'], properties: { code: text(20) } } as const;
export const passkeyBody = {
  ...strict,
  required: ['challengeId', 'title', 'response'],
  properties: { challengeId: text(64), title: text(60), response: credential },
} as const;
export const bearerTokenBody = {
  ...strict,
  required: ['title', 'grants', 'validDays'],
  properties: {
    title: text(60),
    grants: { ...grants, minItems: 1 },
    validDays: { type: 'number', minimum: 0.01, maximum: 366 },
    account: name,
  },
} as const;
export const operatorBody = {
  ...strict,
  required: ['name', 'grants'],
  properties: { name: text(120), title, grants, program: { type: 'boolean' } },
} as const;
export const operatorChangeBody = {
  ...strict,
  properties: { title, grants, disabled: { type: 'boolean' } },
} as const;
