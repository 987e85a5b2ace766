import type { PowerTransformer, TransformerEnd } from '../model/equipment.ts';
import type { Phase } from '../model/phase.ts';
import type { CimExport } from './export-cim.ts';
import { madeMrid, mridOf } from './identity.ts';
import type { PropertyValue } from './rdf-writer.ts';

const ohmBase = ({ ratedVoltageV, ratedPowerVa }: TransformerEnd): number => ratedVoltageV ** 2 / ratedPowerVa;

/** Three-phase units by themselves; single-phase ones as tanks, with their data as a manufacturer's tests say it. */
export function writeTransformer(out: CimExport, transformer: PowerTransformer): void {
  const isWhole = transformer.phaseCount === 3 && transformer.bank === undefined;
  if (isWhole) writeBalanced(out, transformer);
  else writeTank(out, transformer);
  for (const [index, end] of transformer.ends.entries()) writeTapChanger(out, transformer, end, index);
}

const endId = (transformer: PowerTransformer, index: number): string =>
  madeMrid('TransformerEnd', `${transformer.id} ${index + 1}`);

function endCommon(out: CimExport, transformer: PowerTransformer, index: number): Record<string, PropertyValue> {
  const [end, terminal] = [transformer.ends[index], transformer.terminals[index]];
  return {
    'IdentifiedObject.name': `${transformer.name}_End_${index + 1}`,
    'TransformerEnd.endNumber': index + 1,
    'TransformerEnd.Terminal': { ref: out.terminalOf('PowerTransformer', transformer.id, index + 1) },
    'TransformerEnd.BaseVoltage': out.baseVoltage(terminal?.node),
    'TransformerEnd.grounded': end?.grounded,
    'TransformerEnd.rground': end?.groundResistanceOhm,
    'TransformerEnd.xground': end?.groundReactanceOhm,
  };
}

/** Exact in the model, and only as exact as a division in the file. */
const exactOf = ({ resistancePu, connection, grounded, groundResistanceOhm, groundReactanceOhm }: TransformerEnd) => ({
  resistancePu,
  connection,
  grounded,
  groundResistanceOhm,
  groundReactanceOhm,
});

function exactWhole({
  phaseCount,
  reactancePu,
  noLoadLossPu,
  magnetisingPu,
  normalPowerVa,
  emergencyPowerVa,
  clock,
}: PowerTransformer) {
  return { phaseCount, reactancePu, noLoadLossPu, magnetisingPu, normalPowerVa, emergencyPowerVa, clock };
}

function pairs(transformer: PowerTransformer): { from: number; to: number; reactancePu: number }[] {
  const all = transformer.ends.flatMap((_, from) =>
    transformer.ends.slice(from + 1).map((__, index) => ({ from, to: from + 1 + index })),
  );
  return all.map((pair, index) => ({ ...pair, reactancePu: transformer.reactancePu[index] ?? 0 }));
}

const windingKind = ({ connection, grounded }: TransformerEnd): string =>
  connection === 'delta' ? 'D' : grounded ? 'Yn' : 'Y';

function writeBalanced(out: CimExport, transformer: PowerTransformer): void {
  const { writer } = out;
  const [first] = transformer.ends;
  const letters = transformer.ends.map((end, index) =>
    index === 0
      ? windingKind(end).toUpperCase()
      : windingKind(end).toLowerCase() + String(transformer.clock?.[index] ?? 0),
  );
  writer.resource(
    'PowerTransformer',
    mridOf('PowerTransformer', transformer.id),
    { ...out.equipment(transformer), 'PowerTransformer.vectorGroup': letters.join('') },
    exactWhole(transformer),
  );
  out.terminals(transformer);
  const core = madeMrid('TransformerCoreAdmittance', transformer.id);
  if (first !== undefined)
    writer.resource('TransformerCoreAdmittance', core, {
      'IdentifiedObject.name': `${transformer.name}_Yc`,
      'TransformerCoreAdmittance.g': transformer.noLoadLossPu / ohmBase(first),
      'TransformerCoreAdmittance.b': transformer.magnetisingPu / ohmBase(first),
    });
  for (const [index, end] of transformer.ends.entries()) {
    writer.resource(
      'PowerTransformerEnd',
      endId(transformer, index),
      {
        ...endCommon(out, transformer, index),
        'PowerTransformerEnd.PowerTransformer': { ref: mridOf('PowerTransformer', transformer.id) },
        'PowerTransformerEnd.connectionKind': { choice: `WindingConnection.${windingKind(end)}` },
        'PowerTransformerEnd.phaseAngleClock': transformer.clock?.[index] ?? 0,
        'PowerTransformerEnd.ratedU': end.ratedVoltageV,
        'PowerTransformerEnd.ratedS': end.ratedPowerVa,
        'PowerTransformerEnd.r': end.resistancePu * ohmBase(end),
        'TransformerEnd.CoreAdmittance': index === 0 ? { ref: core } : undefined,
      },
      exactOf(end),
    );
  }
  for (const { from, to, reactancePu } of pairs(transformer)) {
    const [one, other] = [transformer.ends[from], transformer.ends[to]];
    if (one === undefined || other === undefined) continue;
    writer.resource(
      'TransformerMeshImpedance',
      madeMrid('TransformerMeshImpedance', `${transformer.id} ${from} ${to}`),
      {
        'TransformerMeshImpedance.FromTransformerEnd': { ref: endId(transformer, from) },
        'TransformerMeshImpedance.ToTransformerEnd': { ref: endId(transformer, to) },
        'TransformerMeshImpedance.r': (one.resistancePu + other.resistancePu) * ohmBase(one),
        'TransformerMeshImpedance.x': reactancePu * ohmBase(one),
      },
    );
  }
}

function writeTank(out: CimExport, transformer: PowerTransformer): void {
  const { writer } = out;
  const tank = mridOf('PowerTransformer', transformer.id);
  const bankName = transformer.bank ?? transformer.name;
  const bank = madeMrid('Bank', bankName);
  const info = madeMrid('TransformerTankInfo', transformer.id);
  if (out.first(bank))
    writer.resource('PowerTransformer', bank, {
      'IdentifiedObject.name': bankName,
      'Equipment.EquipmentContainer': { ref: out.container },
    });
  writer.resource(
    'TransformerTank',
    tank,
    {
      ...out.equipment(transformer),
      'TransformerTank.PowerTransformer': { ref: bank },
      'TransformerTank.TransformerTankInfo': { ref: info },
    },
    { ...exactWhole(transformer), bank: transformer.bank ?? null },
  );
  // Terminals belong to the bank; whose they are follows from the ends.
  out.terminals(transformer, bank);
  writer.resource('TransformerTankInfo', info, { 'IdentifiedObject.name': `${transformer.name}_info` });
  for (const [index, end] of transformer.ends.entries()) {
    const phases = orderedPhases(transformer, index);
    writer.resource(
      'TransformerTankEnd',
      endId(transformer, index),
      {
        ...endCommon(out, transformer, index),
        'TransformerTankEnd.TransformerTank': { ref: tank },
        'TransformerTankEnd.orderedPhases': { choice: `OrderedPhaseCodeKind.${phases.join('')}` },
      },
      exactOf(end),
    );
    writer.resource('TransformerEndInfo', infoId(transformer, index), {
      'IdentifiedObject.name': `${transformer.name}_info_${index + 1}`,
      'TransformerEndInfo.TransformerTankInfo': { ref: info },
      'TransformerEndInfo.endNumber': index + 1,
      'TransformerEndInfo.connectionKind': {
        choice: `WindingConnection.${transformer.phaseCount === 1 ? 'I' : windingKind(end)}`,
      },
      'TransformerEndInfo.ratedU': end.ratedVoltageV,
      'TransformerEndInfo.ratedS': end.ratedPowerVa,
      'TransformerEndInfo.r': end.resistancePu * ohmBase(end),
      'TransformerEndInfo.phaseAngleClock': phases[0] === 'N' ? 6 : 0,
    });
  }
  writeTests(out, transformer);
}

const infoId = (transformer: PowerTransformer, index: number): string =>
  madeMrid('TransformerEndInfo', `${transformer.id} ${index + 1}`);

function orderedPhases({ terminals, ends }: PowerTransformer, index: number): Phase[] {
  const phases = [...(terminals[index]?.phases ?? [])];
  const isGroundedLast = ends[index]?.connection === 'wye' && phases[0] !== 'N';
  return isGroundedLast ? [...phases, 'N'] : phases;
}

function writeTests(out: CimExport, transformer: PowerTransformer): void {
  const [first] = transformer.ends;
  if (first === undefined) return;
  const { noLoadLossPu, magnetisingPu } = transformer;
  out.writer.resource('NoLoadTest', madeMrid('NoLoadTest', transformer.id), {
    'NoLoadTest.EnergisedEnd': { ref: infoId(transformer, 0) },
    'NoLoadTest.energisedEndVoltage': first.ratedVoltageV,
    'NoLoadTest.loss': (noLoadLossPu * first.ratedPowerVa) / 1_000,
    'NoLoadTest.excitingCurrent': 100 * Math.hypot(noLoadLossPu, magnetisingPu),
  });
  for (const { from, to, reactancePu } of pairs(transformer)) {
    const [one, other] = [transformer.ends[from], transformer.ends[to]];
    if (one === undefined || other === undefined) continue;
    const resistancePu = one.resistancePu + other.resistancePu;
    out.writer.resource('ShortCircuitTest', madeMrid('ShortCircuitTest', `${transformer.id} ${from} ${to}`), {
      'ShortCircuitTest.EnergisedEnd': { ref: infoId(transformer, from) },
      'ShortCircuitTest.GroundedEnds': { ref: infoId(transformer, to) },
      'ShortCircuitTest.leakageImpedance': Math.hypot(resistancePu, reactancePu) * ohmBase(one),
      'ShortCircuitTest.loss': (resistancePu * one.ratedPowerVa) / 1_000,
      'TransformerTest.basePower': one.ratedPowerVa,
    });
  }
}

function writeTapChanger(
  out: CimExport,
  transformer: PowerTransformer,
  { tapChanger, ratedVoltageV }: TransformerEnd,
  index: number,
): void {
  if (tapChanger === undefined) return;
  const { control } = tapChanger;
  const controlId = madeMrid('TapChangerControl', `${transformer.id} ${index + 1}`);
  out.writer.resource('RatioTapChanger', madeMrid('RatioTapChanger', `${transformer.id} ${index + 1}`), {
    'IdentifiedObject.name': transformer.name,
    'RatioTapChanger.TransformerEnd': { ref: endId(transformer, index) },
    'RatioTapChanger.stepVoltageIncrement': tapChanger.stepPu * 100,
    'TapChanger.lowStep': tapChanger.lowStep,
    'TapChanger.highStep': tapChanger.highStep,
    'TapChanger.neutralStep': tapChanger.neutralStep,
    'TapChanger.normalStep': tapChanger.neutralStep,
    'TapChanger.neutralU': ratedVoltageV,
    'TapChanger.step': tapChanger.step,
    'TapChanger.controlEnabled': control?.enabled ?? false,
    'TapChanger.ptRatio': control?.ptRatio,
    'TapChanger.ctRating': control?.ctPrimaryA,
    'TapChanger.initialDelay': control?.delayS,
    'TapChanger.subsequentDelay': control?.tapDelayS,
    'TapChanger.TapChangerControl': control === undefined ? undefined : { ref: controlId },
  });
  if (control === undefined) return;
  const { maxTapChange, maxVoltageV, remoteNode, reverse, lineDropRV, lineDropXV, enabled, monitoredPhase } = control;
  out.writer.resource(
    'TapChangerControl',
    controlId,
    {
      'IdentifiedObject.name': control.name,
      'RegulatingControl.enabled': enabled,
      'RegulatingControl.mode': { choice: 'RegulatingControlModeKind.voltage' },
      'RegulatingControl.targetValue': control.targetV,
      'RegulatingControl.targetDeadband': control.bandwidthV,
      'RegulatingControl.monitoredPhase':
        monitoredPhase === undefined ? undefined : { choice: `PhaseCode.${monitoredPhase}` },
      'RegulatingControl.Terminal': { ref: out.terminalOf('PowerTransformer', transformer.id, index + 1) },
      'TapChangerControl.lineDropCompensation': lineDropRV !== undefined || lineDropXV !== undefined,
      'TapChangerControl.lineDropR': lineDropRV,
      'TapChangerControl.lineDropX': lineDropXV,
      'TapChangerControl.reversible': reverse !== undefined,
    },
    { maxTapChange, maxVoltageV, remoteNode, reverse },
  );
}
