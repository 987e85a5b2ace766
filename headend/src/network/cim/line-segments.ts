import type { ACLineSegment, SeriesCompensator, Switch } from '../model/equipment.ts';
import { switchTypes } from '../model/equipment.ts';
import type { NetworkDraft } from '../model/network-draft.ts';
import type { PhaseImpedance } from '../model/network.ts';
import { fromSequence, imaginaryPart, realPart } from '../impedance/complex-matrix.ts';
import { complex } from '../impedance/complex.ts';
import type { CimGraph, CimObject } from './cim-graph.ts';
import { extensionOf } from './extension.ts';
import { idOf } from './identity.ts';
import { allTerminals, currentLimits, phasesOfParts, terminalsOf } from './terminals.ts';

const mostConductors = 30;

export function importImpedances(graph: CimGraph, draft: NetworkDraft): void {
  for (const object of graph.ofClass('PerLengthPhaseImpedance')) {
    const order = object.number('PerLengthPhaseImpedance.conductorCount') ?? 0;
    if (!Number.isInteger(order) || order < 1 || order > mostConductors) {
      object.tell(
        'error',
        'unreadable-value',
        `conductorCount ${order} is no number from 1 to ${mostConductors}: it is left out`,
      );
      continue;
    }
    const parts = graph.referring('PhaseImpedanceData.PhaseImpedance', object.rdfId).map((data) => partOf(data, order));
    const matrix = (property: 'r' | 'x' | 'b'): number[][] => {
      const value = (row: number, column: number): number =>
        parts.findLast((part) => part.row === row && part.column === column)?.[property] ?? 0;
      return Array.from({ length: order }, (_, row) =>
        Array.from({ length: order }, (__, column) => value(Math.max(row, column), Math.min(row, column))),
      );
    };
    draft.put({ ...named(object), rOhmPerM: matrix('r'), xOhmPerM: matrix('x'), bSiemensPerM: matrix('b') });
  }
  for (const object of graph.ofClass('PerLengthSequenceImpedance')) {
    const value = (property: string): number => object.number(`PerLengthSequenceImpedance.${property}`) ?? 0;
    const series = fromSequence(3, complex(value('r'), value('x')), complex(value('r0'), value('x0')));
    const shunt = fromSequence(3, complex(0, value('bch')), complex(0, value('b0ch')));
    draft.put({
      ...named(object),
      rOhmPerM: realPart(series),
      xOhmPerM: imaginaryPart(series),
      bSiemensPerM: imaginaryPart(shunt),
    });
  }
}

/** From 0, in the lower triangle: some files have the upper one. */
function partOf(data: CimObject, order: number) {
  const [row, column] = [data.number('PhaseImpedanceData.row') ?? 0, data.number('PhaseImpedanceData.column') ?? 0];
  if (row < 1 || column < 1 || row > order || column > order)
    data.tell('error', 'unreadable-value', `row ${row} and column ${column} are not in a matrix of ${order}`);
  const value = (property: string): number => data.number(`PhaseImpedanceData.${property}`) ?? 0;
  const place = { row: Math.max(row, column) - 1, column: Math.min(row, column) - 1 };
  return { ...place, r: value('r'), x: value('x'), b: value('b') };
}

function named(object: CimObject): Pick<PhaseImpedance, 'kind' | 'id' | 'name' | 'from'> {
  return { kind: 'PhaseImpedance', id: idOf('PhaseImpedance', object), name: object.name, from: object.from };
}

export function importLineSegments(graph: CimGraph, draft: NetworkDraft): void {
  for (const object of graph.ofClass('ACLineSegment')) {
    const phases = phasesOfParts(
      graph.referring('ACLineSegmentPhase.ACLineSegment', object.rdfId),
      'ACLineSegmentPhase',
    );
    const terminals = allTerminals(object, 2, phases);
    const lengthM = object.number('Conductor.length');
    const perLength = object.follow('ACLineSegment.PerLengthImpedance');
    if (terminals === undefined) continue;
    if (lengthM === undefined) object.tell('error', 'zero-impedance', 'has no length');
    const impedance =
      perLength === undefined ? ownImpedance(object, draft, lengthM) : idOf('PhaseImpedance', perLength);
    const line: ACLineSegment = {
      kind: 'ACLineSegment',
      id: idOf('ACLineSegment', object),
      name: object.name,
      terminals,
      lengthM: lengthM ?? 0,
      impedance,
      ...currentLimits(graph, terminalsOf(object)),
      ...inService(object),
      from: object.from,
    };
    draft.put(line);
  }
}

/** Sequence values of the whole line, as a file without codes has them. */
function ownImpedance(object: CimObject, draft: NetworkDraft, lengthM = 1): string {
  const value = (property: string): number =>
    (object.number(`ACLineSegment.${property}`) ?? 0) / (lengthM === 0 ? 1 : lengthM);
  const series = fromSequence(3, complex(value('r'), value('x')), complex(value('r0'), value('x0')));
  const shunt = fromSequence(3, complex(0, value('bch')), complex(0, value('b0ch')));
  const id = `${idOf('ACLineSegment', object)}:impedance`;
  draft.put({
    kind: 'PhaseImpedance',
    id,
    name: object.name,
    rOhmPerM: realPart(series),
    xOhmPerM: imaginaryPart(series),
    bSiemensPerM: imaginaryPart(shunt),
    from: object.from,
  });
  return id;
}

export function importSwitches(graph: CimGraph, draft: NetworkDraft): void {
  for (const type of switchTypes) {
    for (const object of graph.ofClass(type)) {
      const parts = graph.referring('SwitchPhase.Switch', object.rdfId);
      const sides = parts.map((part) => ({ part, phase: part.choice('SwitchPhase.phaseSide1') ?? '' }));
      const terminals = allTerminals(object, 2, phasesOfSwitch(parts));
      if (terminals === undefined) continue;
      const phases = terminals[0]?.phases ?? [];
      const normalOpen = object.flag('Switch.normalOpen') ?? false;
      const whole = object.flag('Switch.open') ?? normalOpen;
      const openPhases = phases.filter((phase) => {
        const closed = sides.find((side) => side.phase === phase)?.part.flag('SwitchPhase.closed');
        return closed === undefined ? whole : !closed;
      });
      const ratedCurrentA = object.number('Switch.ratedCurrent');
      object.ignore('Switch.retained', 'ProtectedSwitch.breakingCapacity');
      const found: Switch = {
        kind: 'Switch',
        type,
        id: idOf('Switch', object),
        name: object.name,
        terminals,
        normalOpen,
        openPhases,
        ...currentLimits(graph, terminalsOf(object)),
        ...(ratedCurrentA === undefined ? {} : { ratedCurrentA }),
        ...extensionOf<Switch>(object),
        ...inService(object),
        from: object.from,
      };
      draft.put(found);
    }
  }
}

function phasesOfSwitch(parts: readonly CimObject[]) {
  for (const part of parts) part.ignore('SwitchPhase.phaseSide2', 'SwitchPhase.normalOpen');
  const order = ['A', 'B', 'C', 's1', 's2', 'N'] as const;
  const found = new Set(parts.map((part) => part.choice('SwitchPhase.phaseSide1')));
  for (const part of parts) part.ignore('PowerSystemResource.Location');
  return order.filter((phase) => found.has(phase));
}

export function importSeries(graph: CimGraph, draft: NetworkDraft): void {
  for (const object of graph.ofClass('SeriesCompensator')) {
    const terminals = allTerminals(object, 2, []);
    if (terminals === undefined) continue;
    const value = (property: string): number => object.number(`SeriesCompensator.${property}`) ?? 0;
    const phases = terminals[0]?.phases.length ?? 3;
    const series = fromSequence(phases, complex(value('r'), value('x')), complex(value('r0'), value('x0')));
    const found: SeriesCompensator = {
      kind: 'SeriesCompensator',
      id: idOf('SeriesCompensator', object),
      name: object.name,
      terminals,
      rOhm: realPart(series),
      xOhm: imaginaryPart(series),
      ...currentLimits(graph, terminalsOf(object)),
      ...extensionOf<SeriesCompensator>(object),
      ...inService(object),
      from: object.from,
    };
    draft.put(found);
  }
}

export function inService(object: CimObject): { inService?: false } {
  return object.flag('Equipment.inService') === false ? { inService: false } : {};
}
