/** One parameter of a command: `name=value`, or a value by its position. `quoted`: it stood in brackets or quotes. */
export type Parameter = { readonly name?: string; readonly value: string; readonly quoted: boolean };

export type LineRead =
  | { readonly ok: true; readonly parameters: readonly Parameter[] }
  | { readonly ok: false; readonly say: string };

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '"': '"', "'": "'" };
const blank = /[ \t\r]/;

/** Takes a line of an OpenDSS script apart; what stands behind `!` or `//` is a comment. */
export function parametersOf(text: string): LineRead {
  const reader = new Reader(text);
  const parameters: Parameter[] = [];
  for (;;) {
    const token = reader.token();
    if (token === undefined) break;
    if (token.open !== undefined) return { ok: false, say: `the ${token.open} is not closed on this line` };
    if (token.endedBy !== '=') {
      if (token.value !== '' || token.quoted) parameters.push({ value: token.value, quoted: token.quoted });
      continue;
    }
    const value = reader.token();
    if (value?.open !== undefined)
      return { ok: false, say: `the ${value.open} after ${token.value}= is not closed on this line` };
    parameters.push({ name: token.value, value: value?.value ?? '', quoted: value?.quoted ?? false });
  }
  return { ok: true, parameters };
}

/** The elements of an array: by blanks or commas, rows of a matrix by `|`. */
export function rowsOf(text: string): readonly (readonly Parameter[])[] {
  const rows: Parameter[][] = [[]];
  const reader = new Reader(text, '|');
  for (let token = reader.token(); token !== undefined; token = reader.token()) {
    if (token.value !== '' || token.quoted) rows.at(-1)?.push({ value: token.value, quoted: token.quoted });
    if (token.endedBy === '|') rows.push([]);
  }
  return rows.filter((row) => row.length > 0);
}

type Token = {
  readonly value: string;
  readonly quoted: boolean;
  readonly endedBy: ',' | '=' | '|' | ' ';
  readonly open?: string;
};

class Reader {
  readonly #text: string;
  readonly #rowEnd: string;
  #at = 0;

  constructor(text: string, rowEnd = '') {
    this.#text = text;
    this.#rowEnd = rowEnd;
    this.#skipBlanks();
  }

  token(): Token | undefined {
    if (this.#at >= this.#text.length || this.#atComment()) return undefined;
    const first = this.#text[this.#at] ?? '';
    const close = closing[first];
    if (close === undefined) return { value: this.#plain(), quoted: false, endedBy: this.#delimiter() };
    const end = this.#text.indexOf(close, this.#at + 1);
    if (end === -1) {
      // Nothing behind it can be told apart.
      this.#at = this.#text.length;
      return { value: '', quoted: true, endedBy: ' ', open: first };
    }
    const value = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return { value, quoted: true, endedBy: this.#delimiter() };
  }

  #plain(): string {
    const start = this.#at;
    while (this.#at < this.#text.length && !this.#atComment()) {
      const char = this.#text[this.#at] ?? '';
      if (char === ',' || char === '=' || char === this.#rowEnd || blank.test(char)) break;
      this.#at += 1;
    }
    return this.#text.slice(start, this.#at);
  }

  #delimiter(): Token['endedBy'] {
    this.#skipBlanks();
    const char = this.#text[this.#at];
    if (char !== ',' && char !== '=' && (char !== '|' || this.#rowEnd !== '|')) return ' ';
    this.#at += 1;
    this.#skipBlanks();
    return char;
  }

  #skipBlanks(): void {
    while (blank.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #atComment(): boolean {
    const char = this.#text[this.#at];
    return char === '!' || (char === '/' && this.#text[this.#at + 1] === '/');
  }
}
