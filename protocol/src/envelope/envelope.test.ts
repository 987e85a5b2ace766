import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deviceDown, deviceUp, gatewayDown, gatewayUp } from '../topics.ts';
import { toCbor } from '../schema/cbor.ts';
import { signerOf, verifyingKey } from './ed25519.ts';
import type { VerifyingKey } from './ed25519.ts';
import { maxContentBytes, openEnvelope, placeOf, seal } from './envelope.ts';
import type { Place } from './envelope.ts';
import { decodeSign1, encodeSign1 } from './sign1.ts';

const signer = signerOf(new Uint8Array(32).fill(1));
const stranger = signerOf(new Uint8Array(32).fill(2));
const keyOf = (kid: string): VerifyingKey | undefined => {
  const key = verifyingKey(signer.publicKey);
  return key?.kid === kid ? key : undefined;
};
const content = new TextEncoder().encode('open the switch');
const command: Place = { kind: 'command', gatewayId: 'gw-1' };
const places: readonly Place[] = [
  command,
  { kind: 'command', gatewayId: 'gw-2' },
  { kind: 'inquiry', gatewayId: 'gw-1' },
  { kind: 'configuration', gatewayId: 'gw-1' },
  { kind: 'tags', gatewayId: 'gw-1' },
  { kind: 'host' },
  { kind: 'trust' },
];

test('what is sealed for a place opens there, and nowhere else', () => {
  for (const signedFor of places) {
    const sealed = seal(content, signedFor, signer);
    expect(places.filter((place) => openEnvelope(sealed, place, keyOf).ok)).toEqual([signedFor]);
    expect(openEnvelope(sealed, signedFor, keyOf)).toMatchObject({ ok: true, content });
  }
});

test('sealed twice, it is the same', () => {
  expect(seal(content, command, signer)).toEqual(seal(content, command, signer));
});

test('every topic that comes down has its place, and none that goes up', () => {
  expect(placeOf({ of: 'host' })).toEqual({ kind: 'host' });
  for (const message of gatewayDown) expect(placeOf({ of: 'gateway', gatewayId: 'g', message })?.kind).toBe(message);
  for (const message of deviceDown)
    expect(placeOf({ of: 'device', gatewayId: 'g', deviceId: 'd', message })).toEqual({
      kind: message,
      gatewayId: 'g',
    });
  for (const message of gatewayUp) expect(placeOf({ of: 'gateway', gatewayId: 'g', message })).toBeUndefined();
  for (const message of deviceUp)
    expect(placeOf({ of: 'device', gatewayId: 'g', deviceId: 'd', message })).toBeUndefined();
});

describe('refused', () => {
  const sealed = seal(content, command, signer);
  const parts = decodeSign1(sealed);
  if (parts === undefined) throw new Error('not read');
  const header = (entries: readonly (readonly [number, number | string | Uint8Array])[]): Uint8Array =>
    toCbor(new Map(entries));
  const kid = parts.protectedHeader.slice(-32);
  const withHeader = (protectedHeader: Uint8Array): Uint8Array => encodeSign1({ ...parts, protectedHeader });

  test.each<[string, Uint8Array, string]>([
    ['what nobody signed', content, 'unsigned'],
    ['nothing', new Uint8Array(), 'unsigned'],
    ['another key', seal(content, command, stranger), 'unknown-key'],
    [
      'another key under the name of the trusted one',
      encodeSign1({ ...parts, signature: decodeSign1(seal(content, command, stranger))!.signature }),
      'forged',
    ],
    ['other content', encodeSign1({ ...parts, payload: new TextEncoder().encode('shut the switch') }), 'forged'],
    ['no signature', encodeSign1({ ...parts, signature: new Uint8Array() }), 'forged'],
    ['a signature of zeros', encodeSign1({ ...parts, signature: new Uint8Array(64) }), 'forged'],
    ['no header', withHeader(new Uint8Array()), 'unsigned'],
    [
      'another algorithm: ES256',
      withHeader(
        header([
          [1, -7],
          [3, 'tiepoint/command'],
          [4, kid],
        ]),
      ),
      'unsigned',
    ],
    [
      'another algorithm: HMAC, with the public key as its secret',
      withHeader(
        header([
          [1, 5],
          [3, 'tiepoint/command'],
          [4, kid],
        ]),
      ),
      'unsigned',
    ],
    [
      'no algorithm',
      withHeader(
        header([
          [3, 'tiepoint/command'],
          [4, kid],
        ]),
      ),
      'unsigned',
    ],
    [
      'the header in another order',
      withHeader(
        header([
          [4, kid],
          [3, 'tiepoint/command'],
          [1, -8],
        ]),
      ),
      'unsigned',
    ],
    [
      'more in the header than is known',
      withHeader(
        header([
          [1, -8],
          [2, 'x'],
          [3, 'tiepoint/command'],
          [4, kid],
        ]),
      ),
      'unsigned',
    ],
    [
      'another kind in the header',
      withHeader(
        header([
          [1, -8],
          [3, 'tiepoint/tags'],
          [4, kid],
        ]),
      ),
      'unsigned',
    ],
  ])('%s', (_, bytes, reason) => {
    expect(openEnvelope(bytes, command, keyOf)).toMatchObject({ ok: false, reason });
  });

  test('any one bit that differs', () => {
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const copy = Uint8Array.from(sealed);
      copy[bit >> 3]! ^= 1 << (bit & 7);
      expect(openEnvelope(copy, command, keyOf).ok, `bit ${bit}`).toBe(false);
    }
  });

  test('any bytes, and any end of it: nothing is thrown', () => {
    for (let length = 0; length < sealed.length; length++)
      expect(openEnvelope(sealed.slice(0, length), command, keyOf).ok).toBe(false);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(openEnvelope(bytes, command, keyOf).ok).toBe(false);
      }),
      { numRuns: 10_000 },
    );
  });
});

test('the most that fits passes, and more is not sealed', () => {
  const most = new Uint8Array(maxContentBytes);
  expect(openEnvelope(seal(most, command, signer), command, keyOf).ok).toBe(true);
  const longName: Place = { kind: 'configuration', gatewayId: 'g'.repeat(63) };
  expect(openEnvelope(seal(most, longName, signer), longName, keyOf).ok).toBe(true);
  expect(() => seal(new Uint8Array(maxContentBytes + 1), command, signer)).toThrow(RangeError);
});
