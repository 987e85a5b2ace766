import { phaseOrder } from '../model/phase.ts';

type Check = (value: unknown) => boolean;

const number: Check = (value) => Number.isFinite(value);
const text: Check = (value) => typeof value === 'string';
const truth: Check = (value) => typeof value === 'boolean';
const word =
  (...words: readonly string[]): Check =>
  (value) =>
    words.includes(value as string);
const list =
  (each: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(each);
/** All of `needed`, some of `more`, and nothing else. */
const object =
  (needed: Readonly<Record<string, Check>>, more: Readonly<Record<string, Check>> = {}): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.keys(needed).every((key) => Object.hasOwn(value, key)) &&
    Object.entries(value).every(([key, field]) => {
      const all = { ...more, ...needed };
      return Object.hasOwn(all, key) && all[key]?.(field) === true;
    });

const phase = word(...phaseOrder);
const three: Check = (value) => list(number)(value) && (value as readonly unknown[]).length === 3;
const shares = object({ kind: word('shares'), active: three, reactive: three }, { cutOffPu: number });
const drops = { lineDropRV: number, lineDropXV: number };
const reverse = object(
  { targetV: number, bandwidthV: number },
  { ...drops, thresholdW: number, delayS: number, toNeutral: truth },
);
const shuntControl = object(
  {
    name: text,
    enabled: truth,
    mode: word('current', 'voltage', 'reactivePower', 'time', 'powerFactor'),
    on: number,
    off: number,
  },
  {
    monitored: object({ equipment: text, terminal: number }, { phase }),
    ptRatio: number,
    ctRatio: number,
    voltageOverride: object({ minV: number, maxV: number }),
    delayOnS: number,
    delayOffS: number,
    deadTimeS: number,
  },
);

/** What `exportCim` writes into an extension, of whatever element; nothing else is taken from one, neither what it is nor where it is connected. */
export const extensionFields: Readonly<Record<string, Check>> = {
  // The network.
  name: text,
  frequencyHz: number,
  coordinates: word('geographic', 'schematic', 'none'),
  // Nodes, service points, customers, circuits.
  nominalVoltageV: number,
  position: object({ x: number, y: number }),
  node: text,
  phases: list(phase),
  critical: truth,
  customerKind: word('residential', 'commercial', 'industrial', 'agricultural', 'public'),
  ratedCurrentA: number,
  // Switches and series elements.
  impedance: text,
  lengthM: number,
  rOhm: list(list(number)),
  xOhm: list(list(number)),
  // Transformers, their ends and controls.
  phaseCount: number,
  reactancePu: list(number),
  noLoadLossPu: number,
  magnetisingPu: number,
  normalPowerVa: number,
  emergencyPowerVa: number,
  clock: list(number),
  bank: (value) => value === null || text(value),
  resistancePu: number,
  connection: word('wye', 'delta'),
  grounded: truth,
  groundResistanceOhm: number,
  groundReactanceOhm: number,
  maxTapChange: number,
  maxVoltageV: number,
  remoteNode: text,
  reverse,
  // Compensators, loads, machines, inverters with what stands behind them.
  control: shuntControl,
  ratedVoltageV: number,
  minVoltagePu: number,
  maxVoltagePu: number,
  response: shares,
  operation: word('constantPower', 'constantImpedance', 'voltage', 'inverter'),
  targetVoltagePu: number,
  machine: object({}, { xdPu: number, transientXdPu: number, subtransientXdPu: number, inertiaS: number }),
  irradiancePu: number,
  reserveWh: number,
  chargeEfficiency: number,
  dischargeEfficiency: number,
};
