export { signerOf, thumbprint, verifyingKey } from './ed25519.ts';
export type { Signer, VerifyingKey } from './ed25519.ts';
export { decodeSign1 } from './sign1.ts';
export { maxContentBytes, openEnvelope, placeOf, seal } from './envelope.ts';
export type { Opened, Place } from './envelope.ts';
