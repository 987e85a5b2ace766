import { extensionNamespace, extensionProperty } from './extension.ts';

/** What a property may be given as: text and numbers as such, a reference to another resource, a value of an enumeration. */
export type PropertyValue =
  | string
  | number
  | boolean
  | { readonly ref: string }
  | { readonly choice: string }
  | undefined;

const linesPerPiece = 2_000;
const cim = 'http://iec.ch/TC57/CIM100#';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (char) => escapes[char] ?? char);

/** Writes resources one after the other, as the distribution profiles of CIM have them. */
export class RdfWriter {
  #lines: string[] = [
    '<?xml version="1.0" encoding="utf-8"?>',
    `<rdf:RDF xmlns:cim="${cim}" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:tp="${extensionNamespace}">`,
  ];

  /** `properties` that are undefined are left out; `extension` too, where nothing is in it. */
  resource(
    kind: string,
    mrid: string,
    properties: Readonly<Record<string, PropertyValue>>,
    extension: object = {},
  ): void {
    this.#lines.push(
      `<cim:${kind} rdf:about="urn:uuid:${mrid}">`,
      `  <cim:IdentifiedObject.mRID>${mrid}</cim:IdentifiedObject.mRID>`,
    );
    for (const [name, value] of Object.entries(properties)) this.#property(name, value);
    const more = Object.entries(extension).filter(([, value]) => value !== undefined);
    if (more.length > 0) {
      const json = escaped(JSON.stringify(Object.fromEntries(more)));
      this.#lines.push(`  <tp:${extensionProperty}>${json}</tp:${extensionProperty}>`);
    }
    this.#lines.push(`</cim:${kind}>`);
  }

  #property(name: string, value: PropertyValue): void {
    if (value === undefined) return;
    if (typeof value === 'object') {
      const target = 'ref' in value ? `urn:uuid:${value.ref}` : cim + value.choice;
      this.#lines.push(`  <cim:${name} rdf:resource="${target}"/>`);
    } else this.#lines.push(`  <cim:${name}>${escaped(String(value))}</cim:${name}>`);
  }

  /** Enough for a piece. */
  get isLong(): boolean {
    return this.#lines.length >= linesPerPiece;
  }

  /** What was written since this was asked before. */
  take(): string {
    const taken = this.#lines;
    this.#lines = [];
    return taken.map((line) => `${line}\n`).join('');
  }

  end(): string {
    this.#lines.push('</rdf:RDF>');
    return this.take();
  }
}
