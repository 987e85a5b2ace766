import { posix } from 'node:path';
import { isSource, type TreeFile, type Violation } from './tree.ts';

const topLevel =
  /^(package\.json|package-lock\.json|tsconfig\.json|README\.md|LICENSE|CHANGELOG\.md|agent|headend|protocol|hardware-profiles|test-rigs|\.(?!github$).+)$/;

/** A newcomer sees the house at the top, and nothing else. */
export function topLevelViolations(files: readonly TreeFile[]): Violation[] {
  const names = new Set(files.map(({ path }) => path.split('/')[0] ?? ''));
  return [...names]
    .filter((name) => !topLevel.test(name))
    .map((file) => ({ file, rule: 'does not belong at the top level: put it into a folder of the house' }));
}

const emptyWord = /^(utils?|helpers?|managers?|misc)$/;
const emptyName = /^(base|common|shared|lib)$/;

export function nameViolations(files: readonly TreeFile[]): Violation[] {
  return files
    .filter(({ path }) => isSource(path))
    .flatMap(({ path: file }) => {
      const rules: string[] = [];
      const stems = file.split('/').map((part) => part.split('.')[0] ?? '');
      if (stems.some((stem) => emptyName.test(stem) || stem.split('-').some((word) => emptyWord.test(word))))
        rules.push('the name says nothing: name it after one noun of the domain');
      if (!/^[a-z0-9]+([.-][a-z0-9]+)*$/.test(posix.basename(file))) rules.push('file names are in kebab-case');
      return rules.map((rule) => ({ file, rule }));
    });
}

const longestLines = 400;

/** Files over the limit, unless excepted; an exception may only shrink. `exceptions` is long-files.json: lines by path. */
export function lengthViolations(
  files: readonly TreeFile[],
  exceptions: Readonly<Record<string, number>>,
): Violation[] {
  const lengths = new Map(files.filter(({ path }) => isSource(path)).map(({ path, text }) => [path, linesOf(text)]));
  const long = [...lengths].flatMap(([file, lines]) => {
    const allowed = exceptions[file] ?? longestLines;
    return lines > allowed ? [{ file, rule: `has ${lines} lines, more than ${allowed}: split it by concept` }] : [];
  });
  const loose = Object.entries(exceptions).flatMap(([file, allowed]) => {
    const lines = lengths.get(file) ?? 0;
    if (lines <= longestLines) return [{ file, rule: 'needs no exception any more: remove it from long-files.json' }];
    return lines < allowed
      ? [{ file, rule: `is down to ${lines} lines: lower its ${allowed} in long-files.json` }]
      : [];
  });
  return [...long, ...loose];
}

const linesOf = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

const exactVersion = /^\d+\.\d+\.\d+(-[\w.]+)?$/;
const dependencyLists = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'overrides'];

export function versionViolations(files: readonly TreeFile[]): Violation[] {
  return files
    .filter(({ path }) => posix.basename(path) === 'package.json')
    .flatMap(({ path: file, text }) => {
      const manifest = JSON.parse(text) as Record<string, Record<string, string> | undefined>;
      return dependencyLists
        .flatMap((list) => Object.entries(manifest[list] ?? {}))
        .filter(([, version]) => !exactVersion.test(version))
        .map(([name, version]) => ({ file, rule: `${name} is "${version}": pin an exact version` }));
    });
}
