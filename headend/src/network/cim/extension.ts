import type { CimObject } from './cim-graph.ts';
import { extensionFields } from './extension-fields.ts';

/**
 * What the network model knows and CIM has no name for travels as JSON in one property of our own, so that a file that was written here
 * is read back whole. Others pass over it.
 */
export const extensionNamespace = 'urn:tiepoint:cim#';
export const extensionProperty = 'Element.extension';

/** Empty: there is none, or it is no JSON object. What is no field of an extension, or cannot be its value, is told and left out. */
export function extensionOf<T extends object>(object: CimObject): Partial<T> {
  const text = object.text(extensionProperty);
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return readable<T>(object, value);
  } catch {
    // Told below: it was written by hand, then.
  }
  object.tell('error', 'unreadable-value', `${extensionProperty} is no JSON object`);
  return {};
}

function readable<T extends object>(object: CimObject, value: object): Partial<T> {
  const isReadable = ([key, field]: [string, unknown]): boolean =>
    Object.hasOwn(extensionFields, key) && extensionFields[key]?.(field) === true;
  const left = Object.entries(value).filter((entry) => !isReadable(entry));
  if (left.length > 0) {
    const keys = left
      .map(([key]) => key.slice(0, 40))
      .slice(0, 10)
      .join(', ');
    object.tell(
      'error',
      'unreadable-value',
      `${extensionProperty}: what it says of ${keys} cannot be read: it is left out`,
    );
  }
  return Object.fromEntries(Object.entries(value).filter(isReadable)) as Partial<T>;
}
