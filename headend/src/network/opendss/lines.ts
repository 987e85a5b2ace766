import type { ACLineSegment, Switch, SwitchType, Terminal } from '../model/equipment.ts';
import type { Phase } from '../model/phase.ts';
import type { DssImport } from './dss-import.ts';
import { busTerminal } from './buses.ts';
import { ImpedanceState, perMetre } from './line-codes.ts';
import type { LineCode } from './line-codes.ts';
import type { Geometry } from './line-geometries.ts';
import type { Assignment, DssObject, EarthModelName } from './object-book.ts';
import { ObjectReader } from './object-reader.ts';
import type { SwitchControl } from './switch-controls.ts';
import { countOf, isYes, lengthUnit, numberOf, wordsOf } from './values.ts';

type Rating = { ratedCurrentA?: number; emergencyCurrentA?: number };
type WireClass = 'wiredata' | 'cndata' | 'tsdata';

/** What a line's assignments came to, followed in their order. */
type LineState = {
  bus1: string;
  bus2: string;
  length: number;
  unit: number | 'none';
  /** The unit that the line's own impedance is for; later units convert it. */
  isSwitch: boolean;
  code?: { name: string; code: LineCode };
  geometry?: { name: string; geometry: Geometry };
  spacing?: string;
  wires: { of: WireClass; name: string }[];
  own: ImpedanceState;
  rho?: number;
  earthModel: EarthModelName;
  rating: Rating;
};

/** Lines: those that switch become switches, whether they say so themselves or a control stands at them. */
export function importLines(dss: DssImport, controls: ReadonlyMap<string, SwitchControl>): void {
  for (const object of dss.book.all('line')) {
    const reader = new ObjectReader(object, dss.report);
    const state = followed(dss, reader);
    reader.ask([
      'phases',
      'linecode',
      'geometry',
      'spacing',
      'wires',
      'cncables',
      'tscables',
      'length',
      'units',
      'switch',
    ]);
    reader.ask(['bus1', 'bus2', 'normamps', 'emergamps', 'rho', 'earthmodel']);
    reader.done();
    const made = conductorsOf(dss, reader, state);
    if (made === undefined) continue;
    const control = controls.get(object.name.toLowerCase());
    const switches = state.isSwitch || control !== undefined || object.operations.length > 0;
    dss.draft.put(switches ? switchOf(reader, made, control) : lineOf(reader, made));
  }
}

type Made = { terminals: [Terminal, Terminal]; lengthM: number; impedance: string; rating: Rating };

function lineOf(reader: ObjectReader, { terminals, lengthM, impedance, rating }: Made): ACLineSegment {
  const { object, id } = reader;
  const service = reader.enabled ? {} : { inService: false as const };
  return {
    kind: 'ACLineSegment',
    id,
    name: object.name,
    terminals,
    lengthM,
    impedance,
    ...rating,
    ...service,
    from: object.place,
  };
}

/** A switch that is disabled or opened in the script is open from the beginning: so the scripts write their ties. */
function switchOf(reader: ObjectReader, made: Made, control: SwitchControl | undefined): Switch {
  const { object, id } = reader;
  const phases = made.terminals[0].phases;
  const opened = new Set<Phase>(reader.enabled ? [] : phases);
  for (const { conductor, open } of object.operations) {
    for (const phase of conductor === 0 ? phases : phases.slice(conductor - 1, conductor)) {
      if (open) opened.add(phase);
      else opened.delete(phase);
    }
  }
  if (control?.open === true) for (const phase of phases) opened.add(phase);
  if (control?.open === false) opened.clear();
  const isPlain = reader.yes('switch');
  const type: SwitchType = control?.type ?? (isPlain ? 'LoadBreakSwitch' : 'Jumper');
  const rated = control?.ratedCurrentA ?? made.rating.ratedCurrentA;
  return {
    kind: 'Switch',
    type,
    id,
    name: object.name,
    terminals: made.terminals,
    normalOpen: control?.normalOpen ?? opened.size === phases.length,
    openPhases: [...opened],
    impedance: made.impedance,
    lengthM: made.lengthM,
    ...made.rating,
    ...(rated === undefined ? {} : { ratedCurrentA: rated }),
    from: object.place,
  };
}

function followed(dss: DssImport, reader: ObjectReader): LineState {
  const state: LineState = {
    bus1: '',
    bus2: '',
    length: 1,
    unit: 'none',
    isSwitch: false,
    wires: [],
    own: new ImpedanceState(reader.number('basefreq') ?? dss.book.frequencyHz),
    earthModel: dss.book.earthModel,
    rating: {},
  };
  for (const assigned of reader.object.assignments) follow(dss, reader, state, assigned);
  return state;
}

function follow(dss: DssImport, reader: ObjectReader, state: LineState, assigned: Assignment): void {
  switch (assigned.property) {
    case 'bus1':
    case 'bus2':
      state[assigned.property] = assigned.value;
      return;
    case 'phases':
      state.own.phases = reader.readOf(assigned, countOf) ?? state.own.phases;
      return;
    case 'length':
      state.length = reader.readOf(assigned, numberOf) ?? state.length;
      return;
    case 'units':
      state.unit = reader.readOf(assigned, lengthUnit) ?? state.unit;
      return;
    case 'switch':
      state.isSwitch = isYes(assigned);
      if (state.isSwitch) becomeSwitch(state);
      return;
    case 'linecode':
      return takeCode(dss, reader, state, assigned.value);
    case 'geometry':
      return takeGeometry(dss, reader, state, assigned.value);
    case 'spacing':
      state.spacing = assigned.value;
      forget(state, 'spacing');
      return;
    case 'wires':
    case 'cncables':
    case 'tscables':
      return takeWires(state, assigned);
    case 'normamps':
    case 'emergamps': {
      const amperes = reader.readOf(assigned, numberOf);
      if (amperes !== undefined)
        state.rating[assigned.property === 'normamps' ? 'ratedCurrentA' : 'emergencyCurrentA'] = amperes;
      return;
    }
    case 'rho':
      state.rho = reader.readOf(assigned, numberOf) ?? 100;
      return;
    case 'earthmodel':
      state.earthModel =
        (['carson', 'fullcarson', 'deri'] as const).find((each) => each.startsWith(assigned.value.toLowerCase())) ??
        'deri';
      return;
    default:
      if (state.own.take(assigned, reader)) forget(state, 'own');
  }
}

function becomeSwitch(state: LineState): void {
  state.own.becomeSwitch();
  state.length = 0.001;
  forget(state, 'own');
}

/** The last way in which an impedance was said counts. */
function forget(state: LineState, kept: 'own' | 'code' | 'geometry' | 'spacing'): void {
  if (kept !== 'code') delete state.code;
  if (kept !== 'geometry') delete state.geometry;
  if (kept !== 'spacing') delete state.spacing;
}

function takeCode(dss: DssImport, reader: ObjectReader, state: LineState, name: string): void {
  const code = dss.lineCode(name);
  if (code === undefined) return reader.tell('error', 'no-object', `there is no usable LineCode ${name}`);
  forget(state, 'code');
  state.code = { name, code };
  state.own.phases = code.phases;
  state.rating = {
    ...(code.ratedCurrentA === undefined ? {} : { ratedCurrentA: code.ratedCurrentA }),
    ...(code.emergencyCurrentA === undefined ? {} : { emergencyCurrentA: code.emergencyCurrentA }),
  };
}

function takeGeometry(dss: DssImport, reader: ObjectReader, state: LineState, name: string): void {
  const geometry = dss.geometries.find(name);
  if (geometry === undefined) return reader.tell('error', 'no-object', `there is no usable LineGeometry ${name}`);
  forget(state, 'geometry');
  state.geometry = { name, geometry };
  state.own.phases = geometry.reduce ? geometry.phases : geometry.placed.length;
  takeRatings(state, geometry);
}

function takeRatings(state: LineState, { ratedCurrentA, emergencyCurrentA }: Rating): void {
  state.rating = {
    ...(ratedCurrentA === undefined ? {} : { ratedCurrentA }),
    ...(emergencyCurrentA === undefined ? {} : { emergencyCurrentA }),
  };
}

function takeWires(state: LineState, assigned: Assignment): void {
  const of = assigned.property === 'cncables' ? 'cndata' : assigned.property === 'tscables' ? 'tsdata' : 'wiredata';
  const named = wordsOf(assigned).map((name) => ({ of, name }) as const);
  // Wires after cables are the bare neutrals beside them.
  const cables = of === 'wiredata' ? state.wires.filter((each) => each.of !== 'wiredata') : [];
  state.wires = [...cables, ...named];
  if (state.spacing !== undefined) forget(state, 'spacing');
}

function conductorsOf(dss: DssImport, reader: ObjectReader, state: LineState): Made | undefined {
  const known = impedanceOf(dss, reader, state);
  if (known === undefined) return undefined;
  const count = known.conductors;
  const specs = [busTerminal(state.bus1, count), busTerminal(state.bus2, count)];
  if (state.bus1 === '' || state.bus2 === '' || specs.includes(undefined)) {
    reader.tell('error', 'no-bus', `'${state.bus1}' and '${state.bus2}' are not two buses`);
    return undefined;
  }
  const [from, to] = specs.map((spec) => (spec === undefined ? undefined : dss.buses.terminal(spec, reader.object)));
  if (from === undefined || to === undefined) return undefined;
  return { terminals: [from, to], lengthM: known.lengthM, impedance: known.id, rating: state.rating };
}

type Impedance = { id: string; lengthM: number; conductors: number };

function impedanceOf(dss: DssImport, reader: ObjectReader, state: LineState): Impedance | undefined {
  const { code, geometry, spacing, length, unit } = state;
  if (code !== undefined) {
    const { impedance, unit: codeUnit, phases } = code.code;
    // Where only one of the two says its unit, OpenDSS takes the other to be meant likewise.
    const unitM = codeUnit === 'none' ? (unit === 'none' ? unsaid(dss, reader) : unit) : codeUnit;
    const lengthM = length * (unit === 'none' ? unitM : unit);
    return {
      id: dss.impedance(`LineCode.${code.name}`, perMetre(impedance, unitM), dss.book.find('linecode', code.name)),
      lengthM,
      conductors: phases,
    };
  }
  const named =
    geometry?.geometry ??
    (spacing === undefined ? undefined : dss.geometries.fromSpacing(spacing, state.wires, state.own.phases));
  if (named !== undefined) {
    if (geometry === undefined) takeRatings(state, { ...named, ...state.rating });
    return geometric(dss, reader, state, named);
  }
  if (spacing !== undefined) {
    reader.tell('error', 'no-wire', `the spacing ${spacing} and its wires are not known or not as many as each other`);
    return undefined;
  }
  if (!state.own.said)
    reader.tell('warning', 'default-impedance', "no impedance is said: OpenDSS's own example values are taken");
  // Values said with the line itself count for its length as it is written.
  const unitM = unit === 'none' ? (state.isSwitch ? 1 : unsaid(dss, reader)) : unit;
  const values = perMetre(state.own.impedance(), unitM);
  return { id: dss.impedance(reader.id, values, reader.object), lengthM: length * unitM, conductors: state.own.phases };
}

function geometric(dss: DssImport, reader: ObjectReader, state: LineState, named: Geometry): Impedance | undefined {
  const { geometry, length, unit, rho, earthModel } = state;
  const constants = dss.geometries.constants(named, rho ?? 100, earthModel);
  if (constants === undefined) {
    reader.tell('error', 'no-wire', 'two conductors stand in one place, or one has no size');
    return undefined;
  }
  const shared = geometry !== undefined && rho === undefined && earthModel === dss.book.earthModel;
  const id = shared ? `LineGeometry.${geometry.name}` : reader.id;
  const object = shared ? dss.book.find('linegeometry', geometry.name) : reader.object;
  return {
    id: dss.impedance(id, constants, object),
    lengthM: length * (unit === 'none' ? 1 : unit),
    conductors: constants.rOhmPerM.length,
  };
}

/** The product of impedance and length is right whatever the unit is called; the length itself is then a guess. */
function unsaid(dss: DssImport, { object }: { object: DssObject }): number {
  dss.withoutUnit(object);
  return 304.8;
}
