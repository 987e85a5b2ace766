import type { FleetRow, StatusPoint } from '../../../src/api/contract.ts';

export type Voltage = 'live' | 'dead' | 'unknown';
/** `none`: a meter that only measures. */
export type Contact = 'open' | 'closed' | 'moving' | 'failed' | 'unknown' | 'none';
export type Flow = 'to-grid' | 'from-grid' | 'none' | 'unknown';

/** A device between grid and source (or load), as far as it is measured; what is not measured is drawn as not known. */
export type OneLine = {
  readonly grid: Voltage;
  readonly contact: Contact;
  readonly contactName: string;
  readonly far: Voltage;
  readonly farName: string;
  readonly farKind: 'generator' | 'storage' | 'load';
  readonly flow: Flow;
};

type Shown = Pick<
  FleetRow,
  | 'kind'
  | 'capabilities'
  | 'switchState'
  | 'breakerState'
  | 'connection'
  | 'voltageV'
  | 'activePowerW'
  | 'loadSideVoltage'
  | 'operatingState'
>;

/** Below this a conductor counts as dead; between it and `liveV` it is neither, and drawn as not known. */
const deadV = 30;
const liveV = 80;

/** `status` gives what the fleet row lacks (bus voltage, load-side volts). Nothing is inferred across an open or unknown contact. */
export function oneLineOf(row: Shown, status: readonly StatusPoint[]): OneLine {
  const number = (point: string): number | undefined => status.find((one) => one.point === point)?.value;
  return row.kind === 'meter' ? meterLine(row, number('loadSideVoltageV')) : sourceLine(row, number('busVoltageV'));
}

function meterLine(row: Shown, loadSideV: number | undefined): OneLine {
  const told =
    row.loadSideVoltage === undefined ? voltageOf(loadSideV) : row.loadSideVoltage === 'present' ? 'live' : 'dead';
  const grid = voltageOf(row.voltageV);
  if (row.capabilities.includes('breaker')) {
    const flow = flowOf(row.activePowerW, -1);
    const contact = row.breakerState ?? 'unknown';
    return { grid, contact, contactName: 'feeder breaker', far: told, farName: 'line', farKind: 'load', flow };
  }
  if (!row.capabilities.includes('service-switch')) {
    const flow = flowOf(row.activePowerW, -1);
    return { grid, contact: 'none', contactName: 'meter', far: grid, farName: 'premises', farKind: 'load', flow };
  }
  return {
    grid,
    contact: row.switchState ?? 'unknown',
    contactName: 'service switch',
    far: told,
    farName: 'premises',
    farKind: 'load',
    flow: flowOf(row.activePowerW, -1),
  };
}

function sourceLine(row: Shown, busV: number | undefined): OneLine {
  const contact = row.breakerState ?? contactOf(row.connection);
  const terminal = voltageOf(row.voltageV);
  // A source without bus measurement shows the grid's voltage at its terminals, but only while it is connected to it.
  const grid = busV === undefined ? (contact === 'closed' ? terminal : 'unknown') : voltageOf(busV);
  const separate = row.capabilities.includes('breaker') || row.capabilities.includes('synchroniser');
  return {
    grid,
    contact,
    contactName: separate ? 'generator breaker' : 'connection',
    far: separate || contact === 'closed' ? terminal : 'unknown',
    farName: row.capabilities.includes('storage') ? 'storage' : 'generator',
    farKind: row.capabilities.includes('storage') ? 'storage' : 'generator',
    flow: flowOf(row.activePowerW, 1),
  };
}

function contactOf(connection: FleetRow['connection']): Contact {
  switch (connection) {
    case 'connected':
      return 'closed';
    case 'disconnected':
    case 'synchronising':
    case 'islanded':
      return 'open';
    case undefined:
      return 'unknown';
  }
}

function voltageOf(volts: number | undefined): Voltage {
  if (volts === undefined) return 'unknown';
  if (volts >= liveV) return 'live';
  return volts < deadV ? 'dead' : 'unknown';
}

/** `sign`: 1 where positive power goes to the grid (AAS), −1 where it comes from there (meter). */
function flowOf(powerW: number | undefined, sign: 1 | -1): Flow {
  if (powerW === undefined) return 'unknown';
  if (Math.abs(powerW) < 10) return 'none';
  return powerW * sign > 0 ? 'to-grid' : 'from-grid';
}
