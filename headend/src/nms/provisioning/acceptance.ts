import type { DeviceBirth, GatewayBirth } from '@tiepoint/protocol';
import type { CommissioningReport } from '@tiepoint/protocol/field';
import type { Acceptance, DeviceOrder } from '../../store/provisioning-store.ts';
import { openItems } from './demanded-items.ts';

/** What a gateway and its devices say of themselves. */
export type BornThere = {
  readonly online: boolean;
  readonly gateway: GatewayBirth | undefined;
  readonly device: (deviceId: string) => DeviceBirth | undefined;
};

export type ReportJudged = { readonly against: readonly string[]; readonly acceptance: Acceptance | undefined };

/**
 * May the gateway go into service by this report? Only when it passed, covers every device that was ordered, and says of
 * configuration, profiles and serial numbers what the births say. Every reason against it.
 */
export function judgeReport(
  report: CommissioningReport,
  { gatewayId, siteId, orders, born, demonstration, fellAfterMs, nowMs }: ReportCase,
): ReportJudged {
  const against: string[] = [];
  if (report.verdict !== 'passed' && report.verdict !== 'passed-with-reservations')
    against.push(`The report's verdict is ${report.verdict}.`);
  if (report.emulated === true && !demonstration)
    against.push('The report is of emulated devices, and this head-end was not started for demonstration.');
  if (report.gateway.id !== gatewayId) against.push(`The report is of gateway ${report.gateway.id}.`);
  if (report.site.id !== undefined && report.site.id !== siteId)
    against.push(`The report is of site ${report.site.id}.`);
  const { configurationHash } = report.gateway;
  if (born.gateway === undefined || !born.online)
    against.push(`${gatewayId} is not on line, so its report cannot be held against what it says of itself.`);
  else if (born.gateway.configurationHash !== configurationHash)
    against.push(
      `The report is of configuration ${configurationHash}; ${gatewayId} runs ${born.gateway.configurationHash ?? 'one without a hash'}.`,
    );
  const stale = fellAfterMs === undefined ? [] : report.items.filter((item) => isDoneBefore(item, fellAfterMs));
  if (stale.length > 0)
    against.push(
      `${stale.length} of its items, ${stale[0]?.id} the first, were done before ${gatewayId} fell out of service, and say nothing of what is there now: do all again (\`tiepoint-agent commission --redo all\`).`,
    );
  const births = orders.flatMap(({ deviceId }) => {
    const birth = born.device(deviceId);
    return birth === undefined ? [] : [{ deviceId, birth }];
  });
  const open = report.emulated === true ? [] : openItems(report.items, births);
  if (open.length > 0) against.push(`The report leaves open what is asked of every site: ${open.join(', ')}.`);
  if (orders.length === 0) against.push(`No device was ordered for ${gatewayId}.`);
  const devices = orders.flatMap((order) => {
    const judged = judgeDevice(report, order, born.device(order.deviceId), born.gateway?.session);
    if (typeof judged === 'string') against.push(judged);
    return typeof judged === 'string' ? [] : [judged];
  });
  if (against.length > 0) return { against, acceptance: undefined };
  const acceptance: Acceptance = {
    gatewayId,
    siteId,
    reportId: report.id,
    acceptedAtMs: nowMs,
    emulated: report.emulated === true,
    configurationHash,
    devices,
  };
  return { against, acceptance };
}

type ReportCase = {
  readonly gatewayId: string;
  readonly siteId: string;
  readonly orders: readonly DeviceOrder[];
  readonly born: BornThere;
  readonly demonstration: boolean;
  /** The gateway fell out of service after a report that was finished then, by the gateway's clock, as the items' times are. */
  readonly fellAfterMs?: number;
  readonly nowMs: number;
};

const isDoneBefore = ({ outcome, atMs }: CommissioningReport['items'][number], ms: number): boolean =>
  outcome === 'passed' && atMs < ms;

function judgeDevice(
  report: CommissioningReport,
  order: DeviceOrder,
  birth: DeviceBirth | undefined,
  session: number | undefined,
): Acceptance['devices'][number] | string {
  const { deviceId } = order;
  const found = report.devices.find(({ id }) => id === deviceId);
  if (found === undefined) return `${deviceId} is not in the report.`;
  if (!report.items.some((item) => item.deviceId === deviceId && item.outcome === 'passed'))
    return `Nothing that passed in the report is about ${deviceId}.`;
  if (birth === undefined || birth.session !== session) return `${deviceId} has not introduced itself.`;
  const { profile, profileHash, serialNumber } = birth;
  if (found.profileHash !== profileHash || found.profile !== profile)
    return `The report has ${deviceId} with profile ${found.profile} (${found.profileHash}); it runs ${profile} (${profileHash}).`;
  const differs = differencesOf(order, birth).find(({ stands }) => stands);
  if (differs !== undefined) return differs.say;
  if (found.serialNumber !== undefined && found.serialNumber !== serialNumber)
    return `The report has ${deviceId} with serial number ${found.serialNumber}; it says ${serialNumber ?? 'none'}.`;
  return { deviceId, profile, profileHash, serialNumber };
}

/** Where what was born is not what was ordered. `stands`: it keeps the site out of service; else a person judges it. */
export function differencesOf(
  order: DeviceOrder,
  birth: DeviceBirth,
): readonly { readonly stands: boolean; readonly say: string }[] {
  const { deviceId } = order;
  const of = (what: string, ordered: string | undefined, is: string | undefined, stands: boolean) =>
    ordered === undefined || ordered === is || (!stands && plain(ordered) === plain(is))
      ? []
      : [
          {
            stands,
            say: `${deviceId} was ordered with ${what} ${ordered}, and ${is === undefined ? 'does not tell it' : `says ${is}`}.`,
          },
        ];
  const { limits } = birth;
  const above = (what: string, ordered: number | undefined, is: number | undefined, unit: string) =>
    ordered === undefined || is === undefined || Math.abs(is - ordered) <= 0.01 * ordered
      ? []
      : [{ stands: false, say: `${deviceId} was ordered with ${what} ${ordered} ${unit}, and says ${is} ${unit}.` }];
  return [
    ...of('profile', order.profile, birth.profile, true),
    // One that does not tell its number cannot be known as another: it is for the technician to read the plate.
    ...of('serial number', order.serialNumber, birth.serialNumber, birth.serialNumber !== undefined),
    ...of('make', order.make, birth.manufacturer, false),
    ...of('model', order.model, birth.model, false),
    ...above('rated power', order.ratedPowerW, limits.ratedPowerW, 'W'),
    ...above('rated current', order.ratedCurrentA, limits.ratedCurrentA, 'A'),
  ];
}

const plain = (text: string | undefined): string => (text ?? '').toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** What has changed since the gateway went into service; undefined: nothing that is known. Devices not born now say nothing. */
export function changedSince(
  { siteId, configurationHash, devices, reportId }: Acceptance,
  orders: readonly DeviceOrder[],
  { gateway, device }: Omit<BornThere, 'online'>,
): string | undefined {
  if (gateway !== undefined && gateway.configurationHash !== configurationHash)
    return `Its configuration is ${gateway.configurationHash ?? 'without a hash'} now, and was ${configurationHash} in report ${reportId}.`;
  for (const { deviceId, profile, serialNumber: ordered, siteId: enteredAt } of orders) {
    if (siteId !== undefined && enteredAt !== siteId)
      return `It is entered at site ${enteredAt} now, and was commissioned at ${siteId} in report ${reportId}.`;
    const then = devices.find((each) => each.deviceId === deviceId);
    if (then === undefined) return `${deviceId} was entered after report ${reportId}.`;
    if (profile !== then.profile)
      return `${deviceId} is ordered with profile ${profile} now, and had ${then.profile} in report ${reportId}.`;
    if (ordered !== undefined && then.serialNumber !== undefined && ordered !== then.serialNumber)
      return `${deviceId} is ordered with serial number ${ordered} now, and had ${then.serialNumber} in report ${reportId}.`;
  }
  for (const then of devices) {
    const birth = device(then.deviceId);
    if (birth === undefined) continue;
    if (birth.profile !== then.profile || birth.profileHash !== then.profileHash)
      return `${then.deviceId} runs profile ${birth.profile} (${birth.profileHash}) now, and had ${then.profile} (${then.profileHash}) in report ${reportId}.`;
    if (birth.serialNumber !== then.serialNumber)
      return `${then.deviceId} has ${numberOf(birth.serialNumber)} now, and had ${numberOf(then.serialNumber)} in report ${reportId}: was it exchanged?`;
  }
  return undefined;
}

const numberOf = (serialNumber: string | undefined): string =>
  serialNumber === undefined ? 'no readable serial number' : `serial number ${serialNumber}`;
