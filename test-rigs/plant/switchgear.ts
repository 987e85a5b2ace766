/** A switch or breaker: it moves to what it is told in its travel time, and conducts until its contacts part. */
export type Switchgear = {
  readonly position: 'open' | 'closed';
  readonly wanted: 'open' | 'closed';
  /** Time since it was told to move; 0 at rest. */
  readonly travelledS: number;
};

export type TravelTimes = { readonly openingS: number; readonly closingS: number };
/** `stuck`: it is told to move and does not. `extraTravelS`: it needs so much longer. */
export type SwitchgearFaults = { readonly stuck?: boolean; readonly extraTravelS?: number };

export function switchgear(position: 'open' | 'closed'): Switchgear {
  return { position, wanted: position, travelledS: 0 };
}

/** Tells it to move. A travel in the other direction is given up: the contacts go back. */
export function order(state: Switchgear, wanted: 'open' | 'closed'): Switchgear {
  return wanted === state.wanted ? state : { ...state, wanted, travelledS: 0 };
}

export function stepSwitchgear(
  state: Switchgear,
  dtS: number,
  times: TravelTimes,
  faults: SwitchgearFaults = {},
): Switchgear {
  if (state.wanted === state.position || faults.stuck === true) return state;
  const travelledS = state.travelledS + dtS;
  const neededS = (state.wanted === 'open' ? times.openingS : times.closingS) + (faults.extraTravelS ?? 0);
  // A step may end a hair before the travel time only because of how numbers are kept.
  if (travelledS < neededS - 1e-9) return { ...state, travelledS };
  return switchgear(state.wanted);
}

/** What its auxiliary contacts say. A stuck one has not left its position, so it says that. */
export function positionSaid({ position, travelledS }: Switchgear): 'open' | 'closed' | 'moving' {
  return travelledS > 0 ? 'moving' : position;
}
