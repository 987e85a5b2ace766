import { numberPoints, wordPoints } from '@tiepoint/protocol';
import type { CommandKind, DeviceView, Measured, Status } from '@tiepoint/protocol';
import type { Twin } from './twins.ts';

const measuredPoints: ReadonlySet<string> = new Set([
  ...Object.keys(numberPoints),
  ...Object.keys(wordPoints),
  'alarms',
]);

export type Restraint = {
  readonly tag?: { readonly owner: string; readonly cause: string } | undefined;
  readonly active?: { readonly id: string; readonly kind: CommandKind } | undefined;
};

/** The twin as the rules of the protocol ask for it. */
export function deviceView(twin: Twin, { tag, active }: Restraint): DeviceView {
  const { deviceId, birth, liveness, status } = twin;
  const { kind, capabilities, commands, limits, readOnly } = birth;
  const measured = status === undefined ? {} : measuredOf(status);
  return { deviceId, kind, capabilities, commands, limits, readOnly, liveness, measured, tag, active };
}

function measuredOf(status: Status): Measured {
  return Object.fromEntries(Object.entries(status).filter(([point]) => measuredPoints.has(point)));
}
