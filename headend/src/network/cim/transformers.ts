import type { PowerTransformer, TapChanger, Terminal, TransformerEnd } from '../model/equipment.ts';
import type { NetworkDraft } from '../model/network-draft.ts';
import type { Phase } from '../model/phase.ts';
import { phasesOf } from '../model/phase.ts';
import type { RegulatingControl } from '../model/regulating-control.ts';
import type { CimGraph, CimObject } from './cim-graph.ts';
import { extensionOf } from './extension.ts';
import { idOf } from './identity.ts';
import { inService } from './line-segments.ts';
import { live, nodeOf } from './terminals.ts';

/** Balanced units by their ends, and tanks, each of which is one core of a bank. */
export function importTransformers(graph: CimGraph, draft: NetworkDraft): void {
  for (const object of graph.ofClass('PowerTransformer')) {
    object.ignore('PowerTransformer.vectorGroup');
    const tanks = graph.referring('TransformerTank.PowerTransformer', object.rdfId);
    for (const tank of tanks) put(draft, fromTank(graph, tank, object));
    if (tanks.length === 0) put(draft, fromEnds(graph, object));
  }
}

function put(draft: NetworkDraft, transformer: PowerTransformer | undefined): void {
  if (transformer !== undefined) draft.put(transformer);
}

const endsOf = (graph: CimGraph, property: string, id: string): CimObject[] =>
  graph.referring(property, id).toSorted((one, other) => endNumber(one) - endNumber(other));
const endNumber = (end: CimObject): number =>
  end.number('TransformerEnd.endNumber') ?? end.number('TransformerEndInfo.endNumber') ?? 1;

function fromEnds(graph: CimGraph, object: CimObject): PowerTransformer | undefined {
  const ends = endsOf(graph, 'PowerTransformerEnd.PowerTransformer', object.rdfId);
  const terminals = ends.map((end) => endTerminal(end, ['A', 'B', 'C']));
  if (ends.length < 2 || terminals.includes(undefined)) {
    object.tell('error', 'terminals', 'has fewer than two ends that are connected: it is left out');
    return undefined;
  }
  const extension = extensionOf<PowerTransformer>(object);
  const [first] = ends;
  const base =
    first === undefined
      ? NaN
      : (first.number('PowerTransformerEnd.ratedU') ?? NaN) ** 2 / (first.number('PowerTransformerEnd.ratedS') ?? NaN);
  const core = first?.follow('TransformerEnd.CoreAdmittance');
  core?.ignore('TransformerCoreAdmittance.g0', 'TransformerCoreAdmittance.b0');
  const clock = ends.map((end) => end.number('PowerTransformerEnd.phaseAngleClock') ?? 0);
  const rated = first?.number('PowerTransformerEnd.ratedS');
  return {
    kind: 'PowerTransformer',
    id: idOf('PowerTransformer', object),
    name: object.name,
    terminals: terminals.filter((each) => each !== undefined),
    phaseCount: 3,
    ends: ends.map(balancedEnd),
    reactancePu: pairsOf(ends).map(([from, to]) => meshReactance(graph, from, to)),
    noLoadLossPu: (core?.number('TransformerCoreAdmittance.g') ?? 0) * base,
    magnetisingPu: Math.abs(core?.number('TransformerCoreAdmittance.b') ?? 0) * base,
    ...(rated === undefined ? {} : { normalPowerVa: rated }),
    ...(clock.some((each) => each !== 0) ? { clock } : {}),
    ...extension,
    ...inService(object),
    from: object.from,
  };
}

function balancedEnd(end: CimObject): TransformerEnd {
  const value = (property: string): number => end.number(`PowerTransformerEnd.${property}`) ?? NaN;
  const [voltage, power] = [value('ratedU'), value('ratedS')];
  return endWith(end, end.choice('PowerTransformerEnd.connectionKind') ?? 'Y', {
    ratedVoltageV: voltage,
    ratedPowerVa: power,
    resistancePu: value('r') / (voltage ** 2 / power),
  });
}

type Rated = Pick<TransformerEnd, 'ratedVoltageV' | 'ratedPowerVa' | 'resistancePu'>;

function endWith(end: CimObject, connectionKind: string, rated: Rated): TransformerEnd {
  const connection = connectionKind.startsWith('D') ? 'delta' : 'wye';
  const grounded = end.flag('TransformerEnd.grounded') ?? false;
  const [r, x] = [end.number('TransformerEnd.rground') ?? 0, end.number('TransformerEnd.xground') ?? 0];
  const tapChanger = tapChangerOf(end);
  end.ignore('TransformerEnd.BaseVoltage');
  return {
    connection,
    grounded: connection === 'wye' && grounded,
    ...rated,
    ...(r === 0 && x === 0 ? {} : { groundResistanceOhm: r, groundReactanceOhm: x }),
    ...(tapChanger === undefined ? {} : { tapChanger }),
    ...extensionOf<TransformerEnd>(end),
  };
}

function pairsOf<T>(ends: readonly T[]): [T, T][] {
  return ends.flatMap((from, index) => ends.slice(index + 1).map((to): [T, T] => [from, to]));
}

/** In ohm on the end that it is said from; here on the rating of that end. */
function meshReactance(graph: CimGraph, from: CimObject, to: CimObject): number {
  for (const [one, other] of [
    [from, to],
    [to, from],
  ] as const) {
    const meshes = graph.referring('TransformerMeshImpedance.FromTransformerEnd', one.rdfId);
    const mesh = meshes.find((each) => each.refs('TransformerMeshImpedance.ToTransformerEnd').includes(other.rdfId));
    if (mesh === undefined) continue;
    mesh.ignore('TransformerMeshImpedance.r', 'TransformerMeshImpedance.r0', 'TransformerMeshImpedance.x0');
    const base =
      (one.number('PowerTransformerEnd.ratedU') ?? NaN) ** 2 / (one.number('PowerTransformerEnd.ratedS') ?? NaN);
    return (mesh.number('TransformerMeshImpedance.x') ?? 0) / base;
  }
  from.tell('warning', 'zero-impedance', 'no mesh impedance between its ends is said');
  return 0;
}

function endTerminal(end: CimObject, phases: readonly Phase[]): Terminal | undefined {
  const terminal = end.follow('TransformerEnd.Terminal');
  const node = terminal === undefined ? undefined : nodeOf(terminal);
  terminal?.ignore('ACDCTerminal.sequenceNumber');
  if (node === undefined) end.tell('error', 'terminals', 'is connected to nothing');
  return node === undefined ? undefined : { node, phases };
}

function fromTank(graph: CimGraph, tank: CimObject, bank: CimObject): PowerTransformer | undefined {
  const ends = endsOf(graph, 'TransformerTankEnd.TransformerTank', tank.rdfId);
  const info = tank.follow('TransformerTank.TransformerTankInfo');
  const infos = info === undefined ? [] : endsOf(graph, 'TransformerEndInfo.TransformerTankInfo', info.rdfId);
  const ordered = ends.map(orderedPhases);
  const terminals = ends.map((end, index) => endTerminal(end, withoutTrailingNeutral(ordered[index] ?? [])));
  if (ends.length < 2 || infos.length < ends.length || terminals.includes(undefined)) {
    tank.tell('error', 'terminals', 'has fewer than two ends that are connected and described: it is left out');
    return undefined;
  }
  const { bank: ownBank, ...extension } = extensionOf<TankExtension>(tank);
  const phaseCount = Math.max(1, Math.min(...ordered.map((phases, index) => legs(phases, infos[index]))));
  const [first] = infos;
  const values = first === undefined ? undefined : endInfo(first);
  const noLoad = first === undefined ? undefined : graph.referring('NoLoadTest.EnergisedEnd', first.rdfId)[0];
  noLoad?.ignore(
    'NoLoadTest.energisedEndVoltage',
    'NoLoadTest.excitingCurrentZero',
    'NoLoadTest.lossZero',
    'TransformerTest.basePower',
    'TransformerTest.temperature',
  );
  const [normal, emergency] = [
    first?.number('TransformerEndInfo.shortTermS'),
    first?.number('TransformerEndInfo.emergencyS'),
  ];
  first?.ignore('TransformerEndInfo.insulationU');
  const lossPu = ((noLoad?.number('NoLoadTest.loss') ?? 0) * 1_000) / (values?.ratedPowerVa ?? NaN);
  const exciting = (noLoad?.number('NoLoadTest.excitingCurrent') ?? 0) / 100;
  return {
    kind: 'PowerTransformer',
    id: idOf('PowerTransformer', tank),
    name: tank.name,
    terminals: terminals.filter((each) => each !== undefined),
    phaseCount,
    // A unit that stands alone is written as a bank of one, which says so.
    ...(ownBank === null ? {} : { bank: bank.name }),
    ends: ends.map((end, index) => tankEnd(end, infos[index])),
    reactancePu: pairsOf(infos).map(([from, to]) => testedReactance(graph, from, to)),
    noLoadLossPu: lossPu,
    magnetisingPu: Math.sqrt(Math.max(0, exciting ** 2 - lossPu ** 2)),
    ...(normal === undefined && values === undefined ? {} : { normalPowerVa: values?.ratedPowerVa ?? normal ?? 0 }),
    ...(emergency === undefined ? {} : { emergencyPowerVa: emergency }),
    ...extension,
    ...inService(tank),
    from: tank.from,
  };
}

type TankExtension = Omit<Partial<PowerTransformer>, 'bank'> & { bank?: string | null };

/** `AN`, `s1N`, `Ns2`, `ABC`: in this order. */
function orderedPhases(end: CimObject): Phase[] {
  const code = end.choice('TransformerTankEnd.orderedPhases') ?? end.choice('TransformerTankEnd.phases') ?? '';
  const phases = phasesOf(code);
  if (phases === undefined) end.tell('error', 'phases', `'${code}' is no phase code`);
  return [...(phases ?? [])];
}

function withoutTrailingNeutral(phases: readonly Phase[]): Phase[] {
  return phases.at(-1) === 'N' ? phases.slice(0, -1) : [...phases];
}

/** A single-phase delta stands between two conductors. */
function legs(phases: readonly Phase[], info: CimObject | undefined): number {
  const count = live(phases).length;
  const isDelta = info?.choice('TransformerEndInfo.connectionKind')?.startsWith('D') ?? false;
  return count === 2 && (isDelta || !phases.includes('N')) ? 1 : count;
}

function endInfo(info: CimObject): Rated {
  const value = (property: string): number => info.number(`TransformerEndInfo.${property}`) ?? NaN;
  const [ratedVoltageV, ratedPowerVa] = [value('ratedU'), value('ratedS')];
  return { ratedVoltageV, ratedPowerVa, resistancePu: value('r') / (ratedVoltageV ** 2 / ratedPowerVa) };
}

function tankEnd(end: CimObject, info: CimObject | undefined): TransformerEnd {
  info?.ignore(
    'TransformerEndInfo.phaseAngleClock',
    'TransformerEndInfo.emergencyS',
    'TransformerEndInfo.shortTermS',
    'TransformerEndInfo.insulationU',
  );
  const kind = info?.choice('TransformerEndInfo.connectionKind') ?? 'I';
  const phases = orderedPhases(end);
  // `I` is a winding by itself: between two conductors it is what others call a delta.
  const connection = kind === 'I' && live(phases).length === 2 ? 'D' : kind;
  const rated = info === undefined ? { ratedVoltageV: NaN, ratedPowerVa: NaN, resistancePu: NaN } : endInfo(info);
  return endWith(end, connection, rated);
}

/** From a short-circuit test: the impedance in ohm on the energised end, its real part from the loss in kW. */
function testedReactance(graph: CimGraph, from: CimObject, to: CimObject): number {
  const tests = graph.referring('ShortCircuitTest.EnergisedEnd', from.rdfId);
  const test = tests.find((each) => each.refs('ShortCircuitTest.GroundedEnds').includes(to.rdfId));
  if (test === undefined) {
    from.tell('warning', 'zero-impedance', 'no short-circuit test between its windings is said');
    return 0;
  }
  test.ignore(
    'ShortCircuitTest.energisedEndStep',
    'ShortCircuitTest.groundedEndStep',
    'ShortCircuitTest.leakageImpedanceZero',
  );
  test.ignore('ShortCircuitTest.lossZero', 'TransformerTest.temperature');
  const { ratedVoltageV, ratedPowerVa } = endInfo(from);
  const basePower = test.number('TransformerTest.basePower') ?? ratedPowerVa;
  const impedance = (test.number('ShortCircuitTest.leakageImpedance') ?? 0) / (ratedVoltageV ** 2 / ratedPowerVa);
  const resistance = (((test.number('ShortCircuitTest.loss') ?? 0) * 1_000) / basePower) * (ratedPowerVa / basePower);
  return Math.sqrt(Math.max(0, impedance ** 2 - resistance ** 2));
}

function tapChangerOf(end: CimObject): TapChanger | undefined {
  const changers = [
    end.follow('TransformerEnd.RatioTapChanger'),
    ...end.graph.referring('RatioTapChanger.TransformerEnd', end.rdfId),
  ];
  const changer = changers.find((each) => each !== undefined);
  if (changer === undefined) return undefined;
  const value = (property: string): number | undefined => changer.number(`TapChanger.${property}`);
  const control = changer.follow('TapChanger.TapChangerControl');
  changer.ignore(
    'TapChanger.normalStep',
    'TapChanger.neutralU',
    'TapChanger.ltcFlag',
    'TapChanger.ctRatio',
    'PowerSystemResource.Location',
  );
  const found = control === undefined ? undefined : controlOf(changer, control);
  return {
    lowStep: value('lowStep') ?? -16,
    highStep: value('highStep') ?? 16,
    neutralStep: value('neutralStep') ?? 0,
    stepPu: (changer.number('RatioTapChanger.stepVoltageIncrement') ?? 0.625) / 100,
    step: value('step') ?? 0,
    ...(found === undefined ? {} : { control: found }),
  };
}

function controlOf(changer: CimObject, control: CimObject): RegulatingControl {
  const regulating = (property: string): number | undefined => control.number(`RegulatingControl.${property}`);
  const drop = control.flag('TapChangerControl.lineDropCompensation') ?? false;
  const [r, x] = [control.number('TapChangerControl.lineDropR'), control.number('TapChangerControl.lineDropX')];
  const ctPrimaryA = changer.number('TapChanger.ctRating');
  const phase = phasesOf(control.choice('RegulatingControl.monitoredPhase') ?? '')?.[0];
  const [delayS, tapDelayS] = [changer.number('TapChanger.initialDelay'), changer.number('TapChanger.subsequentDelay')];
  control.ignore(
    'RegulatingControl.discrete',
    'RegulatingControl.mode',
    'RegulatingControl.Terminal',
    'PowerSystemResource.Location',
  );
  control.ignore(
    'TapChangerControl.reversible',
    'TapChangerControl.maxLimitVoltage',
    'TapChangerControl.minLimitVoltage',
  );
  return {
    name: control.name,
    enabled: control.flag('RegulatingControl.enabled') !== false && changer.flag('TapChanger.controlEnabled') !== false,
    targetV: regulating('targetValue') ?? 120,
    bandwidthV: regulating('targetDeadband') ?? 2,
    ptRatio: changer.number('TapChanger.ptRatio') ?? 1,
    ...(ctPrimaryA === undefined ? {} : { ctPrimaryA }),
    ...(drop && r !== undefined ? { lineDropRV: r } : {}),
    ...(drop && x !== undefined ? { lineDropXV: x } : {}),
    ...(phase === undefined ? {} : { monitoredPhase: phase }),
    ...(delayS === undefined ? {} : { delayS }),
    ...(tapDelayS === undefined ? {} : { tapDelayS }),
    ...extensionOf<RegulatingControl>(control),
  };
}
