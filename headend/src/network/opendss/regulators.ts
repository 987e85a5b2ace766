import type { RegulatingControl } from '../model/regulating-control.ts';
import type { Phase } from '../model/phase.ts';
import { busTerminal } from './buses.ts';
import type { DssImport } from './dss-import.ts';
import { ObjectReader } from './object-reader.ts';

export type RegulatorSettings = {
  readonly winding: number;
  /** Where the control says which tap it is on. */
  readonly step?: number;
  readonly control: RegulatingControl;
};

/** By name of the transformer, in lower case. */
export function readRegulators(dss: DssImport): Map<string, RegulatorSettings[]> {
  const regulators = new Map<string, RegulatorSettings[]>();
  for (const object of dss.book.all('regcontrol')) {
    const reader = new ObjectReader(object, dss.report);
    const target = reader.text('transformer') ?? '';
    const winding = reader.number('tapwinding') ?? reader.number('winding') ?? 1;
    const step = reader.number('tapnum');
    const control = controlOf(dss, reader);
    reader.ask(['winding', 'debugtrace', 'eventlog']);
    reader.done();
    const key = target.replace(/^transformer\./i, '').toLowerCase();
    if (dss.book.find('transformer', key) === undefined) {
      reader.tell('error', 'no-object', `what it regulates, ${target}, is no transformer here`);
      continue;
    }
    const settings = { winding, control, ...(step === undefined ? {} : { step }) };
    regulators.set(key, [...(regulators.get(key) ?? []), settings]);
  }
  return regulators;
}

function controlOf(dss: DssImport, reader: ObjectReader): RegulatingControl {
  const remote = reader.text('bus');
  const at = remote === undefined ? undefined : busTerminal(remote, 1);
  const [ctPrimaryA, lineDropRV, lineDropXV] = [reader.number('ctprim'), reader.number('r'), reader.number('x')];
  const maxVoltageV = reader.number('vlimit');
  const monitoredPhase = phaseOf(reader);
  const reverse = reverseOf(reader);
  return {
    name: reader.object.name,
    enabled: reader.enabled,
    targetV: reader.number('vreg') ?? 120,
    bandwidthV: reader.number('band') ?? 3,
    ptRatio: reader.number('ptratio') ?? 60,
    ...(ctPrimaryA === undefined ? {} : { ctPrimaryA }),
    ...(lineDropRV === undefined ? {} : { lineDropRV }),
    ...(lineDropXV === undefined ? {} : { lineDropXV }),
    ...(monitoredPhase === undefined ? {} : { monitoredPhase }),
    ...(at === undefined ? {} : { remoteNode: dss.buses.id(at.bus, reader.object.place) }),
    delayS: reader.number('delay') ?? 15,
    tapDelayS: reader.number('tapdelay') ?? 2,
    maxTapChange: reader.number('maxtapchange') ?? 16,
    ...(maxVoltageV === undefined || maxVoltageV === 0 ? {} : { maxVoltageV }),
    ...(reverse === undefined ? {} : { reverse }),
  };
}

/** `max` and `min` look at all phases: no single one is monitored then. */
function phaseOf(reader: ObjectReader): Phase | undefined {
  const text = reader.text('ptphase');
  return text === undefined ? undefined : (['A', 'B', 'C'] as const)[Number(text) - 1];
}

function reverseOf(reader: ObjectReader): RegulatingControl['reverse'] {
  const reversible = reader.yes('reversible');
  const [targetV, bandwidthV] = [reader.number('revvreg') ?? 120, reader.number('revband') ?? 3];
  const [lineDropRV, lineDropXV] = [reader.number('revr'), reader.number('revx')];
  const thresholdKw = reader.number('revthreshold') ?? 100;
  const delayS = reader.number('revdelay') ?? 60;
  const toNeutral = reader.yes('revneutral');
  if (!reversible) return undefined;
  return {
    targetV,
    bandwidthV,
    ...(lineDropRV === undefined ? {} : { lineDropRV }),
    ...(lineDropXV === undefined ? {} : { lineDropXV }),
    thresholdW: thresholdKw * 1_000,
    delayS,
    ...(toNeutral ? { toNeutral } : {}),
  };
}
