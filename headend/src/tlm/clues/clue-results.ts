import type { WarehouseRequest } from '../../mdw/warehouse-request.ts';
import type { ElementKind } from '../topology/load-topology.ts';
import type { EnergyResidual } from './energy-residual.ts';
import type { MappingClue } from './voltage-mapping.ts';

/** A meter of the warehouse that measures all that goes through a transformer or into a circuit. */
export type HeadMeter = {
  readonly kind: Extract<ElementKind, 'transformer' | 'circuit'>;
  readonly id: string;
  readonly meter: string;
};

export type CluesAsked = {
  readonly circuit: string;
  readonly fromS: number;
  readonly toS: number;
  readonly heads: readonly HeadMeter[];
};

/**
 * `mapping`: a customer's voltage goes with another transformer's customers. `loss`: more went in than customers and reckoned losses account for: theft, a
 * meter that stands still, a customer who is on no map. `surplus`: customers counted more than went in: some of them hang elsewhere.
 */
export type LoadClue = {
  /** From 0 to 1, for the order alone. */
  readonly score: number;
  readonly say: string;
} & (
  | ({ readonly kind: 'mapping' } & MappingClue)
  | ({ readonly kind: 'loss' | 'surplus'; readonly at: HeadMeter } & EnergyResidual)
);

/** What could be looked at: who has no voltage, too few neighbours or no head meter is not accused, and not cleared either. */
export type LoadClues = {
  readonly clues: readonly LoadClue[];
  readonly customers: number;
  readonly customersWithVoltage: number;
  readonly heads: number;
};

/** Undefined: there is no such circuit. An Error for people where it is too large. */
export const loadClues: WarehouseRequest<CluesAsked, LoadClues | undefined> = {
  name: 'tlm.clues',
  repeatable: true,
  isLong: true,
};
