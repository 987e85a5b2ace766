import { Sign1 as OtherSign1, Headers, Algorithms } from '@auth0/cose';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { signerOf, thumbprint, verifyingKey } from './ed25519.ts';
import { decodeSign1, encodeSign1, toBeSigned } from './sign1.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const text = (said: string): Uint8Array => new TextEncoder().encode(said);
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

// https://github.com/cose-wg/Examples: eddsa-examples/eddsa-01.json; the key is that of RFC 8032, section 7.1, test 1.
const eddsa01 = {
  seed: hex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'),
  publicKey: hex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'),
  protectedHeader: hex('a201270300'),
  payload: text('This is the content.'),
  toBeSigned: '846a5369676e61747572653145a2012703004054546869732069732074686520636f6e74656e742e',
  signature:
    '7142fd2ff96d56db85bee905a76ba1d0b7321a95c8c4d3607c5781932b7afb8711497dfa751bf40b58b3bcc32300b1487f3db34085eef013bf08f4a44d6fef0d',
};

describe('the example of the COSE working group with Ed25519', () => {
  test('is signed as there', () => {
    const bytes = toBeSigned(eddsa01.protectedHeader, new Uint8Array(), eddsa01.payload);
    expect(hexOf(bytes)).toBe(eddsa01.toBeSigned);
    const signer = signerOf(eddsa01.seed);
    expect(signer.publicKey).toEqual(eddsa01.publicKey);
    expect(hexOf(signer.sign(bytes))).toBe(eddsa01.signature);
  });

  test('verifies, and no bit of it may differ', () => {
    const key = verifyingKey(eddsa01.publicKey);
    const signature = hex(eddsa01.signature);
    expect(key?.verify(hex(eddsa01.toBeSigned), signature)).toBe(true);
    for (let bit = 0; bit < signature.length * 8; bit += 7)
      expect(key?.verify(hex(eddsa01.toBeSigned), flipped(signature, bit))).toBe(false);
    const signed = hex(eddsa01.toBeSigned);
    for (let bit = 0; bit < signed.length * 8; bit += 1)
      expect(key?.verify(flipped(signed, bit), signature)).toBe(false);
  });

  // sign1-tests/sign-pass-02.json: another algorithm, but the same structure, with external data.
  test('with external data the structure is as there', () => {
    const bytes = toBeSigned(hex('a10126'), hex('11aa22bb33cc44dd55006699'), eddsa01.payload);
    expect(hexOf(bytes)).toBe(
      '846a5369676e61747572653143a101264c11aa22bb33cc44dd5500669954546869732069732074686520636f6e74656e742e',
    );
  });
});

// RFC 9679 has its example for EC2 alone; this is its rule, spelt out: { 1: 1, -1: 6, -2: x } in deterministic order.
test('a thumbprint is that of the COSE key', async () => {
  const key = Buffer.concat([hex('a3010120062158'), hex('20'), eddsa01.publicKey]);
  const digest = await crypto.subtle.digest('SHA-256', key);
  expect(hexOf(thumbprint(eddsa01.publicKey))).toBe(hexOf(new Uint8Array(digest)));
  expect(verifyingKey(eddsa01.publicKey)?.kid).toBe(hexOf(new Uint8Array(digest)));
});

test.each([0, 31, 33, 64])('%i bytes are no key', (length) => {
  expect(verifyingKey(new Uint8Array(length))).toBeUndefined();
  expect(() => signerOf(new Uint8Array(length))).toThrow(RangeError);
});

describe('another implementation', () => {
  const imported = (usage: 'sign' | 'verify'): Promise<CryptoKey> => {
    const x = Buffer.from(eddsa01.publicKey).toString('base64url');
    const d = Buffer.from(eddsa01.seed).toString('base64url');
    const jwk = { kty: 'OKP', crv: 'Ed25519', x, ...(usage === 'sign' ? { d } : {}) };
    return crypto.subtle.importKey('jwk', jwk, 'Ed25519', true, [usage]);
  };

  test('verifies what is signed here, with its external data and not without', async () => {
    const aad = text('a place');
    const bytes = toBeSigned(eddsa01.protectedHeader, aad, eddsa01.payload);
    const signature = signerOf(eddsa01.seed).sign(bytes);
    const read = OtherSign1.decode(encodeSign1({ ...eddsa01, signature }));
    const key = await imported('verify');
    await expect(read.verify(key, { externalAAD: aad })).resolves.toBeUndefined();
    await expect(read.verify(key, { externalAAD: text('another') })).rejects.toThrow('signature verification failed');
    await expect(read.verify(key)).rejects.toThrow('signature verification failed');
  });

  test('signs what is verified here', async () => {
    const theirs = await OtherSign1.sign(
      [[Headers.Algorithm, Algorithms.EdDSA]],
      [],
      eddsa01.payload,
      await imported('sign'),
    );
    // Theirs is tagged: 18.
    const read = decodeSign1(theirs.encode().subarray(1));
    if (read === undefined) throw new Error('not read');
    const bytes = toBeSigned(read.protectedHeader, new Uint8Array(), read.payload);
    expect(verifyingKey(eddsa01.publicKey)?.verify(bytes, read.signature)).toBe(true);
  });
});

describe('no such object', () => {
  test.each<[string, string]>([
    ['nothing', ''],
    ['a map', 'a0'],
    ['three parts', '834040 40'],
    ['five parts', '8540a0404040'],
    ['something in the unprotected header', '8440a10441314040'],
    ['a payload that is elsewhere', '8440a0f640'],
    ['a header that is no bytes', '84a0a04040'],
    ['a tag around it', 'd28440a04040'],
    ['a byte to spare', '8440a0404000'],
  ])('%s', (_, bytes) => {
    expect(decodeSign1(hex(bytes.replaceAll(' ', '')))).toBeUndefined();
  });

  test('any bytes: nothing is thrown', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => decodeSign1(bytes)).not.toThrow();
      }),
      { numRuns: 20_000 },
    );
  });
});

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}
