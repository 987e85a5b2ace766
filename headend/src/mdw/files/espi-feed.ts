import { SaxesParser } from 'saxes';

/** An element of ESPI with its children; `text` of those that have none. */
export type EspiElement = {
  readonly name: string;
  readonly line: number;
  readonly children: readonly EspiElement[];
  readonly text: string;
};
/** An entry of the feed: who it is, what it belongs to, and what it holds. */
export type EspiEntry = {
  readonly line: number;
  readonly self: string | undefined;
  readonly up: string | undefined;
  readonly related: readonly string[];
  readonly content: readonly EspiElement[];
};
export type FeedRead =
  | { readonly ok: true; readonly entries: readonly EspiEntry[] }
  | { readonly ok: false; readonly line: number; readonly say: string };

const atom = 'http://www.w3.org/2005/Atom';
const espi = 'http://naesb.org/espi';

type Open = { name: string; line: number; children: EspiElement[]; text: string };
type OpenEntry = { line: number; links: Map<string, string[]>; content: EspiElement[] };

/** An Atom feed of ESPI (NAESB REQ.21), as Green Button files are: entries refer to each other by links. */
export function readEspiFeed(text: string): FeedRead {
  const parser = new SaxesParser({ xmlns: true, position: true });
  const entries: EspiEntry[] = [];
  let fault: { line: number; say: string } | undefined;
  let entry: OpenEntry | undefined;
  let begun = false;
  const open: Open[] = [];
  parser.on('error', (error) => {
    fault ??= { line: parser.line, say: `is no XML: ${error.message.replace(/^\d+:\d+: /, '')}` };
  });
  parser.on('doctype', () => {
    fault ??= { line: parser.line, say: 'has a document type, which files of Green Button have not: it is not read' };
  });
  parser.on('opentag', ({ local, uri, attributes }) => {
    if (!begun && (uri !== atom || (local !== 'feed' && local !== 'entry')))
      fault ??= { line: parser.line, say: `begins with ${local}, not with the feed of a Green Button file` };
    begun = true;
    if (uri === atom && local === 'entry') entry = { line: parser.line, links: new Map(), content: [] };
    else if (uri === atom && local === 'link' && entry !== undefined) {
      const rel = attributes['rel']?.value ?? '';
      entry.links.set(rel, [...(entry.links.get(rel) ?? []), (attributes['href']?.value ?? '').replace(/\/+$/, '')]);
    } else if (uri === espi) open.push({ name: local, line: parser.line, children: [], text: '' });
  });
  parser.on('text', (more) => {
    const last = open.at(-1);
    if (last !== undefined) last.text += more;
  });
  parser.on('closetag', ({ local, uri }) => {
    if (uri === espi) {
      const done = open.pop();
      if (done === undefined) return;
      (open.at(-1)?.children ?? entry?.content)?.push({ ...done, text: done.text.trim() });
    } else if (uri === atom && local === 'entry' && entry !== undefined) {
      const { line, links, content } = entry;
      entries.push({
        line,
        self: links.get('self')?.[0],
        up: links.get('up')?.[0],
        related: links.get('related') ?? [],
        content,
      });
      entry = undefined;
    }
  });
  parser.write(text);
  if (fault === undefined) parser.close();
  return fault === undefined ? { ok: true, entries } : { ok: false, ...fault };
}

export const childrenOf = (element: EspiElement, name: string): readonly EspiElement[] =>
  element.children.filter((each) => each.name === name);

/** Of the first child of that name, by a path of names. Undefined: there is none, or it is no whole number. */
export function numberOf(element: EspiElement, ...path: readonly string[]): number | undefined {
  let at: EspiElement | undefined = element;
  for (const name of path) at = at?.children.find((each) => each.name === name);
  return at !== undefined && /^[+-]?\d+$/.test(at.text) ? Number(at.text) : undefined;
}
