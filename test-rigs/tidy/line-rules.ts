import { codeOf, lineAt } from './source-text.ts';
import type { TreeFile, Violation } from './tree.ts';

export type LineRule = {
  readonly rule: string;
  /** Which files are looked at. */
  readonly in: RegExp;
  readonly notIn?: RegExp;
  /** `code` blanks comments, strings and regular expressions. */
  readonly look: 'code' | 'text';
  readonly pattern: RegExp;
  /** Shown to be caught, and shown to be let through. */
  readonly bad: readonly TreeFile[];
  readonly good: readonly TreeFile[];
};

const at = (path: string, ...texts: string[]): TreeFile[] => texts.map((text) => ({ path, text }));

const source = /\.(ts|tsx|mts|mjs)$/;
const test = /\.test\.tsx?$/;

/** What must not stand in a file. A pattern writes a letter as `[x]` where this file would otherwise catch itself. */
export const lineRules: readonly LineRule[] = [
  {
    rule: 'core is a function of its inputs: no clock, timer, random, console or process; time comes in as nowMs',
    in: /^(agent\/src\/core|protocol|hardware-profiles)\/.*\.tsx?$/,
    // write.ts is no core: a script that is run by hand
    notIn: /\.test\.tsx?$|^protocol\/vectors\/write\.ts$/,
    look: 'code',
    pattern:
      /\bnew\s+Date\b|\bDate\s*[.(]|\b(?:set|clear)(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b|\bMath\s*\.\s*random\b|\bperformance\s*\.|\bcrypto\s*\.|\bprocess\s*\.|\bconsole\s*\.|\bfetch\s*\(/,
    bad: at(
      'agent/src/core/poll.ts',
      'const now = Date.now();',
      'const now = new Date();',
      'setTimeout(() => poll(), 4000);',
      'const jitter = Math.random();',
      'const started = performance.now();',
      'const id = crypto.randomUUID();',
      'const id = `${Date.now()}`;',
    ).concat(at('protocol/vectors/samples.ts', 'process.exitCode = 1;')),
    good: [
      ...at(
        'agent/src/core/poll.ts',
        '// Date.now() would make this untestable',
        "const say = 'Date.now()';",
        'const updateDate = 1;',
      ),
      ...at('agent/src/core/poll.test.ts', 'const now = Date.now();'),
      ...at('agent/src/io/clock.ts', 'const now = Date.now();'),
      ...at('protocol/vectors/write.ts', 'process.exitCode = 1;'),
    ],
  },
  {
    rule: 'a profile is data: no functions, conditions or loops',
    in: /^hardware-profiles\/profiles\/.*\.ts$/,
    notIn: test,
    look: 'code',
    pattern: /\bfunction\b|=>|\bclass\b|\b(?:if|for|while|switch)\s*\(|\blet\b/,
    bad: at(
      'hardware-profiles/profiles/eastron/sdm630.ts',
      'const f = (w: number) => w * 2;',
      'function scale() {}',
      'if (x) y();',
    ),
    good: at(
      'hardware-profiles/profiles/eastron/sdm630.ts',
      "export const sdm630 = profile({ make: 'a => b' }); // if (so)",
    ),
  },
  {
    rule: 'no enums or namespaces: types are stripped, not compiled',
    in: source,
    look: 'code',
    pattern: /^\s*(?:export\s+)?(?:declare\s+)?(?:(?:const\s+)?enum\s+\w|namespace\s+\w)/m,
    bad: at('agent/src/io/a.ts', 'export enum State { on }', 'const enum State { on }', 'namespace Bus {}'),
    good: at('agent/src/io/a.ts', 'const namespace = 1;', '// enum State', "declare module 'x' {}"),
  },
  {
    rule: 'a test is run or removed; what a machine lacks is told by skipIf(aNamedCondition) or context.skip(aNamedCondition, why)',
    in: test,
    look: 'code',
    pattern:
      /\b(?:test|it|describe|suite|bench)\b(?:\.\w+)*\.(?:only|skip|todo)\b|\b(?:ctx|context|task|t)\.skip\s*\((?!\s*!?(?!true\b)[A-Za-z_]\w*\s*,)|\.(?:skipIf|runIf)\s*\(\s*(?!!?\s*(?!true\b|false\b)[A-Za-z_])/,
    bad: at(
      'agent/src/io/a.test.ts',
      "test.only('x', () => {});",
      "describe.skip('x', () => {});",
      "it.concurrent.todo('x');",
      "test.skipIf(true)('x', () => {});",
      "test('x', (ctx) => ctx.skip());",
      "test('x', (ctx) => ctx.skip(true, 'later'));",
    ),
    good: at(
      'agent/src/io/a.test.ts',
      "test.skipIf(noSocat)('x', () => {});",
      "test.skipIf(!hasSocat())('x', run);",
      'list.skip(1);',
      "test('x', (context) => context.skip(noSocat, 'socat is missing'));",
    ),
  },
  {
    rule: 'finish it, or say what is left out in the README of the folder',
    in: /./,
    notIn: /^(LICENSE|package-lock\.json)$/,
    look: 'text',
    pattern: /\b(?:TO[D]O|FIX[M]E|XX[X]|HA[C]K)\b/,
    bad: at('agent/src/io/a.ts', `// ${'TO' + 'DO'}: later`, `/* ${'FIX' + 'ME'} */`),
    good: at('agent/src/io/a.ts', '// todos los días'),
  },
  {
    rule: 'no path of one machine',
    in: /./,
    look: 'text',
    pattern: /(?<![\w.~/-])\/(?:work|root|Users|home\/[a-z_][\w-]*)\/(?!\*)/,
    bad: at(
      'README.md',
      `see ${'/wo' + 'rk'}/shared/data`,
      `cd ${'/ho' + 'me'}/anna/tiepoint`,
      `${'/ro' + 'ot'}/.npmrc`,
    ),
    good: at('README.md', 'frame/work/shared', '../shared/data', 'https://example.org/work/1', '/var/lib/tiepoint'),
  },
  {
    rule: 'no package registry or mirror by name: each machine has its own',
    in: /./,
    look: 'text',
    pattern: /\b(?:registr[y]\.[a-z0-9-]+\.[a-z]+|artifactor[y]|verdacci[o]|jfro[g])\b|"resolved":\s*"http/i,
    bad: at(
      'package-lock.json',
      `"resolved": ${'"ht'}tps://example.org/x.tgz"`,
      `https://${'registr' + 'y'}.npmjs.org/x`,
    ),
    good: at('README.md', 'the registry of devices', 'registry.find(id)'),
  },
];

export function lineViolations(files: readonly TreeFile[], rules: readonly LineRule[] = lineRules): Violation[] {
  return files.flatMap((file) =>
    rules
      .filter((rule) => rule.in.test(file.path) && !rule.notIn?.test(file.path))
      .flatMap(({ look, pattern, rule }) => {
        const text = look === 'code' ? codeOf(file.text, { keepStrings: false }) : file.text;
        const every = new RegExp(pattern, `g${pattern.flags}`);
        return [...text.matchAll(every)].map((match) => ({
          file: file.path,
          line: lineAt(text, match.index + match[0].search(/\S/)),
          rule: `${match[0].trim()}: ${rule}`,
        }));
      }),
  );
}
