/** An import as written: static, re-exported, or `import('...')`. Types are erased at run time. */
export type Import = { readonly specifier: string; readonly line: number; readonly typeOnly: boolean };

const comment = /\/\/[^\n]*|\/\*[\s\S]*?\*\//.source;
const string = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/.source;
const template = /`(?:\\.|[^`\\])*`/.source;
// A slash that follows an operator or an opening bracket begins a regular expression, else it divides.
const regex = /(?<=(?:[=(,:[!&|?{};]|\breturn|=>)\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/
  .source;
const tokens = new RegExp(`(?<comment>${comment})|(?<string>${string})|${template}|(?<regex>${regex})`, 'g');

/** The text with comments blanked out, or strings and regular expressions as well; every line keeps its number. */
export function codeOf(text: string, { keepStrings }: { keepStrings: boolean }): string {
  return text.replace(tokens, (...match) => {
    const [token] = match as [string];
    const groups = match.at(-1) as { comment?: string; string?: string; regex?: string };
    const blank = groups.comment !== undefined || (!keepStrings && (groups.string ?? groups.regex) !== undefined);
    return blank ? token.replace(/[^\n]/g, ' ') : token;
  });
}

const quoted = /(?<quote>['"])(?<specifier>[^'"\n]+)\k<quote>/.source;
const statements = [
  new RegExp(`^[ \\t]*(?<head>(?:import|export)\\b[^;'"\`]*?\\bfrom)\\s*${quoted}`, 'gm'),
  new RegExp(`^[ \\t]*(?<head>import)\\s*${quoted}`, 'gm'),
  new RegExp(`(?<head>\\b(?:import|require|mock|importActual|resolve))\\s*\\(\\s*${quoted}`, 'g'),
];
const onlyTypes = /^(?:import|export)\s+type\b|^(?:import|export)\s*\{(?:\s*type\s+\w+(?:\s+as\s+\w+)?\s*,?)+\s*\}/;

export function importsOf(text: string): Import[] {
  const code = codeOf(text, { keepStrings: true });
  return statements
    .flatMap((statement) => [...code.matchAll(statement)])
    .map((match) => ({
      specifier: match.groups?.['specifier'] ?? '',
      line: lineAt(code, match.index + match[0].search(/\S/)),
      typeOnly: onlyTypes.test(match.groups?.['head'] ?? ''),
    }))
    .toSorted((a, b) => a.line - b.line);
}

export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
