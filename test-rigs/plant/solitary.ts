/**
 * One device by itself, of whatever kind: a load or a source behind one contact, on a grid that is there. As much physics as makes
 * its readings agree with one another.
 */
export type Solitary = {
  /** The service switch, the breaker, or an inverter's permission to be connected. */
  readonly closed: boolean;
  /** A source that is started; a load always is. */
  readonly running: boolean;
  readonly armed: boolean;
  /** Whether the far side of the contact is live by others. */
  readonly busLive: boolean;
  /** Of the rated power; 100 is no limit. */
  readonly limitPct: number;
  readonly relays: readonly boolean[];
  /** Power now, W: what the source gives, or the load takes. */
  readonly powerW: number;
  readonly importedWh: number;
  readonly exportedWh: number;
  readonly chargePct: number;
  readonly atS: number;
};

export type SolitarySettings = {
  readonly isSource: boolean;
  readonly phases: 1 | 2 | 3;
  /** Phase to neutral. */
  readonly nominalV: number;
  /** Active power of apparent power; 1 of direct current. */
  readonly powerFactor: number;
  readonly nominalHz: number;
  readonly ratedW: number;
  readonly capacityWh: number;
  /** What its counters begin with. */
  readonly startWh: number;
  /** A breaker of its own separates it from the bus, so that its voltage is that of its generator. */
  readonly ownVoltage: boolean;
  readonly seed: number;
};

export function solitary({ startWh }: SolitarySettings): Solitary {
  return {
    closed: true,
    running: true,
    armed: false,
    busLive: true,
    limitPct: 100,
    relays: [false, false, false, false],
    powerW: 0,
    importedWh: startWh,
    exportedWh: startWh * 0.6,
    chargePct: 62,
    atS: 0,
  };
}

/** A share of the rating, before any limit. */
const usualShare = 0.72;
const rampPerS = 0.5;

export function stepSolitary(before: Solitary, dtS: number, settings: SolitarySettings): Solitary {
  const { isSource, ratedW, capacityWh } = settings;
  const atS = before.atS + dtS;
  const wantedW = before.closed && before.running ? Math.min(usualShare, before.limitPct / 100) * ratedW : 0;
  const stepW = rampPerS * ratedW * dtS;
  // Opening is sudden; all else takes its ramp.
  const powerW =
    wantedW === 0
      ? 0
      : before.powerW > wantedW
        ? Math.max(wantedW, before.powerW - stepW)
        : Math.min(wantedW, before.powerW + stepW);
  const energyWh = (powerW * dtS) / 3600;
  return {
    ...before,
    atS,
    powerW,
    importedWh: before.importedWh + (isSource ? 0 : energyWh),
    exportedWh: before.exportedWh + (isSource ? energyWh : 0),
    chargePct: isSource ? Math.max(5, before.chargePct - (100 * energyWh) / capacityWh) : before.chargePct,
  };
}
