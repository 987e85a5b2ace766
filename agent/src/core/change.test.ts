import { expect, test } from 'vitest';
import type { Measured } from '@tiepoint/protocol';
import { changes, nothingKnown } from './change.ts';

test.each<{ say: string; readings: Measured[]; told: string[] }>([
  { say: 'the first reading is no change', readings: [{ switchState: 'open' }], told: [] },
  {
    say: 'a move is told',
    readings: [{ switchState: 'open' }, { switchState: 'closed' }],
    told: ['switch-changed open>closed'],
  },
  { say: 'a failed reading is no change', readings: [{ switchState: 'open' }, {}, { switchState: 'open' }], told: [] },
  {
    say: 'a move behind a failed reading is told',
    readings: [{ switchState: 'open' }, {}, { switchState: 'closed' }],
    told: ['switch-changed open>closed'],
  },
  {
    say: 'LOCAL is told',
    readings: [{ control: 'remote' }, { control: 'local' }],
    told: ['control-changed remote>local'],
  },
  {
    say: 'a standing alarm is told at the start',
    readings: [{ alarms: ['low-fuel'] }],
    told: ['alarm-raised low-fuel'],
  },
  {
    say: 'alarms come and go',
    readings: [
      { alarms: [] },
      { alarms: ['low-fuel'] },
      {},
      { alarms: ['low-fuel', 'tamper'] },
      { alarms: ['tamper'] },
    ],
    told: ['alarm-raised low-fuel', 'alarm-raised tamper', 'alarm-cleared low-fuel'],
  },
])('$say', ({ readings, told }) => {
  let state = nothingKnown;
  const heard: string[] = [];
  for (const reading of readings) {
    const step = changes(state, reading);
    state = step.state;
    for (const { kind, from, to, alarm } of step.effects) heard.push(`${kind} ${alarm ?? `${from}>${to}`}`);
  }
  expect(heard).toEqual(told);
});
