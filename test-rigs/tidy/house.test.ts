import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lengthViolations, nameViolations, topLevelViolations, versionViolations } from './house-rules.ts';
import longFiles from './long-files.json' with { type: 'json' };
import { missingMentions, missingReadmes, unknownCommands } from './readme-rules.ts';
import { unshownRows } from './shown-by-rules.ts';
import { readTree, root, told, type TreeFile, type Violation } from './tree.ts';

const tree = readTree();
const file = (path: string, text = ''): TreeFile => ({ path, text });
const lines = (count: number) => 'x\n'.repeat(count);
const readme = 'What for.\n\nWhere to start.\n';
const scripts = file('package.json', '{ "scripts": { "start": "x", "bench": "x" } }');
const shownBy = (cell: string) =>
  file('headend/README.md', `| Who | What | Shown by |\n|---|---|---|\n| a | b | ${cell} |\n`);
const noFile = () => false;

type Case = {
  readonly rule: string;
  readonly check: (files: readonly TreeFile[]) => Violation[];
  /** Each is caught once; its path begins the message. */
  readonly bad: readonly (readonly TreeFile[])[];
  readonly good: readonly TreeFile[];
  readonly onTree?: (files: readonly TreeFile[]) => Violation[];
};

const cases: readonly Case[] = [
  {
    rule: 'the top level holds the house alone',
    check: topLevelViolations,
    bad: [[file('vite.config.ts')], [file('docs/a.md')], [file('.github/workflows/a.yml')]],
    good: [file('README.md'), file('.ci/run'), file('agent/src/main.ts'), file('.oxlintrc.json')],
  },
  {
    rule: 'names say something',
    check: nameViolations,
    bad: [
      [file('agent/src/utils.ts')],
      [file('agent/src/helpers/a.ts')],
      [file('agent/src/io/bus-manager.ts')],
      [file('headend/src/nms/base.ts')],
      [file('headend/console/src/FleetTable.tsx')],
    ],
    good: [
      file('agent/src/io/modbus-bus.ts'),
      file('protocol/src/base-quantity.ts'),
      file('agent/src/core/poll.test.ts'),
    ],
  },
  {
    rule: 'files stay short, and exceptions only shrink',
    check: (files) => lengthViolations(files, { 'agent/src/long.ts': 500 }),
    bad: [
      [file('agent/src/a.ts', lines(401)), file('agent/src/long.ts', lines(500))],
      [file('agent/src/long.ts', lines(501))],
      [file('agent/src/long.ts', lines(499))],
      [file('agent/src/long.ts', lines(400))],
      [],
    ],
    good: [file('agent/src/a.ts', lines(400)), file('agent/src/long.ts', lines(500)), file('README.md', lines(900))],
    onTree: (files) => lengthViolations(files, longFiles),
  },
  {
    rule: 'versions are exact',
    check: versionViolations,
    bad: [
      [file('agent/package.json', '{ "dependencies": { "mqtt": "^5.16.0" } }')],
      [file('package.json', '{ "devDependencies": { "vitest": "latest" } }')],
    ],
    good: [file('package.json', '{ "dependencies": { "a": "1.2.3", "b": "1.5.5-r.5" } }')],
  },
  {
    rule: 'every folder of the house tells what it is',
    check: missingReadmes,
    bad: [
      [
        file('README.md', readme),
        file('agent/README.md', readme),
        file('agent/package.json'),
        file('agent/src/io/a.ts'),
      ],
      [file('README.md', readme), file('agent/package.json')],
      [file('README.md', readme), file('test-rigs/plant/a.ts'), file('test-rigs/plant/README.md', '')],
      [file('agent/src/main.ts')],
    ],
    good: [file('README.md', readme), file('test-rigs/plant/a.ts'), file('test-rigs/plant/README.md', readme)],
  },
  {
    rule: 'the commands of a README exist',
    check: unknownCommands,
    bad: [
      [scripts, file('README.md', '```\nnpm run fly\n```')],
      [scripts, file('README.md', '```\n$ npm test\n```')],
      [scripts, file('agent/README.md', 'Type `npm run check`.')],
      [scripts, file('README.md', '```\nnpm bench\n```')],
    ],
    good: [
      scripts,
      file('README.md', '```\nnpm start -- --port 1\nnpm ci\nnpm run bench -- bus --json\n```\nnpm brings Node.'),
    ],
  },
  {
    rule: 'the files that a README names exist',
    check: (files) => missingMentions(files, noFile),
    bad: [
      [file('agent/README.md', 'Start at `core/poll.ts`.')],
      [file('README.md', 'See [the console](headend/console/README.md).')],
      [file('README.md', 'The house: `agent/src/nowhere/`')],
    ],
    good: [
      file(
        'agent/README.md',
        'Start at `src/core/poll.ts` or `poll.ts`; `gateway.yaml`, `NAME.bench.ts`, `../shared/data/a.json` are yours.',
      ),
      file('agent/src/core/poll.ts'),
    ],
    onTree: (files) => missingMentions(files, (path) => existsSync(join(root, path))),
  },
  {
    rule: 'what a README says is shown by a test is shown by one',
    check: unshownRows,
    bad: [
      [shownBy('link: *forges*')],
      [shownBy('link'), file('agent/src/link.ts'), file('agent/src/uplink.test.ts')],
      [shownBy('link: *forges*'), file('agent/src/link.test.ts', "test('replays', () => {});\nsay('forges', 'x');")],
      [shownBy('`agent/src/link.test.ts`'), file('headend/src/link.test.ts')],
      [shownBy('the tests')],
      [shownBy(' ')],
      [
        shownBy('link, other: *any bytes*'),
        file('agent/link.test.ts', "test('any bytes', run);"),
        file('other.test.ts'),
      ],
    ],
    good: [
      shownBy(
        'link: *forges*, *a device’s*; uplink; `agent/src/io/downlink.test.ts` with ten, `npm run bench` with more',
      ),
      file(
        'agent/src/link.test.ts',
        "describe('x', () => {\n  test.each([1])(\n    'who forges it',\n    () => {});\n",
      ),
      file('headend/src/link.test.ts', 'test(`a device’s`, run);'),
      file('agent/src/uplink.test.ts'),
      file('agent/src/io/downlink.test.ts'),
    ],
  },
];

describe.each(cases)('$rule', ({ check, bad, good, onTree }) => {
  test.each(bad.map((files) => ({ files, shown: files.map(({ path }) => path).join(', ') })))(
    'catches $shown',
    ({ files }) => {
      expect(told(check(files))).toHaveLength(1);
    },
  );

  test('lets the good sample through', () => {
    expect(told(check(good))).toEqual([]);
  });

  test('the tree keeps to it', () => {
    expect(told((onTree ?? check)(tree))).toEqual([]);
  });
});

test('the rules look at the whole tree', () => {
  const paths = tree.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining(['package.json', '.oxlintrc.json', 'test-rigs/tidy/house.test.ts', 'agent/package.json']),
  );
  expect(paths.filter((path) => path.includes('node_modules'))).toEqual([]);
});
