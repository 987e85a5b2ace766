import type { Terminal } from '../model/equipment.ts';
import type { Phase } from '../model/phase.ts';
import { isPhase, livePhases, phasesOf } from '../model/phase.ts';
import type { CimGraph, CimObject } from './cim-graph.ts';
import { idOf } from './identity.ts';

const threePhases: readonly Phase[] = ['A', 'B', 'C'];

/** In the order of their sequence numbers. */
export function terminalsOf(equipment: CimObject): CimObject[] {
  const terminals = equipment.graph.referring('Terminal.ConductingEquipment', equipment.rdfId);
  return terminals.toSorted((one, other) => sequence(one) - sequence(other));
}

export const sequence = (terminal: CimObject): number => terminal.number('ACDCTerminal.sequenceNumber') ?? 1;

/** Undefined, and told: it is connected to nothing. */
export function nodeOf(terminal: CimObject): string | undefined {
  const node = terminal.follow('Terminal.ConnectivityNode');
  if (node === undefined) terminal.tell('error', 'missing-element', 'is connected to no connectivity node');
  return node === undefined ? undefined : idOf('ConnectivityNode', node);
}

/** The phases of single-phase parts (`ACLineSegmentPhase` and their like), by sequence number or in the usual order. */
export function phasesOfParts(parts: readonly CimObject[], kind: string): Phase[] {
  const found = parts.map((part) => {
    const phase = part.choice(`${kind}.phase`) ?? '';
    part.ignore('PowerSystemResource.Location');
    return { phase, sequence: part.number(`${kind}.sequenceNumber`) };
  });
  const order = (phase: string): number => ['A', 'B', 'C', 's1', 's2', 'N'].indexOf(phase);
  const sorted = found.toSorted(
    (one, other) => (one.sequence ?? 0) - (other.sequence ?? 0) || order(one.phase) - order(other.phase),
  );
  return sorted.map(({ phase }) => phase).filter(isPhase);
}

/** What a terminal says itself, else what the equipment's parts say, else all three. */
export function terminalAt(terminal: CimObject, partPhases: readonly Phase[]): Terminal | undefined {
  const node = nodeOf(terminal);
  const own = phasesOf(terminal.choice('Terminal.phases') ?? '');
  if (node === undefined) return undefined;
  const said = own === undefined || own.length === 0 ? partPhases : own;
  return { node, phases: said.length === 0 ? threePhases : said };
}

export function allTerminals(
  equipment: CimObject,
  count: number,
  partPhases: readonly Phase[],
): Terminal[] | undefined {
  const terminals = terminalsOf(equipment);
  if (terminals.length !== count) {
    equipment.tell('error', 'terminals', `has ${terminals.length} terminals, not ${count}: it is left out`);
    return undefined;
  }
  const found = terminals.map((each) => terminalAt(each, partPhases));
  return found.includes(undefined) ? undefined : found.filter((each) => each !== undefined);
}

/** `ABCN` to A, B and C. */
export const live = (phases: readonly Phase[]): Phase[] =>
  phases.filter((phase) => (livePhases as readonly Phase[]).includes(phase));

/** The longest-lasting limit is the rated current, the next one that of an emergency. */
export function currentLimits(
  graph: CimGraph,
  terminals: readonly CimObject[],
): { ratedCurrentA?: number; emergencyCurrentA?: number } {
  const limits = terminals.flatMap((terminal) => [
    ...terminal.refs('ACDCTerminal.OperationalLimitSet'),
    ...graph.referring('OperationalLimitSet.Terminal', terminal.rdfId).map(({ rdfId }) => rdfId),
  ]);
  const values = [...new Set(limits)].flatMap((set) =>
    graph.referring('OperationalLimit.OperationalLimitSet', set).flatMap((limit) => {
      const value = limit.number('CurrentLimit.value');
      const type = limit.follow('OperationalLimit.OperationalLimitType');
      type?.ignore('OperationalLimitType.direction');
      return value === undefined
        ? []
        : [{ value, durationS: type?.number('OperationalLimitType.acceptableDuration') ?? Infinity }];
    }),
  );
  const [rated, emergency] = values.toSorted(
    (one, other) => other.durationS - one.durationS || one.value - other.value,
  );
  return {
    ...(rated === undefined ? {} : { ratedCurrentA: rated.value }),
    ...(emergency === undefined ? {} : { emergencyCurrentA: emergency.value }),
  };
}
