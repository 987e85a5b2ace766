import { findProfile, layOut } from '@tiepoint/hardware-profiles';
import { expect, test } from 'vitest';
import { withCrc } from '../../io/bus/testing/fake-device.ts';
import { PointNames } from './point-names.ts';
import { linesOf, recordedLine } from './trace-lines.ts';
import type { TracedFrame } from './trace-record.ts';

const atMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const request = withCrc([1, 3, 0, 100, 0, 2]);
const reply: TracedFrame = {
  kind: 'frame',
  atMs,
  gapMs: 12.34,
  direction: 'in',
  framing: 'rtu',
  bytes: withCrc([1, 3, 4, 0, 5, 0, 6]),
  role: 'reply',
  request: request.subarray(0, -2),
  roundTripMs: 23.45,
  mark: 'late',
};

test('a frame as a line of a file, and as JSON', () => {
  const { text, json } = linesOf(reply, new PointNames());
  expect(text({ colour: false }, true)).toMatch(
    /^2026-01-02T03:04:05\.678Z {4}\+12\.3 ← 01 03 04 00 05 00 06 \w\w \w\w {2}unit 1 read holding registers 100–101 = 5 6, 23\.4 ms, \[late\] late: answers/,
  );
  expect(json).toMatchObject({
    gapMs: 12.3,
    crc: 'good',
    unit: 1,
    function: 'read holding registers',
    table: 'holding',
    address: 100,
    values: [5, 6],
  });
});

test('a value of a float32 is told in the digits that mean something', () => {
  const names = new PointNames();
  names.learn(1, layOut(findProfile('eastron-sdm630')!).model);
  const bytes = withCrc([1, 4, 4, 0x43, 0x65, 0x6a, 0x6b]);
  const { text } = linesOf({ ...reply, bytes, request: withCrc([1, 4, 0, 0, 0, 2]).subarray(0, -2) }, names);
  expect(text({ colour: false }, true)).toContain('{ voltageV=229.416, voltageAV=229.416 }');
});

test('lines that were written are read again', () => {
  const { text, json } = linesOf(reply, new PointNames());
  const { bytes } = reply;
  expect(recordedLine(text({ colour: false }, true))).toEqual({ kind: 'frame', atMs, direction: 'in', bytes });
  expect(recordedLine(JSON.stringify(json))).toEqual({
    kind: 'frame',
    atMs,
    direction: 'in',
    framing: 'rtu',
    bytes,
    mark: 'late',
    roundTripMs: 23.5,
  });
  const note = linesOf({ kind: 'note', atMs, say: 'the port is open' }, new PointNames());
  expect(recordedLine(note.text({ colour: false }, true))).toEqual({ kind: 'note', atMs, say: 'the port is open' });
});

test.each([
  { line: '[01][03][00][64][00][02][85][D4]', is: { direction: 'out' } },
  { line: '<01><03><04><00><05><00><06>', is: { direction: 'in' } },
  { line: 'TX: 01 03 00 64 00 02 85 D4', is: {} },
  { line: '0x01, 0x03, 0x00, 0x64', is: {} },
])('of other programs: $line', ({ line, is }) => {
  expect(recordedLine(line)).toMatchObject({ kind: 'frame', ...is });
});

test.each(['', 'Polling slave 1...', '{"hex":"zz"}', '{broken', 'ab'])('no frame in %j', (line) => {
  expect(recordedLine(line)).toEqual({ kind: 'strange' });
});
