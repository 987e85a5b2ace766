import { afterEach, expect, test } from 'vitest';
import { Connection } from './connection.ts';
import { FakeLine } from './testing/fake-line.ts';
import { Timers } from './timers.ts';

let connection: Connection;
afterEach(() => connection.stop());

async function opened(readOnly: boolean, functionCodeAt: 1 | 7) {
  const line = new FakeLine();
  connection = new Connection({
    link: line,
    settings: { name: 'yard', reconnect: { firstMs: 1, maxMs: 1 }, readOnly, functionCodeAt },
    timers: new Timers({}),
    events: { onOpened: () => undefined, onBytes: () => undefined, onLost: () => undefined },
    log: undefined,
  });
  await connection.start();
  return line;
}

const frame = (functionCode: number, at: number) => Uint8Array.of(...Array(at).fill(3), functionCode, 0, 0);

test.each([
  { readOnly: true, functionCodeAt: 1, passes: [1, 2, 3, 4] },
  { readOnly: true, functionCodeAt: 7, passes: [1, 2, 3, 4] },
  { readOnly: false, functionCodeAt: 1, passes: Array.from({ length: 256 }, (_, functionCode) => functionCode) },
] as const)('read only $readOnly, function code at $functionCodeAt', async ({ readOnly, functionCodeAt, passes }) => {
  const line = await opened(readOnly, functionCodeAt);
  const passed = [];
  for (let functionCode = 0; functionCode < 256; functionCode++) {
    if (connection.send(frame(functionCode, functionCodeAt)) === 'sent') passed.push(functionCode);
  }
  expect(passed).toEqual(passes);
  expect(line.sent.map(({ wire }) => wire[functionCodeAt])).toEqual(passes);
  expect(connection.refusedWrites).toBe(256 - passes.length);
});

test('a frame that ends before its function code does not pass a read-only port', async () => {
  const line = await opened(true, 7);
  expect(connection.send(Uint8Array.of(0, 1, 0, 0, 0, 1, 3))).toBe('refused');
  expect(line.sent).toEqual([]);
});
