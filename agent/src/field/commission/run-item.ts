import type { Profile } from '@tiepoint/hardware-profiles';
import { awaitIdentified } from './item-context.ts';
import type { DeviceContext, ItemContext } from './item-context.ts';
import { interrupted } from './judgement.ts';
import type { Judgement } from './judgement.ts';
import { cadence, linkLoss, threshold } from './line-items.ts';
import { ct, enterService, ident, nameplate, plausibility, syncSettings } from './looking-items.ts';
import { limit, relays, startStop, switchOver } from './moving-items.ts';
import type { ItemKind } from './plan.ts';
import { syncCheck, synchronise } from './sync-items.ts';

type OfGateway = 'link-loss' | 'cadence';

const ofDevice: Readonly<Record<Exclude<ItemKind, OfGateway>, (context: DeviceContext) => Promise<Judgement>>> = {
  ident,
  nameplate,
  plausibility,
  ct,
  'enter-service': enterService,
  'sync-settings': syncSettings,
  switch: switchOver,
  relays,
  'start-stop': startStop,
  'sync-check': syncCheck,
  synchronise,
  limit,
  threshold,
};

/** Does one item. `profile`: of its device. */
export async function runItem(context: ItemContext, profile: Profile | undefined): Promise<Judgement> {
  const { item, devices } = context;
  if (item.kind === 'link-loss' || item.kind === 'cadence') {
    const absent = await awaitIdentified(
      context,
      devices.map(({ id }) => id),
    );
    if (context.signal.aborted) return interrupted;
    if (absent.length > 0)
      return {
        outcome: 'failed',
        say: `${absent.join(', ')}: not identified, so nothing of it can arrive at the head-end. Its first item comes first.`,
        measured: [],
      };
    return item.kind === 'cadence' ? await cadence(context) : await linkLoss(context);
  }
  const device = devices.find(({ id }) => id === item.deviceId);
  if (device === undefined || profile === undefined) throw new Error(`${item.id} has no device`);
  // A gateway that was opened a moment ago may still be asking who is there.
  if (item.kind !== 'ident') await awaitIdentified(context, [device.id]);
  return await ofDevice[item.kind]({ ...context, device, profile });
}
