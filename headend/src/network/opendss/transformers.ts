import type { PowerTransformer, TapChanger, Terminal, TransformerEnd } from '../model/equipment.ts';
import { busTerminal } from './buses.ts';
import type { BusTerminal } from './buses.ts';
import type { DssImport } from './dss-import.ts';
import { ObjectReader } from './object-reader.ts';
import type { RegulatorSettings } from './regulators.ts';
import { followTransformer } from './windings.ts';
import type { TransformerState, Winding } from './windings.ts';

export type ReadTransformer = {
  readonly reader: ObjectReader;
  readonly state: TransformerState;
  readonly terminals: readonly BusTerminal[];
};

/** Transformers taken apart, before it is known what their buses' nodes mean. */
export function readTransformers(dss: DssImport): ReadTransformer[] {
  const codes = new Map<string, TransformerState>();
  const codeNamed = (name: string): TransformerState | undefined => codes.get(name.toLowerCase());
  for (const object of dss.book.all('xfmrcode')) {
    const reader = new ObjectReader(object, dss.report);
    codes.set(object.name.toLowerCase(), followTransformer(object, { reader, codeNamed }));
    reader.done();
  }
  return dss.book.all('transformer').flatMap((object) => {
    const reader = new ObjectReader(object, dss.report);
    const state = followTransformer(object, { reader, codeNamed });
    // The substation's name says where a transformer stands; `sub` only begins a reliability zone.
    reader.ask(['sub', 'subname']);
    reader.done();
    const terminals = state.windings.map(({ bus }) => busTerminal(bus, state.phases, state.phases + 1));
    const faulty = terminals.findIndex((each) => each === undefined || each.bus === '');
    if (faulty === -1) return [{ reader, state, terminals: terminals.filter((each) => each !== undefined) }];
    reader.tell(
      'error',
      'no-bus',
      `winding ${faulty + 1}: '${state.windings[faulty]?.bus ?? ''}' is no bus: it is left out`,
    );
    return [];
  });
}

/** Two windings of one phase that meet in the ground at the same bus: a 120/240 V secondary. */
export function isCentreTapped({ state, terminals }: Pick<ReadTransformer, 'state' | 'terminals'>): boolean {
  const [, first, second] = terminals;
  if (state.phases !== 1 || terminals.length !== 3 || first === undefined || second === undefined) return false;
  return first.bus.toLowerCase() === second.bus.toLowerCase() && first.nodes[1] === 0 && second.nodes[0] === 0;
}

export function importTransformers(
  dss: DssImport,
  transformers: readonly ReadTransformer[],
  regulators: ReadonlyMap<string, readonly RegulatorSettings[]>,
): void {
  for (const { reader, state, terminals } of transformers) {
    const made = terminals.map((each, index) => endTerminal(dss, reader, state.windings[index], each));
    if (made.includes(undefined)) continue;
    const controls = regulators.get(reader.object.name.toLowerCase()) ?? [];
    if (!state.kvaSaid) reader.tell('warning', 'missing-rating', 'no kVA is said: 1000 kVA is taken, as OpenDSS does');
    const ends = state.windings.map((winding, index) =>
      endOf(
        winding,
        terminals[index],
        controls.find((each) => each.winding === index + 1),
      ),
    );
    dss.draft.put({ ...wholeOf(reader, state), terminals: made.filter((each) => each !== undefined), ends });
  }
}

function wholeOf(reader: ObjectReader, state: TransformerState): Omit<PowerTransformer, 'terminals' | 'ends'> {
  const { object, id } = reader;
  const { bank, normalKva, emergencyKva } = state;
  const clock = clockOf(state);
  const rated = state.windings[0]?.kva ?? 0;
  return {
    kind: 'PowerTransformer',
    id,
    name: object.name,
    phaseCount: state.phases,
    reactancePu: reactances(state),
    noLoadLossPu: state.noLoadLossPercent / 100,
    magnetisingPu: state.magnetisingPercent / 100,
    ...(bank === undefined ? {} : { bank }),
    ...(state.kvaSaid || normalKva !== undefined ? { normalPowerVa: (normalKva ?? rated) * 1_000 } : {}),
    ...(emergencyKva === undefined ? {} : { emergencyPowerVa: emergencyKva * 1_000 }),
    ...(clock === undefined ? {} : { clock }),
    ...(reader.enabled ? {} : { inService: false as const }),
    from: object.place,
  };
}

/** As OpenDSS has them where nothing is said: 7, 35 and 30 per cent. */
function reactances({ reactances: said, windings }: TransformerState): number[] {
  const pairs = (windings.length * (windings.length - 1)) / 2;
  return Array.from({ length: pairs }, (_, pair) => (said[pair] ?? [7, 35][pair] ?? 30) / 100);
}

/** By ANSI the low side lags by 30° between a delta and a wye; with LeadLag=lead it leads. */
function clockOf({ windings, phases, leads }: TransformerState): number[] | undefined {
  const [first] = windings;
  if (phases !== 3 || first === undefined || windings.every((each) => each.connection === first.connection))
    return undefined;
  return windings.map((winding) => {
    if (winding.connection === first.connection) return 0;
    const isLower = winding.kv <= first.kv;
    return isLower === leads ? 11 : 1;
  });
}

function endTerminal(
  dss: DssImport,
  reader: ObjectReader,
  winding: Winding | undefined,
  at: BusTerminal,
): Terminal | undefined {
  const terminal = dss.buses.terminal(at, reader.object);
  if (terminal === undefined || winding === undefined) return undefined;
  const phases = [...terminal.phases];
  // A delta's conductors are its corners; a wye's last one is its neutral, which goes without saying where it is the last.
  if (winding.connection === 'delta' && phases.length > 2) phases.pop();
  else if (phases.at(-1) === 'N') phases.pop();
  return { node: terminal.node, phases };
}

function endOf(
  winding: Winding,
  terminal: BusTerminal | undefined,
  regulator: RegulatorSettings | undefined,
): TransformerEnd {
  const isWye = winding.connection === 'wye';
  const { neutralR, neutralX } = winding;
  const isEarthed = neutralR !== undefined && neutralR >= 0;
  const tapChanger = tapChangerOf(winding, regulator);
  return {
    connection: winding.connection,
    grounded: isWye && (isEarthed || (terminal?.nodes.includes(0) ?? false)),
    ratedVoltageV: winding.kv * 1_000,
    ratedPowerVa: winding.kva * 1_000,
    resistancePu: winding.resistancePu,
    ...(isEarthed ? { groundResistanceOhm: neutralR, groundReactanceOhm: neutralX ?? 0 } : {}),
    ...(tapChanger === undefined ? {} : { tapChanger }),
  };
}

/** Every winding of OpenDSS has taps; those that nobody moves and that stand in the middle are no tap changer. */
function tapChangerOf(winding: Winding, regulator: RegulatorSettings | undefined): TapChanger | undefined {
  const { tapPu, minTapPu, maxTapPu, tapCount } = winding;
  if (regulator === undefined && tapPu === 1) return undefined;
  const stepPu = (maxTapPu - minTapPu) / tapCount;
  const steps = (pu: number): number => Math.round((pu - 1) / stepPu);
  // A fixed ratio between steps is kept exactly, by steps of its own size.
  const isBetween = Math.abs(steps(tapPu) * stepPu - (tapPu - 1)) > 1e-9;
  if (isBetween && regulator === undefined)
    return { lowStep: 0, highStep: 1, neutralStep: 0, stepPu: tapPu - 1, step: 1 };
  const step = regulator?.step ?? steps(tapPu);
  return {
    lowStep: steps(minTapPu),
    highStep: steps(maxTapPu),
    neutralStep: 0,
    stepPu,
    step,
    ...(regulator === undefined ? {} : { control: regulator.control }),
  };
}
