import { expect, test } from 'vitest';
import { countStates } from './count-states.ts';

test.each([
  { states: ['confirmed', 'confirmed'] as const, says: '2 of 2 confirmed' },
  { states: ['confirmed', 'sent', 'unknown'] as const, says: '1 of 3 confirmed, 1 under way, 1 not known' },
  { states: ['unconfirmed', 'refused', 'not-given'] as const, says: '0 of 3 confirmed, 3 not confirmed' },
  { states: ['confirmed', 'executing', 'failed'] as const, says: '1 of 3 confirmed, 1 under way, 1 not confirmed' },
])('$says', ({ states, says }) => expect(countStates(states)).toBe(says));
