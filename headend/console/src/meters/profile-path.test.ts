import { expect, test } from 'vitest';
import { shapePath } from './profile-path.ts';

test('hours as steps below the highest', () => {
  expect(shapePath([0, 3, 6], 6)).toBe('M0 10 L0 10 L1 10 L1 5 L2 5 L2 0 L3 0 L3 10 Z');
  expect(shapePath([0], 0)).toBe('M0 10 L0 10 L1 10 L1 10 Z');
});
