import { SaxesParser } from 'saxes';

export type RdfValue = { readonly line: number } & ({ readonly text: string } | { readonly ref: string });

/** A resource of a CIM file: class and properties by their names without namespace. */
export type RdfObject = {
  readonly id: string;
  readonly class: string;
  readonly line: number;
  readonly properties: ReadonlyMap<string, readonly RdfValue[]>;
};

export type RdfRead =
  | { readonly ok: true; readonly objects: readonly RdfObject[] }
  | { readonly ok: false; readonly line: number; readonly say: string };

const rdf = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';

type Open = { id: string; class: string; line: number; properties: Map<string, RdfValue[]> };

/** Reads RDF/XML as CIM writes it (IEC 61970-552): resources in a row, each with its properties, none within another. */
export function readRdf(chunks: Iterable<string>): RdfRead {
  const parser = new SaxesParser({ xmlns: true, position: true });
  const objects: RdfObject[] = [];
  let fault: { line: number; say: string } | undefined;
  let depth = 0;
  let open: Open | undefined;
  let property: { name: string; line: number; ref?: string; text: string } | undefined;
  parser.on('error', (error) => {
    fault ??= { line: parser.line, say: error.message.replace(/^\d+:\d+: /, '') };
  });
  parser.on('opentag', ({ local, uri, attributes }) => {
    depth += 1;
    const attribute = (name: string): string | undefined =>
      Object.values(attributes).find((each) => each.uri === rdf && each.local === name)?.value;
    if (depth === 1 && (uri !== rdf || local !== 'RDF'))
      fault ??= { line: parser.line, say: `begins with ${local}, not with rdf:RDF` };
    else if (depth === 2) {
      const id = attribute('about') ?? attribute('ID');
      if (id === undefined) fault ??= { line: parser.line, say: `${local} has neither rdf:about nor rdf:ID` };
      else open = { id: plainId(id), class: local, line: parser.line, properties: new Map() };
    } else if (depth === 3) {
      const ref = attribute('resource');
      property = { name: local, line: parser.line, text: '', ...(ref === undefined ? {} : { ref: plainId(ref) }) };
    } else if (depth > 3)
      fault ??= { line: parser.line, say: `${local} stands within a property: resources within others are not read` };
  });
  parser.on('text', (text) => {
    if (property !== undefined) property.text += text;
  });
  parser.on('closetag', () => {
    if (depth === 3 && property !== undefined && open !== undefined) {
      const { name, line, ref, text } = property;
      const values = open.properties.get(name) ?? [];
      values.push(ref === undefined ? { line, text: text.trim() } : { line, ref });
      open.properties.set(name, values);
      property = undefined;
    }
    if (depth === 2 && open !== undefined) objects.push(open);
    depth -= 1;
  });
  for (const chunk of chunks) {
    parser.write(chunk);
    if (fault !== undefined) return { ok: false, ...fault };
  }
  parser.close();
  return fault === undefined ? { ok: true, objects } : { ok: false, ...fault };
}

/** The bare identifier, however a file writes it: `urn:uuid:…`, `#_…`, `_…`. Values of enumerations keep their whole name. */
function plainId(written: string): string {
  if (written.startsWith('http')) return written.slice(written.indexOf('#') + 1);
  return written
    .replace(/^urn:uuid:/, '')
    .replace(/^#/, '')
    .replace(/^_/, '');
}
