import { createHash } from 'node:crypto';
import type { CimObject } from './cim-graph.ts';

const isUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Namespace of the names that are made here, a random UUID once and for all. */
const namespace = Buffer.from('6f1b6a0e5d0f4a6db7c1c1f0a3d5e812', 'hex');

/** The mRID of an id: itself where it is a UUID, else one made from its name (RFC 9562, version 5), always the same. */
export function mridOf(kind: string, id: string): string {
  return isUuid.test(id) ? id : madeMrid(kind, id);
}

/** Of what the model has no element for, as a terminal or a limit: made from whose it is. */
export function madeMrid(kind: string, id: string): string {
  const hash = createHash('sha1').update(namespace).update(`${kind}\n${id}`).digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/**
 * The id under which a resource is in the network. An alias from which its own mRID was made is the id that it had before it was
 * written to a file; anything else goes by its mRID.
 */
export function idOf(kind: string, object: CimObject): string {
  const [alias, mrid] = [
    object.text('IdentifiedObject.aliasName'),
    object.text('IdentifiedObject.mRID') ?? object.rdfId,
  ];
  return alias !== undefined && mridOf(kind, alias) === mrid ? alias : mrid;
}
