import type { GensetSettings } from './genset-settings.ts';
import { smoothNoise } from './noise.ts';
import { isLive, type Supply } from './supply.ts';

/**
 * Engine, governor, generator and voltage regulator in per unit of rated power, speed and voltage. `angleDeg` is how far the
 * generator is ahead of the grid, from −180 to 180.
 */
export type Machine = {
  readonly speedPu: number;
  readonly fuelPu: number;
  readonly mechanicalPu: number;
  readonly integralPu: number;
  readonly emfPu: number;
  readonly voltagePu: number;
  readonly angleDeg: number;
  readonly electricalPu: number;
  readonly reactivePu: number;
};

export const machineAtRest: Machine = {
  speedPu: 0,
  fuelPu: 0,
  mechanicalPu: 0,
  integralPu: 0,
  emfPu: 0,
  voltagePu: 0,
  angleDeg: 0,
  electricalPu: 0,
  reactivePu: 0,
};

/** What drives it: the starter motor, fuel, and the references that operator and synchroniser set. */
export type MachineInput = {
  readonly dtS: number;
  readonly clockS: number;
  readonly grid: Supply;
  readonly connected: boolean;
  readonly cranking: boolean;
  readonly fuelled: boolean;
  readonly speedReferencePu: number;
  readonly voltageReferencePu: number;
  /** Power to give to the grid while connected. */
  readonly loadReferencePu: number;
};

const crankingPu = 0.2;
/** The speed governor's gains while the breaker is open; it is isochronous then. */
const speedGain = 6;
const speedIntegralPerS = 2;
const loadIntegralPerS = 0.5;
/** Fuel is limited while the engine runs up. */
const runUpFuelPu = 0.5;
const runUpBelowPu = 0.9;
const excitedFromPu = 0.7;
/** Reactive power that the regulator gives for each share of active power. */
const reactiveShare = 0.2;

/** One step of at most some milliseconds: the swing between generator and grid is quick. */
export function stepMachine(state: Machine, input: MachineInput, settings: GensetSettings): Machine {
  const { dtS, grid, connected } = input;
  const gridPu = grid.frequencyHz / settings.nominalHz;
  const tied = connected && isLive(grid);
  const governed = govern(state, input, settings);
  const damping = tied ? settings.dampingPu * (state.speedPu - gridPu) : 0;
  const transferPu = tied
    ? ((state.emfPu * grid.voltagePu) / settings.reactancePu) * Math.sin(radians(state.angleDeg))
    : 0;
  const electricalPu = transferPu + damping;
  const lossPu = settings.lossPu * state.speedPu;
  const pushPu = governed.mechanicalPu - electricalPu - lossPu;
  const cranked = input.cranking ? Math.max(0, (crankingPu - state.speedPu) * 2) : 0;
  // An engine that nobody fuels is braked by its own compression; it stops, and does not turn back.
  const brakePu = input.fuelled || input.cranking || tied ? 0 : 0.12;
  const speedPu = Math.max(0, state.speedPu + ((pushPu + cranked - brakePu) / (2 * settings.inertiaS)) * dtS);
  const angleDeg = wrapped(state.angleDeg + 360 * settings.nominalHz * (speedPu - gridPu) * dtS);
  const emfPu = excite(state, input, settings, tied);
  const reactivePu = tied
    ? (emfPu * grid.voltagePu * Math.cos(radians(angleDeg)) - grid.voltagePu ** 2) / settings.reactancePu
    : 0;
  return {
    speedPu,
    ...governed,
    emfPu,
    voltagePu: tied ? grid.voltagePu : emfPu,
    angleDeg: isLive(grid) ? angleDeg : 0,
    electricalPu,
    reactivePu,
  };
}

function govern(
  state: Machine,
  { dtS, clockS, grid, connected, fuelled, speedReferencePu, loadReferencePu }: MachineInput,
  settings: GensetSettings,
): Pick<Machine, 'fuelPu' | 'mechanicalPu' | 'integralPu'> {
  const tied = connected && isLive(grid);
  const hunting = 1e-4 * smoothNoise(settings.seed, clockS / 2);
  const speedError = speedReferencePu - state.speedPu + hunting;
  const loadError = loadReferencePu - state.electricalPu;
  const integral = state.integralPu + (tied ? loadIntegralPerS * loadError : speedIntegralPerS * speedError) * dtS;
  const integralPu = fuelled && state.speedPu > runUpBelowPu ? clamp(integral, -0.5, 1) : 0;
  // On the grid the speed is the grid's: fuel sets the power, droop answers its frequency.
  const asked = tied
    ? loadReferencePu + settings.lossPu + (1 - state.speedPu) / settings.droopPu + integralPu
    : speedGain * speedError + integralPu;
  const ceiling = state.speedPu < runUpBelowPu ? runUpFuelPu : 1.1;
  const target = fuelled ? clamp(asked, 0, ceiling) : 0;
  const fuelPu = state.fuelPu + ((target - state.fuelPu) * dtS) / settings.governorS;
  return {
    fuelPu,
    mechanicalPu: state.mechanicalPu + ((fuelPu - state.mechanicalPu) * dtS) / settings.primeMoverS,
    integralPu,
  };
}

function excite(
  state: Machine,
  { dtS, voltageReferencePu, loadReferencePu }: MachineInput,
  settings: GensetSettings,
  tied: boolean,
): number {
  if (state.speedPu < excitedFromPu) return Math.max(0, state.emfPu - (state.emfPu * dtS) / settings.exciterS);
  const reactiveError = reactiveShare * loadReferencePu - state.reactivePu;
  const target = tied ? state.emfPu + 0.1 * reactiveError : voltageReferencePu;
  return state.emfPu + ((target - state.emfPu) * dtS) / settings.exciterS;
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;
const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** From −180 to 180. */
export function wrapped(degrees: number): number {
  return ((((degrees + 180) % 360) + 360) % 360) - 180;
}
