import type { CustomerKind } from '../../network/model/network.ts';
import type { Service } from './service.ts';

/** What has a load of its own; the word is stored, so that the list grows only at its end. */
export const elementKinds = ['transformer', 'switch', 'segment', 'circuit'] as const;
export type ElementKind = (typeof elementKinds)[number];

/** By number; `unknown` is whoever nobody says anything about. Grows only at its end. */
export const customerKinds = [
  'unknown',
  'residential',
  'commercial',
  'industrial',
  'agricultural',
  'public',
] as const satisfies readonly (CustomerKind | 'unknown')[];

/** What an element is and where it belongs, as of the end of what is told. */
export type TopologyElement = {
  readonly kind: ElementKind;
  /** Unique among its kind. */
  readonly id: string;
  readonly title: string;
  /** The circuit to which it belongs, by id; without supply, where it had it last. */
  readonly circuit?: string;
  readonly substation?: string;
};

/** What an element is made for. It changes with time, as when a transformer is exchanged or a circuit gets another voltage. */
export type ElementRating = {
  /** To ground, of the conductors whose amperes are told: of a service transformer the primary ones, of one in a substation those that leave it. */
  readonly phaseV?: number;
  /** To ground, of the conductors between a service transformer and its customers. */
  readonly secondaryPhaseV?: number;
  readonly ratedA?: number;
  readonly ratedVa?: number;
  readonly noLoadLossW?: number;
  /** At the rated load. */
  readonly loadLossW?: number;
};

/** Customers that nothing can part and that are alike: of one kind, behind one transformer, in one segment, on the same phases. */
export type LoadPoint = {
  /** Index into `elements`; -1: they take from the line itself. */
  readonly transformer: number;
  readonly segment: number;
  /** Index into `customerKinds`. */
  readonly customerKind: number;
  /** Counts those that are alike in everything else and are fed by different ways, as while circuits are in parallel. */
  readonly variant: number;
  readonly service: Service;
};

/**
 * Who is fed by whom from an instant on, as columns. A carrier is what all power of those behind it goes through: a switch or a transformer;
 * carriers form a tree. Where circuits are in parallel or a loop is closed, everybody hangs where the way to a source is shortest, as
 * everywhere else in this program: what a closed loop carries cannot be told from meters.
 */
export type TopologyStretch = {
  readonly fromS: number;
  /** By meter: its load point; -1: it is not there or has no supply, and counts nowhere. */
  readonly pointOfMeter: Int32Array;
  /** By load point, as indexes into `elements`; -1: none. */
  readonly circuitOfPoint: Int32Array;
  readonly carrierOfPoint: Int32Array;
  /** By element: the next carrier on the way to the source, -1: the source; -2: it carries nobody. */
  readonly carrierAbove: Int32Array;
  /** By element, as indexes into `ratings`; -1: it is not there, and whoever asks is told of its last one. */
  readonly ratingOfElement: Int32Array;
};

/** Who was fed by whom, from the first stretch on: replaces all that was told of that time. The last stretch holds until more is told. */
export type TopologyUpdate = {
  readonly elements: readonly TopologyElement[];
  readonly ratings: readonly ElementRating[];
  readonly points: readonly LoadPoint[];
  /** Names by which the warehouse knows the meters; who has none is in it by the name of their service point. */
  readonly meters: readonly string[];
  /** By meter: what its customer takes at the peak, as the network's drawing has it; 0: nobody said. */
  readonly sizeW: Float32Array;
  readonly stretches: readonly TopologyStretch[];
};
