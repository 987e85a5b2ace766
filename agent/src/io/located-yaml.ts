import { LineCounter, parseDocument } from 'yaml';

/** A YAML (or JSON) text as plain values, and the line on which each of them stands. */
export type LocatedYaml = {
  readonly value: unknown;
  /** Of the nearest part of the path that is in the text: a missing setting is shown at the place where it belongs. */
  lineOf(path: readonly PropertyKey[]): number;
};

/** `errors` are lines with the file's name and the line. */
export function parseYaml(
  text: string,
  file: string,
): ({ ok: true } & LocatedYaml) | { ok: false; errors: readonly string[] } {
  if (text.includes('\0')) return { ok: false, errors: [`${file}: is no text: another file was meant?`] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  if (document.errors.length > 0) {
    const errors = document.errors
      .slice(0, mostShown)
      .map((error) => `${file}:${lines.linePos(error.pos[0]).line}  ${shown(error.message)}`);
    const more = document.errors.length - errors.length;
    return { ok: false, errors: more === 0 ? errors : [...errors, `${file}: and ${more} more`] };
  }
  const lineOf = (path: readonly PropertyKey[]): number => {
    for (let length = path.length; length >= 0; length--) {
      const node: unknown = document.getIn(path.slice(0, length), true);
      const range = (node as { range?: [number, number, number] } | undefined)?.range;
      if (range) return lines.linePos(range[0]).line;
    }
    return 1;
  };
  try {
    return { ok: true, value: document.toJS() as unknown, lineOf };
  } catch (error) {
    return { ok: false, errors: [`${file}:1  ${error instanceof Error ? error.message : String(error)}`] };
  }
}

/** Why a file that somebody named gave no text. */
export function whyUnread(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'ENOENT') return 'there is no such file';
  return code === 'EISDIR' ? 'is a folder, and no file' : `cannot be read (${message ?? String(error)})`;
}

/** Why a file that somebody named cannot be written. */
export function whyUnwritable(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'ENOENT') return 'its folder is not there';
  if (code === 'EACCES' || code === 'EROFS') return 'may not be written here';
  return code === 'EISDIR' ? 'is a folder, and no file' : `cannot be written (${message ?? String(error)})`;
}

/** What is no text at all would fill the screen, and could speak to the terminal. */
const shown = (message: string): string => {
  const plain = message.replace(/\p{C}+/gu, '·');
  return plain.length > longestShown ? `${plain.slice(0, longestShown)}…` : plain;
};
const longestShown = 200;
/** The first fault of form often makes those behind it. */
const mostShown = 10;

/** A path as people write it: `buses[0].baudRate`. */
export function pathText(path: readonly PropertyKey[]): string {
  return (
    path
      .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`))
      .join('') || '(the file)'
  );
}
