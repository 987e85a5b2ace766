import { expect, test } from 'vitest';
import { didYouMean } from './nearest.ts';

const commands = ['ports', 'scan', 'identify'];
const profiles = ['abb-b21', 'eastron-sdm120', 'eastron-sdm630', 'eastron-sdm630-v1'];

test.each([
  { word: 'prts', known: commands, says: ' Did you mean ports?' },
  { word: 'sacn', known: commands, says: ' Did you mean scan?' },
  { word: 'ident', known: commands, says: ' Did you mean identify?' },
  { word: 'x', known: commands, says: '' },
  { word: 'elephant', known: commands, says: '' },
  { word: 'eastron-smd120', known: profiles, says: ' Did you mean eastron-sdm120?' },
  { word: 'sdm630', known: profiles, says: ' Did you mean eastron-sdm630 or eastron-sdm630-v1?' },
  { word: 'b2', known: profiles, says: '' },
])('$word:$says', ({ word, known, says }) => {
  expect(didYouMean(word, known)).toBe(says);
});
