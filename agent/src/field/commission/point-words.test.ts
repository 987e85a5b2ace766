import { expect, test } from 'vitest';
import { pointWords } from './point-words.ts';

test.each([
  ['voltageV', 'voltage'],
  ['currentAA', 'current A'],
  ['activePowerW', 'active power'],
  ['activePowerCW', 'active power C'],
  ['frequencyHz', 'frequency'],
  ['disconnect: switchState', 'disconnect: switch state'],
  ['limit-power: set:limitPct', 'limit-power: setting limit'],
  ['relay 1 switch-relay: relay1', 'relay 1 switch-relay: relay1'],
  ['serial number', 'serial number'],
  ['meter-1: reports missing', 'meter-1: reports missing'],
])('%s is %s', (text, words) => expect(pointWords(text)).toBe(words));
