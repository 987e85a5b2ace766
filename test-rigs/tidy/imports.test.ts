import { describe, expect, test } from 'vitest';
import { importViolations } from './import-rules.ts';
import { codeOf, importsOf } from './source-text.ts';
import { isSource, readTree, told } from './tree.ts';

describe('imports are read from text', () => {
  test.each([
    { text: `import { a } from './a.ts';`, found: ['./a.ts'] },
    { text: `import a, {\n  b,\n} from "./a.ts";`, found: ['./a.ts'] },
    { text: `import './effect.ts';`, found: ['./effect.ts'] },
    { text: `import type { A } from './a.ts';`, found: ['type ./a.ts'] },
    { text: `import { type A, type B as C } from './a.ts';`, found: ['type ./a.ts'] },
    { text: `import { type A, b } from './a.ts';`, found: ['./a.ts'] },
    { text: `export * from './a.ts';\nexport type { B } from './b.ts';`, found: ['./a.ts', 'type ./b.ts'] },
    { text: `const a = await import('./a.ts');`, found: ['./a.ts'] },
    { text: `const a = require('node:fs');`, found: ['node:fs'] },
    { text: `// import { a } from './a.ts';\n/* import './b.ts'; */`, found: [] },
    { text: `const url = 'http://x'; import('./a.ts');`, found: ['./a.ts'] },
    { text: `const quote = /['"]/;\nimport { a } from './a.ts';`, found: ['./a.ts'] },
    { text: `export const from = 1;\nconst text = 'x';`, found: [] },
  ])('$text', ({ text, found }) => {
    expect(importsOf(text).map(({ specifier, typeOnly }) => `${typeOnly ? 'type ' : ''}${specifier}`)).toEqual(found);
  });

  test('lines keep their numbers when comments and strings are blanked', () => {
    const text = `/* one\ntwo */ const a = 'Date.now';\nDate.now();`;
    expect(codeOf(text, { keepStrings: false }).split('\n')[1]).not.toContain('Date');
    expect(codeOf(text, { keepStrings: false }).split('\n')[2]).toBe('Date.now();');
  });
});

describe('who may import whom', () => {
  test.each([
    { path: 'protocol/src/a.ts', text: `import { b } from './messages/b.ts';`, ok: true },
    { path: 'protocol/src/a.ts', text: `import { Encoder } from 'cbor-x';`, ok: true },
    { path: 'protocol/src/a.ts', text: `import { z } from 'zod';`, ok: false },
    { path: 'protocol/src/a.ts', text: `import { createHash } from 'node:crypto';`, ok: false },
    { path: 'protocol/src/a.test.ts', text: `import { readFileSync } from 'node:fs';`, ok: true },
    { path: 'protocol/vectors/samples.ts', text: `import { readFileSync } from 'node:fs';`, ok: false },
    { path: 'protocol/vectors/write.ts', text: `import { readFileSync } from 'node:fs';`, ok: true },
    { path: 'protocol/vectors/write.ts', text: `import { connect } from 'mqtt';`, ok: false },
    { path: 'protocol/src/a.ts', text: `import { x } from '@tiepoint/agent/core/x.ts';`, ok: false },
    { path: 'hardware-profiles/src/a.ts', text: `import { x } from '@tiepoint/protocol';`, ok: true },
    {
      path: 'hardware-profiles/profiles/eastron/sdm630.ts',
      text: `import { profile } from '../../src/profile.ts';`,
      ok: true,
    },
    { path: 'hardware-profiles/src/a.ts', text: `import { x } from '../../agent/src/x.ts';`, ok: false },
    { path: 'agent/src/core/poll.ts', text: `import { x } from '../io/bus.ts';`, ok: false },
    { path: 'agent/src/core/poll.ts', text: `import type { Bus } from '../io/bus.ts';`, ok: false },
    { path: 'agent/src/core/poll.ts', text: `import { readFile } from 'node:fs/promises';`, ok: false },
    { path: 'agent/src/core/poll.ts', text: `const x = await import('mqtt');`, ok: false },
    { path: 'agent/src/io/bus.ts', text: `import { x } from '../core/poll.ts';`, ok: true },
    { path: 'agent/src/main.ts', text: `import { x } from '@tiepoint/headend/nms/x.ts';`, ok: false },
    { path: 'agent/src/main.test.ts', text: `import { x } from '../../test-rigs/devices/x.ts';`, ok: false },
    { path: 'headend/src/nms/x.ts', text: `import { y } from '@tiepoint/agent/core/y.ts';`, ok: false },
    { path: 'headend/src/nms/x.ts', text: `import { y } from '@tiepoint/hardware-profiles';`, ok: false },
    { path: 'headend/src/nms/x.ts', text: `export { y } from '../store/y.ts';`, ok: true },
    { path: 'headend/src/nms/x.ts', text: `import { y } from '../mdw/y.ts';`, ok: false },
    { path: 'headend/src/nms/x.ts', text: `import { y } from '../api/y.ts';`, ok: false },
    { path: 'headend/src/mdw/x.ts', text: `import { y } from '../nms/y.ts';`, ok: true },
    { path: 'headend/src/scada/x.ts', text: `import { y } from '../tlm/y.ts';`, ok: false },
    { path: 'headend/src/oms/x.ts', text: `import { y } from '../draacs/y.ts';`, ok: true },
    { path: 'headend/src/store/x.ts', text: `import { y } from '../nms/y.ts';`, ok: false },
    { path: 'headend/src/operators/x.ts', text: `import { y } from '../api/y.ts';`, ok: false },
    { path: 'headend/src/api/x.ts', text: `import { y } from '../operators/y.ts';`, ok: true },
    { path: 'headend/src/api/x.ts', text: `import { y } from '../main.ts';`, ok: false },
    { path: 'headend/src/main.ts', text: `import { y } from './api/y.ts';`, ok: true },
    { path: 'headend/src/attic/x.ts', text: ``, ok: false },
    { path: 'headend/console/src/x.ts', text: `import type { Row } from '../../src/api/row.ts';`, ok: true },
    { path: 'headend/console/src/x.ts', text: `import { row } from '../../src/api/row.ts';`, ok: false },
    { path: 'headend/console/src/x.ts', text: `import type { Twin } from '@tiepoint/headend/nms/twin.ts';`, ok: false },
    { path: 'headend/console/src/x.ts', text: `import { useState } from 'react';`, ok: true },
    { path: 'test-rigs/start/main.ts', text: `import { x } from '@tiepoint/agent/main.ts';`, ok: true },
  ])('$path: $text', ({ path, text, ok }) => {
    expect(importViolations([{ path, text }]).length === 0).toBe(ok);
  });

  test('a failure names file, line and what is allowed', () => {
    const text = `// x\nimport { y } from '../api/y.ts';`;
    expect(told(importViolations([{ path: 'headend/src/nms/x.ts', text }]))).toEqual([
      'headend/src/nms/x.ts:2  headend/src/nms/ must not import headend/src/api/y.ts, only headend/src/nms/, protocol/, headend/src/store/, headend/src/authority/',
    ]);
  });

  test('the tree keeps to it', () => {
    const files = readTree().filter(({ path }) => isSource(path));
    expect(files.flatMap(({ text }) => importsOf(text)).length).toBeGreaterThan(10);
    expect(told(importViolations(files))).toEqual([]);
  });
});
