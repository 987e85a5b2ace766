import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './longest-first.ts';

export default defineConfig({
  root: join(import.meta.dirname, '../..'),
  test: {
    include: ['**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    pool: 'forks',
    // On two cores; more than half of the time they wait: for a device that moves, or a session that ends.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A leaked handle ends the run after this wait; it does not hang a machine without a keyboard.
    teardownTimeout: 10_000,
    restoreMocks: true,
  },
});
