import { at, holding } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

const kilo = { scale: 1000, positive: 'import' } as const;

/**
 * A feeder breaker, or a recloser in a substation, as a switch of the distribution network. Power and current into the feeder are
 * positive. It closes only onto a line measured dead; between two live sides its own synchronism check and a person decide on site.
 * It tells no LOCAL/REMOTE: a site that has such a switch wires it into the relay's logic, which then does not obey.
 */
export const sel751a: Profile = {
  name: 'sel-751a',
  make: 'Schweitzer Engineering Laboratories',
  model: 'SEL-751A feeder protection relay',
  source:
    'SEL-751A instruction manual 20100129, table E.32: settings 273–279 (sheet 2), 486 (sheet 12), 525–530 (sheets 13, 14), metering ' +
    '650–691 (sheets 17, 18), relay word rows ' +
    '1805–1818 (sheets 44, 46), logic command 2000H (sheet 51). UNCONFIRMED at each site: that the synchronism voltage VS is wired to ' +
    "the line, not wired it reads 0 V and would pass for a dead one; and that the breaker's contact drives 52A, which else reads open",
  kind: 'meter',
  capabilities: ['breaker', 'meter'],
  identify: {
    anonymous: true,
    probes: [
      { source: at('holding', 273), type: 'uint16', within: [1, 5000] },
      { source: at('holding', 275), type: 'uint16', within: [1, 10_000] },
      { source: at('holding', 279), type: 'uint16', within: [0, 1] },
      // A reserved register between readings returns 0; a row of relay word bits is a byte.
      { source: at('holding', 661), type: 'uint16', equals: 0 },
      { source: at('holding', 1805), type: 'uint16', within: [0, 255] },
    ],
  },
  control: 'none',
  unconfirmed: ['loadSideVoltageV', 'breakerState'],
  points: {
    activePowerW: holding(685, 'int16', kilo),
    reactivePowerVar: holding(686, 'int16', { scale: 1000 }),
    apparentPowerVa: holding(687, 'int16', { scale: 1000 }),
    currentA: holding(660, 'uint16'),
    currentAA: holding(650, 'uint16'),
    currentBA: holding(652, 'uint16'),
    currentCA: holding(654, 'uint16'),
    voltageV: holding(682, 'uint16'),
    voltageAV: holding(674, 'uint16'),
    voltageBV: holding(676, 'uint16'),
    voltageCV: holding(678, 'uint16'),
    busVoltageV: holding(667, 'uint16'),
    loadSideVoltageV: holding(664, 'uint16'),
    frequencyHz: holding(689, 'uint16', { scale: 0.01, plausible: [20, 70] }),
    importedEnergyWh: holding(690, 'uint32', { scale: 1000, every: 'minute' }),
    breakerState: holding(1806, 'uint16', { bit: 0, codes: { 0: 'open', 1: 'closed' } }),
    health: [
      holding(1805, 'uint16', { bit: 7, codes: { 0: 'fault' } }),
      holding(1818, 'uint16', { bit: 4, codes: { 1: 'warning' } }),
      holding(1818, 'uint16', { bit: 3, codes: { 0: 'ok', 1: 'warning' } }),
    ],
    alarms: [
      holding(1805, 'uint16', { alarmBits: { 6: 'device-alarm' } }),
      holding(1806, 'uint16', { alarmBits: { 2: 'over-current', 3: 'over-current' } }),
      holding(1814, 'uint16', { alarmBits: { 0: 'under-voltage' } }),
      holding(1815, 'uint16', { alarmBits: { 2: 'over-voltage', 4: 'over-voltage', 6: 'under-voltage' } }),
      holding(1817, 'uint16', { alarmBits: { 0: 'breaker-failure' } }),
    ],
    // The setting, not the state: without shots it never recloses; with some, which rows of the relay word tell is not published.
    reclosing: holding(486, 'uint16', { codes: { 0: 'blocked' }, every: 'minute' }),
    // Of its synchronism check: two windows of angle, of which its logic takes one. Its voltages are limits and no difference.
    'set:syncCheck': holding(525, 'uint16', { codes: { 0: 'off', 1: 'on' } }),
    'set:syncFrequencyHz': holding(528, 'uint16', { scale: 0.001 }),
    'set:syncAngleDeg': holding(529, 'uint16'),
    'set:syncAngle2Deg': holding(530, 'uint16'),
    'set:breakerOrder': { source: at('holding', 0x2000), orders: { close: [1], open: [2] }, singleWrite: true },
  },
  commands: {
    connect: {
      steps: [
        {
          do: 'require',
          that: [{ point: 'breakerState', is: 'open' }],
          reason: 'state-unknown',
          say: 'The breaker does not read open.',
        },
        {
          do: 'require',
          that: [{ point: 'loadSideVoltage', is: 'absent' }],
          reason: 'load-side-live',
          say: 'The line is not measured dead: something may feed it from behind.',
        },
        { do: 'write', point: 'set:breakerOrder', value: { order: 'close' } },
      ],
      proof: [
        { point: 'breakerState', is: 'closed' },
        { point: 'loadSideVoltage', is: 'present' },
      ],
      withinMs: 15_000,
    },
    disconnect: {
      steps: [{ do: 'write', point: 'set:breakerOrder', value: { order: 'open' } }],
      proof: [
        { point: 'breakerState', is: 'open' },
        { point: 'currentAA', below: 2, orBelowRated: 0.01 },
        { point: 'currentBA', below: 2, orBelowRated: 0.01 },
        { point: 'currentCA', below: 2, orBelowRated: 0.01 },
      ],
      withinMs: 15_000,
    },
  },
};
