import { posix } from 'node:path';
import { lineAt } from './source-text.ts';
import type { TreeFile, Violation } from './tree.ts';

/** Folders in which a reader stands and asks what this is: workspaces, what is directly under a src, every rig. */
export function missingReadmes(files: readonly TreeFile[]): Violation[] {
  const paths = new Set(files.map(({ path }) => path));
  const workspaces = [...paths].filter((path) => /.\/package\.json$/.test(path)).map((path) => posix.dirname(path));
  const rooms = [...paths].flatMap((path) => /^(?:.+?\/src|test-rigs)\/[^/]+(?=\/)/.exec(path)?.[0] ?? []);
  const text = new Map(files.map((file) => [file.path, file.text]));
  return ['', ...new Set([...workspaces, ...rooms])]
    .map((folder) => posix.join(folder, 'README.md'))
    .filter((file) => (text.get(file) ?? '').trim().split('\n').length < 3)
    .map((file) => ({
      file,
      rule: 'is missing or empty: what is this folder for, what may it import, where does one start?',
    }));
}

const ownCommands = ['ci', 'install', 'exec', 'version'];
const shortcuts = ['start', 'test', 'stop', 'restart'];

/** Commands in code blocks that begin with npm must be scripts of the root package.json. */
export function unknownCommands(files: readonly TreeFile[]): Violation[] {
  const manifest = files.find(({ path }) => path === 'package.json');
  const scripts = Object.keys((JSON.parse(manifest?.text ?? '{}') as { scripts?: object }).scripts ?? {});
  return readmesOf(files).flatMap(({ path: file, text }) =>
    commandsIn(text)
      .filter(({ verb }) => !ownCommands.includes(verb))
      .map(({ verb, next, line }) => ({ verb, script: verb === 'run' ? next : verb, line }))
      .filter(({ verb, script }) => !scripts.includes(script) || !(verb === 'run' || shortcuts.includes(verb)))
      .map(({ script, line }) => ({ file, line, rule: `npm ${script}: there is no such script in package.json` })),
  );
}

/** `npm VERB NEXT` at the start of a line in a code block, or of a piece of code in a sentence. */
function commandsIn(text: string): { verb: string; next: string; line: number }[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, blank);
  const blocks = [...text.matchAll(/^```[\s\S]*?^```/gm)].map(
    ({ 0: block, index }) => blank(text.slice(0, index)) + block,
  );
  const pieces = [
    ...blocks.flatMap((block) => [...block.matchAll(/^[ \t>$]*npm[ \t]+(\S+)(?:[ \t]+([\w:-]+))?/gm)]),
    ...prose.matchAll(/`npm[ \t]+([\w-]+)(?:[ \t]+([\w:-]+))?/g),
  ];
  return pieces.map((match) => ({
    verb: match[1] ?? '',
    next: match[2] ?? '',
    line: lineAt(match.input, match.index),
  }));
}

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');

const mention = /\]\((?!https?:|mailto:|#)(?<link>[^)#\s]+)[^)]*\)|`(?<code>[\w@.*/-]+)`/g;
const sourceName = /\.(ts|tsx|mjs|md|json)$/;
const houseFolder = /^(agent|headend|protocol|hardware-profiles|test-rigs|\.ci)\//;

/** Files that a README names must exist: beside it, below it, or from the root. */
export function missingMentions(files: readonly TreeFile[], exists: (path: string) => boolean): Violation[] {
  return readmesOf(files).flatMap(({ path: file, text }) => {
    const folder = posix.dirname(file);
    return [...text.matchAll(mention)].flatMap(({ groups, index }) => {
      const named = (groups?.['link'] ?? groups?.['code'] ?? '').replace(/\/$/, '');
      const promises = groups?.['link'] !== undefined || sourceName.test(named) || houseFolder.test(named);
      if (!promises || named.includes('*') || named.includes('NAME') || named.startsWith('../shared/')) return [];
      const below = (path: string) => path.startsWith(folder === '.' ? '' : `${folder}/`) && path.endsWith(`/${named}`);
      const found = exists(posix.join(folder, named)) || exists(named) || files.some(({ path }) => below(path));
      return found ? [] : [{ file, line: lineAt(text, index), rule: `names ${named}, which does not exist` }];
    });
  });
}

const readmesOf = (files: readonly TreeFile[]): TreeFile[] =>
  files.filter(({ path }) => posix.basename(path) === 'README.md');
