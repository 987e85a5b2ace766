import { expect, test } from 'vitest';
import type { SessionView } from '../../../src/api/operator-contract.ts';
import { mayAnywhere, mayEverywhere, mayIn } from './permitted.ts';

const allAreas = 'This concerns all areas: you may enter sites in some of them.';
const refusal = 'Your role viewer may not tag devices: dispatcher may.';
const may = {
  see: { areas: 'all', words: 'see devices' },
  tag: { areas: [], words: 'tag devices', say: refusal },
  'enter-sites': { areas: ['north'], words: 'enter sites' },
} as unknown as SessionView['may'];

test.each([
  { action: 'see', area: undefined, there: 'yes', everywhere: 'yes', anywhere: 'yes' },
  { action: 'tag', area: 'north', there: refusal, everywhere: refusal, anywhere: refusal },
  {
    action: 'enter-sites',
    area: 'north',
    there: 'yes',
    everywhere: allAreas,
    anywhere: 'yes',
  },
  {
    action: 'enter-sites',
    area: 'south',
    there: 'You may enter sites in north, not in area south.',
    everywhere: allAreas,
    anywhere: 'yes',
  },
  {
    action: 'enter-sites',
    area: undefined,
    there: 'You may enter sites in north, not where no area is entered.',
    everywhere: allAreas,
    anywhere: 'yes',
  },
] as const)('$action in $area', ({ action, area, there, everywhere, anywhere }) => {
  const verdicts = [mayIn({ may }, action, area), mayEverywhere({ may }, action), mayAnywhere({ may }, action)];
  const said = verdicts.map((verdict) => (verdict.ok ? 'yes' : verdict.say));
  expect(said).toEqual([there, everywhere, anywhere]);
});
