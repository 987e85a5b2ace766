import type { CimObject } from './cim-graph.ts';

/**
 * What the network model knows and CIM has no name for travels as JSON in one property of our own, so that a file that was written here
 * is read back whole. Others pass over it.
 */
export const extensionNamespace = 'urn:tiepoint:cim#';
export const extensionProperty = 'Element.extension';

/** Undefined: there is none, or it is no JSON object. */
export function extensionOf<T extends object>(object: CimObject): Partial<T> {
  const text = object.text(extensionProperty);
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Told below: it was written by hand, then.
  }
  object.tell('error', 'unreadable-value', `${extensionProperty} is no JSON object`);
  return {};
}
