import { mayCommand } from '@tiepoint/protocol';
import type { CommandParameters, DeviceView, Verdict } from '@tiepoint/protocol';
import type { CommandOffer, DeviceDetail, FleetRow } from '../../../src/api/contract.ts';

/** What the console knows of a device, as the rules of the protocol ask for it. */
export function deviceViewOf(row: FleetRow, birth: DeviceDetail['birth']): DeviceView {
  const { activeCommandId, activeCommandKind, tagOwner } = row;
  return {
    deviceId: row.deviceId,
    kind: row.kind,
    capabilities: row.capabilities,
    commands: birth?.commands ?? [],
    limits: birth?.limits ?? {},
    readOnly: row.readOnly,
    liveness: row.stale && row.liveness === 'live' ? 'late' : row.liveness,
    measured: row,
    tag: tagOwner === undefined ? undefined : { owner: tagOwner, cause: row.tagCause ?? '' },
    active:
      activeCommandId === undefined || activeCommandKind === undefined
        ? undefined
        : { id: activeCommandId, kind: activeCommandKind },
  };
}

/**
 * May the button be pressed? The head-end's word, except that what only lacks its parameters may be pressed to give them, and
 * that nothing may be pressed without a connection.
 */
export function mayPress(offer: CommandOffer, linkUp: boolean): Verdict {
  if (!linkUp)
    return {
      ok: false,
      reason: 'link-down',
      say: 'No connection to the head-end: nothing can be commanded from here.',
    };
  if (!offer.may.ok && offer.may.reason === 'invalid' && offer.parameters.length > 0) return { ok: true };
  return offer.may;
}

/** The same rule with the parameters filled in, asked here before the head-end asks it again. */
export function mayWith(
  row: FleetRow,
  birth: DeviceDetail['birth'],
  offer: CommandOffer,
  parameters: CommandParameters,
): Verdict {
  return mayCommand(deviceViewOf(row, birth), offer.kind, parameters);
}
