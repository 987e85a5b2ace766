import type { ShuntControl } from '../model/regulating-control.ts';
import type { DssImport } from './dss-import.ts';
import { idOf, ObjectReader } from './object-reader.ts';
import { classNamed } from './property-names.ts';

/** By name of the capacitor, in lower case. */
export type CapacitorControls = ReadonlyMap<string, ShuntControl>;

export function readCapacitorControls(dss: DssImport): CapacitorControls {
  const controls = new Map<string, ShuntControl>();
  for (const object of dss.book.all('capcontrol')) {
    const reader = new ObjectReader(object, dss.report);
    const target = (reader.text('capacitor') ?? '').replace(/^capacitor\./i, '');
    const control = controlOf(dss, reader);
    reader.ask(['eventlog']);
    reader.done();
    if (dss.book.find('capacitor', target) === undefined)
      reader.tell('error', 'no-object', `what it switches, ${target}, is no capacitor here`);
    else if (control !== undefined) controls.set(target.toLowerCase(), control);
  }
  return controls;
}

function controlOf(dss: DssImport, reader: ObjectReader): ShuntControl | undefined {
  const written = (reader.text('type') ?? 'current').toLowerCase();
  const mode = modeOf(written);
  if (mode === undefined) {
    reader.tell('error', 'not-understood', `type=${written} is not understood: the capacitor stays without control`);
    return undefined;
  }
  // kvar to var; the other quantities are in their own units.
  const scale = mode === 'reactivePower' ? 1_000 : 1;
  const monitored = monitoredOf(dss, reader);
  const override = reader.yes('voltoverride');
  const [maxV, minV] = [reader.number('vmax') ?? 126, reader.number('vmin') ?? 115];
  return {
    name: reader.object.name,
    enabled: reader.enabled,
    mode,
    ...(monitored === undefined ? {} : { monitored }),
    on: (reader.number('onsetting') ?? 300) * scale,
    off: (reader.number('offsetting') ?? 200) * scale,
    ptRatio: reader.number('ptratio') ?? 60,
    ctRatio: reader.number('ctratio') ?? 60,
    ...(override ? { voltageOverride: { minV, maxV } } : {}),
    delayOnS: reader.number('delay') ?? 15,
    delayOffS: reader.number('delayoff') ?? 15,
    deadTimeS: reader.number('deadtime') ?? 300,
  };
}

function modeOf(written: string): ShuntControl['mode'] | undefined {
  if (written.startsWith('c')) return 'current';
  if (written.startsWith('v')) return 'voltage';
  if (written.startsWith('k')) return 'reactivePower';
  if (written.startsWith('t')) return 'time';
  return written.startsWith('p') ? 'powerFactor' : undefined;
}

function monitoredOf(dss: DssImport, reader: ObjectReader): ShuntControl['monitored'] {
  const element = reader.text('element');
  const terminal = reader.number('terminal') ?? 1;
  const phase = reader.text('ctphase') ?? reader.text('ptphase');
  if (element === undefined) return undefined;
  const [kind = '', ...name] = element.split('.');
  const found = classNamed(kind);
  const object = found.kind === 'carried' ? dss.book.find(found.name, name.join('.')) : undefined;
  if (object === undefined) {
    reader.tell('error', 'no-object', `what it watches, ${element}, is not here`);
    return undefined;
  }
  const watched = phase === undefined ? undefined : (['A', 'B', 'C'] as const)[Number(phase) - 1];
  return { equipment: idOf(object), terminal, ...(watched === undefined ? {} : { phase: watched }) };
}
