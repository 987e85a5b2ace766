import type { Phase } from './phase.ts';

/** Holds a voltage by taps: what it measures is the bus voltage over the potential transformer's ratio. */
export type RegulatingControl = {
  readonly name: string;
  readonly enabled: boolean;
  /** On the secondary side of the potential transformer. */
  readonly targetV: number;
  readonly bandwidthV: number;
  readonly ptRatio: number;
  readonly ctPrimaryA?: number;
  /** Line drop compensation, in volts at the rated primary current. */
  readonly lineDropRV?: number;
  readonly lineDropXV?: number;
  readonly monitoredPhase?: Phase;
  /** Where it measures, when not at its own terminal. */
  readonly remoteNode?: string;
  readonly delayS?: number;
  readonly tapDelayS?: number;
  readonly maxTapChange?: number;
  readonly maxVoltageV?: number;
  readonly reverse?: {
    readonly targetV: number;
    readonly bandwidthV: number;
    readonly lineDropRV?: number;
    readonly lineDropXV?: number;
    readonly thresholdW?: number;
    readonly delayS?: number;
    readonly toNeutral?: boolean;
  };
};

/** Switches a capacitor's sections by what it measures at a terminal of other equipment. */
export type ShuntControl = {
  readonly name: string;
  readonly enabled: boolean;
  readonly mode: 'current' | 'voltage' | 'reactivePower' | 'time' | 'powerFactor';
  readonly monitored?: { readonly equipment: string; readonly terminal: number; readonly phase?: Phase };
  /** In A, V (secondary), var, hours or power factor, as `mode` says. */
  readonly on: number;
  readonly off: number;
  readonly ptRatio?: number;
  readonly ctRatio?: number;
  readonly voltageOverride?: { readonly minV: number; readonly maxV: number };
  readonly delayOnS?: number;
  readonly delayOffS?: number;
  readonly deadTimeS?: number;
};
