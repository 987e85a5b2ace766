import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LiveStream } from './stream.ts';
import type { Source } from './stream.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Heard = Parameters<Source['listen']>[0];

function rig() {
  const sources: { heard: Heard; gaveUp: boolean; closed: boolean }[] = [];
  const log: string[] = [];
  const stream = new LiveStream({
    open: () => {
      const state = {
        heard: { message: () => undefined, error: () => undefined } as Heard,
        gaveUp: false,
        closed: false,
      };
      sources.push(state);
      return {
        hasGivenUp: () => state.gaveUp,
        listen: (heard) => void (state.heard = heard),
        close: () => void (state.closed = true),
      };
    },
    onFrame: ({ type }) => log.push(type),
    onDown: () => log.push('down'),
  });
  stream.start();
  return {
    stream,
    sources,
    log,
    say: (type: string) => sources.at(-1)!.heard.message(JSON.stringify({ type, atMs: 1 })),
  };
}

test('a loss is told once, and what the browser repairs is left to it', () => {
  const { sources, log, say } = rig();
  say('snapshot');
  sources[0]!.heard.error();
  sources[0]!.heard.error();
  say('delta');
  expect(log).toEqual(['snapshot', 'down', 'delta']);
  expect(sources.length).toBe(1);
});

test('where the browser gave up the stream is opened anew, after 1, 2, 4, 8, 10, 10 s', () => {
  const { sources, log } = rig();
  for (const waitMs of [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
    const before = sources.length;
    sources.at(-1)!.gaveUp = true;
    sources.at(-1)!.heard.error();
    vi.advanceTimersByTime(waitMs - 1);
    expect(sources.length).toBe(before);
    vi.advanceTimersByTime(1);
    expect(sources.length).toBe(before + 1);
  }
  expect(log).toEqual(['down']);
});

test('a line that says nothing for 12.5 s is dead, heartbeats keep it alive', () => {
  const { sources, log, say } = rig();
  say('snapshot');
  for (let i = 0; i < 5; i += 1) {
    vi.advanceTimersByTime(5_000);
    say('heartbeat');
  }
  expect(log).not.toContain('down');
  vi.advanceTimersByTime(12_500);
  expect(log.at(-1)).toBe('down');
  expect(sources[0]!.closed).toBe(true);
  vi.advanceTimersByTime(1_000);
  expect(sources.length).toBe(2);
});

test('a late word of a closed source is not heard; rubbish and unknown frames are passed over', () => {
  const { sources, log, say } = rig();
  say('of-a-newer-server');
  sources[0]!.heard.message('{');
  vi.advanceTimersByTime(13_500);
  sources[0]!.heard.message(JSON.stringify({ type: 'delta', atMs: 1 }));
  expect(log).toEqual(['down']);
});

test('after a goodbye nothing counts as live, and after stop nothing is opened', () => {
  const { stream, sources, log, say } = rig();
  say('goodbye');
  expect(log).toEqual(['goodbye', 'down']);
  stream.stop();
  vi.advanceTimersByTime(60_000);
  expect(sources.length).toBe(1);
});
