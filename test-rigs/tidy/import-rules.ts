import { posix } from 'node:path';
import { type Import, importsOf } from './source-text.ts';
import { isSource, isTest, type TreeFile, type Violation } from './tree.ts';

type Reach = {
  /** Where the importing file stands; the first row that fits counts. */
  readonly from: string;
  /** Folders and files that it may import, besides its own `from`. */
  readonly to: readonly string[];
  /** Of these, only types. */
  readonly typesOf?: readonly string[];
  /** `any`, or the only packages and Node modules allowed. Tests are free in this. */
  readonly packages: 'any' | readonly string[];
};

const room = (name: string, ...below: string[]): Reach => ({
  from: `headend/src/${name}/`,
  to: ['protocol/', 'headend/src/store/', ...below.map((each) => `headend/src/${each}/`)],
  packages: 'any',
});

const operatedBelow = ['mdw', 'dcms', 'draacs', 'tlm', 'scada', 'nms', 'network', 'authority'];

/** Who may import whom. A room that is not here is a violation: give it a row. */
const reaches: readonly Reach[] = [
  // A script that is run by hand, and imported by nothing.
  { from: 'protocol/vectors/write.ts', to: ['protocol/'], packages: ['node:fs', 'node:path'] },
  { from: 'protocol/src/envelope/', to: ['protocol/src/'], packages: ['node:crypto'] },
  { from: 'protocol/', to: [], packages: ['cbor-x'] },
  { from: 'hardware-profiles/', to: ['protocol/'], packages: [] },
  { from: 'agent/src/core/', to: ['protocol/', 'hardware-profiles/'], packages: [] },
  { from: 'agent/', to: ['protocol/', 'hardware-profiles/'], packages: 'any' },
  { from: 'headend/src/main', to: ['protocol/', 'headend/src/'], packages: 'any' },
  { ...room('store'), to: ['protocol/'] },
  room('authority'),
  room('network'),
  room('nms', 'authority'),
  room('mdw', 'nms', 'network'),
  room('scada', 'network'),
  room('tlm', 'mdw', 'scada', 'nms', 'network'),
  room('dcms', 'nms'),
  room('draacs', 'nms'),
  room('oms', ...operatedBelow),
  room('operators'),
  room('api', 'operators', 'authority', 'oms', ...operatedBelow),
  { from: 'headend/console/', to: ['protocol/'], typesOf: ['headend/src/api/'], packages: 'any' },
  { from: 'test-rigs/', to: [''], packages: 'any' },
];

const workspaceFolders: Record<string, string> = {
  '@tiepoint/protocol': 'protocol/src',
  '@tiepoint/hardware-profiles': 'hardware-profiles/src',
  '@tiepoint/agent': 'agent/src',
  '@tiepoint/headend': 'headend/src',
  '@tiepoint/console': 'headend/console/src',
  '@tiepoint/test-rigs': 'test-rigs',
};

export function importViolations(files: readonly TreeFile[]): Violation[] {
  return files
    .filter(({ path }) => isSource(path) && path.includes('/'))
    .flatMap((file) => {
      const reach = reaches.find(({ from }) => file.path.startsWith(from));
      if (reach !== undefined)
        return importsOf(file.text).flatMap((each) => {
          const rule = whyNot(file.path, each, reach);
          return rule === undefined ? [] : [{ file: file.path, line: each.line, rule }];
        });
      if (!file.path.startsWith('headend/src/')) return [];
      return [
        {
          file: file.path,
          rule: 'stands in no room known to test-rigs/tidy/import-rules.ts: say there what it may import',
        },
      ];
    });
}

function whyNot(path: string, { specifier, typeOnly }: Import, reach: Reach): string | undefined {
  const target = targetOf(path, specifier);
  if (target.kind === 'package') {
    if (reach.packages === 'any' || isTest(path) || reach.packages.includes(target.name)) return undefined;
    return `${reach.from} imports ${reach.packages.join(', ') || 'no packages and no Node modules'}, not ${specifier}`;
  }
  const within = (folders: readonly string[]) => folders.some((folder) => target.path.startsWith(folder));
  if (within([reach.from, ...reach.to])) return undefined;
  if (within(reach.typesOf ?? []))
    return typeOnly ? undefined : `${reach.from} imports only types from ${specifier}: write import type`;
  const allowed = [reach.from, ...reach.to, ...(reach.typesOf ?? []).map((each) => `types of ${each}`)];
  return `${reach.from} must not import ${target.path}, only ${allowed.join(', ')}`;
}

type Target = { readonly kind: 'package'; readonly name: string } | { readonly kind: 'file'; readonly path: string };

function targetOf(path: string, specifier: string): Target {
  if (specifier.startsWith('.')) return { kind: 'file', path: posix.join(posix.dirname(path), specifier) };
  const [first = '', second = '', ...rest] = specifier.split('/');
  const name = first.startsWith('@') ? `${first}/${second}` : first;
  const folder = workspaceFolders[name];
  if (folder === undefined) return { kind: 'package', name };
  return { kind: 'file', path: [folder, ...(rest.length > 0 ? rest : ['index.ts'])].join('/') };
}
