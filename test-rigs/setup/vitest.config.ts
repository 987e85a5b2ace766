import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './longest-first.ts';

const root = join(import.meta.dirname, '../..');

export default defineConfig({
  root,
  test: {
    include: ['**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    pool: 'forks',
    // On two cores; more than half of the time they wait: for a device that moves, or a session that ends.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    testTimeout: 30_000,
    // With real brokers, browsers and serial lines a machine that is late for seconds can spoil a story. It is told once more, and named at the end.
    retry: 1,
    reporters: ['default', join(import.meta.dirname, 'repeated.ts')],
    hookTimeout: 120_000,
    // A leaked handle ends the run after this wait; it does not hang a machine without a keyboard.
    teardownTimeout: 10_000,
    // Programs that tests start by the hundred are compiled once.
    env: { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/tests') },
    restoreMocks: true,
  },
});
