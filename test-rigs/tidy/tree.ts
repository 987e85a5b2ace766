import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One file of the repository; `path` is relative to its root, with forward slashes. */
export type TreeFile = { readonly path: string; readonly text: string };

export type Violation = { readonly file: string; readonly line?: number; readonly rule: string };

export const root = join(import.meta.dirname, '../..');

const binary = /\.(png|jpg|ico|woff2?|bin|cbor|sqlite|gz)$/;
const neverOurs = /^(node_modules|\.git|dist|coverage|\.tiepoint)$/;

/** Every file that git tracks or would track, so that the rules hold before the commit; without git, every file. */
export function readTree(): TreeFile[] {
  return listPaths()
    .filter((path) => !binary.test(path) && existsSync(join(root, path)))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

function listPaths(): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  if (status === 0) return stdout.split('\0').filter((path) => path !== '');
  return walk('');
}

function walk(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => !neverOurs.test(entry.name))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? walk(path) : [path];
    });
}

/** Lines for the failure message: `file:line  rule`. */
export function told(violations: readonly Violation[]): string[] {
  return violations.map(({ file, line, rule }) => `${file}${line === undefined ? '' : `:${line}`}  ${rule}`);
}

export const isTest = (path: string): boolean => /\.(test|bench)\.tsx?$/.test(path);
export const isSource = (path: string): boolean => /\.(ts|tsx|mts|mjs|js)$/.test(path);
