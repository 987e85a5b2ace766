import { expect, test } from 'vitest';
import { oneLineOf } from './one-line-model.ts';

type Row = Parameters<typeof oneLineOf>[0];
const meter: Row = { kind: 'meter', capabilities: ['meter', 'service-switch'] };
const genset: Row = { kind: 'aas', capabilities: ['generation', 'breaker', 'synchroniser'] };
const feeder: Row = { kind: 'meter', capabilities: ['meter', 'breaker'] };
const inverter: Row = { kind: 'aas', capabilities: ['generation'] };

test.each<{ row: Row; busV?: number; line: string }>([
  { row: meter, line: 'unknown unknown unknown unknown' },
  {
    row: { ...meter, voltageV: 240, switchState: 'closed', loadSideVoltage: 'present', activePowerW: 1_200 },
    line: 'live closed live from-grid',
  },
  {
    row: { ...meter, voltageV: 240, switchState: 'open', loadSideVoltage: 'absent', activePowerW: 0 },
    line: 'live open dead none',
  },
  { row: { ...meter, voltageV: 240, switchState: 'open', activePowerW: 0 }, line: 'live open unknown none' },
  {
    row: { ...meter, voltageV: 55, switchState: 'failed', activePowerW: -900 },
    line: 'unknown failed unknown to-grid',
  },
  {
    row: { kind: 'meter', capabilities: ['meter'], voltageV: 277, activePowerW: 20_000 },
    line: 'live none live from-grid',
  },
  { row: feeder, line: 'unknown unknown unknown unknown' },
  {
    row: { ...feeder, voltageV: 7_200, breakerState: 'open', loadSideVoltage: 'absent', activePowerW: 0 },
    line: 'live open dead none',
  },
  {
    row: { ...feeder, voltageV: 7_200, breakerState: 'closed', loadSideVoltage: 'present', activePowerW: 2e6 },
    line: 'live closed live from-grid',
  },
  { row: { ...genset, voltageV: 480, breakerState: 'open', activePowerW: 0 }, busV: 478, line: 'live open live none' },
  { row: { ...genset, voltageV: 480, breakerState: 'open', activePowerW: 0 }, line: 'unknown open live none' },
  {
    row: { ...inverter, voltageV: 240, connection: 'connected', activePowerW: 3_000 },
    line: 'live closed live to-grid',
  },
  {
    row: { ...inverter, voltageV: 240, connection: 'disconnected', activePowerW: 0 },
    line: 'unknown open unknown none',
  },
  { row: { ...inverter, voltageV: 240 }, line: 'unknown unknown unknown unknown' },
])('$line', ({ row, busV, line }) => {
  const { grid, contact, far, flow } = oneLineOf(
    row,
    busV === undefined ? [] : [{ point: 'busVoltageV', value: busV }],
  );
  expect(`${grid} ${contact} ${far} ${flow}`).toBe(line);
});
