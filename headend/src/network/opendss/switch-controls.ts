import type { SwitchType } from '../model/equipment.ts';
import type { DssClass } from './property-names.ts';
import type { ObjectBook } from './object-book.ts';
import { ObjectReader } from './object-reader.ts';
import type { ImportReport } from './object-reader.ts';

/** What a control at a line makes of it. */
export type SwitchControl = {
  readonly type: SwitchType;
  readonly open?: boolean;
  readonly normalOpen?: boolean;
  readonly ratedCurrentA?: number;
};

const types: Readonly<Record<'swtcontrol' | 'fuse' | 'recloser' | 'relay', SwitchType>> = {
  swtcontrol: 'LoadBreakSwitch',
  fuse: 'Fuse',
  recloser: 'Recloser',
  relay: 'Breaker',
};

/** By name of the line, in lower case. Where several stand at one line, the one that protects says what it is. */
export function switchControls(book: ObjectBook, report: ImportReport): Map<string, SwitchControl> {
  const controls = new Map<string, SwitchControl>();
  for (const kind of ['swtcontrol', 'fuse', 'recloser', 'relay'] as const satisfies readonly DssClass[]) {
    for (const object of book.all(kind)) {
      const reader = new ObjectReader(object, report);
      const target = reader.text('switchedobj') ?? reader.text('monitoredobj') ?? '';
      const control = readControl(reader, types[kind]);
      // Its curves and times are the business of protection studies.
      reader.ask(['monitoredobj', 'monitoredterm', 'switchedterm', 'lock', 'delay', 'reset']);
      reader.done();
      const [itsClass, ...name] = target.split('.');
      const key = (name.length === 0 ? target : name.join('.')).toLowerCase();
      if (!reader.enabled) continue;
      if ((name.length > 0 && itsClass?.toLowerCase() !== 'line') || book.find('line', key) === undefined)
        reader.tell('error', 'no-object', `what it switches, ${target}, is no line here`);
      else controls.set(key, { ...controls.get(key), ...control });
    }
  }
  return controls;
}

function readControl(reader: ObjectReader, type: SwitchType): SwitchControl {
  const open = isOpen(reader, 'state') ?? isOpen(reader, 'action');
  const normalOpen = isOpen(reader, 'normal') ?? open;
  const ratedCurrentA = type === 'Fuse' ? reader.number('ratedcurrent') : undefined;
  return {
    type,
    ...(open === undefined ? (normalOpen === undefined ? {} : { open: normalOpen }) : { open }),
    ...(normalOpen === undefined ? {} : { normalOpen }),
    ...(ratedCurrentA === undefined ? {} : { ratedCurrentA }),
  };
}

/** `o…` and `t…` (trip) against `c…`; of a list by phases all must agree. */
function isOpen(reader: ObjectReader, property: string): boolean | undefined {
  const words = reader.words(property)?.map((each) => each.toLowerCase());
  if (words === undefined || words.length === 0) return undefined;
  if (words.every((each) => /^[ot]/.test(each))) return true;
  if (words.every((each) => each.startsWith('c'))) return false;
  reader.tell(
    'warning',
    'unreadable-value',
    `${property}=${words.join(' ')} is neither open nor closed in all phases: closed is taken`,
  );
  return false;
}
