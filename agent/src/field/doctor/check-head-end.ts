import type { Assignment, OrderedDevice } from '@tiepoint/protocol/field';
import type { DeviceSettings } from '../../io/configuration.ts';
import type { GatewayTls } from '../../io/keys/gateway-identity.ts';
import { HeadEndClient } from '../commission/head-end-client.ts';
import { orderedRatings, ratingFits } from '../commission/nameplate.ts';
import type { SeenDevice } from './check-buses.ts';
import type { Finding } from './finding.ts';
import { judgeClock } from './machine-judgement.ts';

/** Whether the head-end's field API answers this gateway, what its clock says, and whether the devices are those that were ordered. */
export async function checkHeadEnd(
  url: string,
  tls: GatewayTls,
  { devices, seen }: { devices: readonly DeviceSettings[]; seen: readonly SeenDevice[] },
): Promise<readonly Finding[]> {
  const beganMs = performance.now();
  const askedAtMs = Date.now();
  const answer = await new HeadEndClient(url, tls).assignment();
  const tookMs = performance.now() - beganMs;
  if (!answer.ok) {
    const todo =
      answer.status === 401
        ? 'The head-end does not take this certificate: enroll the gateway anew, `tiepoint-agent enroll`.'
        : 'Commissioning needs it; the gateway itself does not.';
    return [{ id: 'head-end', about: url, outcome: answer.status === 401 ? 'bad' : 'warning', say: answer.say, todo }];
  }
  const { site, siteState, nowMs, missing } = answer.value;
  const state: Finding = {
    id: 'head-end',
    about: url,
    outcome: 'ok',
    say: `site ${site.id} is ${siteState.replace('-', ' ')}${missing.length === 0 ? '' : `; missing: ${missing.join(' ')}`} (answered in ${Math.round(tookMs)} ms)`,
    measured: { siteState, tookMs: Math.round(tookMs) },
  };
  const clock = judgeClock({
    offsetMs: askedAtMs + tookMs / 2 - nowMs,
    uncertainMs: tookMs / 2,
    by: "the head-end's field API",
  });
  return [state, clock, ...judgeOrder(answer.value, { devices, seen })];
}

/** Compares what was ordered with the configuration and with what the devices say of themselves. What was not said is not compared. */
export function judgeOrder(
  { devices: ordered }: Pick<Assignment, 'devices'>,
  {
    devices,
    seen,
  }: { devices: readonly Pick<DeviceSettings, 'id' | 'profile' | 'unit'>[]; seen: readonly SeenDevice[] },
): readonly Finding[] {
  const wrong: string[] = [];
  for (const { ordered: order } of ordered) wrong.push(...differences(order, devices, seen));
  for (const { id } of devices)
    if (!ordered.some(({ ordered: order }) => order.deviceId === id)) wrong.push(`${id} was not ordered`);
  if (wrong.length > 0)
    return [
      {
        id: 'order',
        outcome: 'warning',
        say: wrong.join('; '),
        todo: 'Correct the configuration, or have the order corrected at the head-end.',
      },
    ];
  return [{ id: 'order', outcome: 'ok', say: `${devices.length} devices as they were ordered` }];
}

function differences(
  order: OrderedDevice,
  devices: readonly Pick<DeviceSettings, 'id' | 'profile' | 'unit'>[],
  seen: readonly SeenDevice[],
): readonly string[] {
  const { deviceId } = order;
  const configured = devices.find(({ id }) => id === deviceId);
  if (configured === undefined) return [`${deviceId} was ordered, and is not in the configuration`];
  const own = seen.find(({ id }) => id === deviceId);
  const pairs = [
    ['profile', order.profile, configured.profile],
    ['unit', order.unit, configured.unit],
    ['serial number', order.serialNumber, own?.serialNumber],
  ] as const;
  const ratings = orderedRatings.flatMap(({ name, words, unit }) => {
    const [wanted, is] = [order[name], own?.toldLimits?.[name]];
    return wanted === undefined || is === undefined || ratingFits(is, wanted)
      ? []
      : [`${deviceId} tells ${words} ${is} ${unit}, ordered was ${wanted} ${unit}`];
  });
  const others = pairs.flatMap(([what, wanted, is]) =>
    wanted === undefined || is === undefined || wanted === is
      ? []
      : [`${deviceId} has ${what} ${is}, ordered was ${wanted}`],
  );
  return [...others, ...ratings];
}
