import type { DeviceModel } from '@tiepoint/hardware-profiles';
import { deviceLimits } from '@tiepoint/protocol';
import type { DeviceBirth, DeviceLimits } from '@tiepoint/protocol';

/** How the device reports, from the gateway's file or the head-end's configuration. */
export type ReportSettings = Pick<DeviceBirth, 'periodMs' | 'reporting'> & {
  readonly heartbeatMs: number;
  readonly thresholdsPct: readonly number[];
  readonly hysteresisPct: number;
  readonly intervalS: number;
  readonly switchedBy?: string | undefined;
  readonly title?: string | undefined;
};

/**
 * How a device introduces itself. A rating that no message can carry is a mistake of the device or of the file: it is left out,
 * and named in `leftOut`, so that the rest is still told.
 */
export function composeBirth(
  model: DeviceModel,
  settings: ReportSettings,
  stamp: Pick<DeviceBirth, 'session' | 'timeMs' | 'nextSeq' | 'readOnly'>,
): { birth: DeviceBirth; leftOut: readonly string[] } {
  const { identity, profile } = model;
  const { limits, leftOut } = tellable(model.limits);
  const { periodMs, reporting, thresholdsPct, hysteresisPct, heartbeatMs, switchedBy, title, intervalS } = settings;
  const birth: DeviceBirth = {
    ...stamp,
    kind: profile.kind,
    profile: profile.name,
    profileHash: model.profileHash,
    capabilities: model.capabilities,
    commands: model.commands,
    limits,
    periodMs,
    reporting,
    thresholdsPct,
    hysteresisPct,
    heartbeatMs: reporting === 'by-exception' ? heartbeatMs : undefined,
    switchedBy,
    title,
    intervalS: profile.kind === 'meter' ? intervalS : undefined,
    manufacturer: identity.manufacturer ?? profile.make,
    model: identity.model ?? profile.model,
    serialNumber: identity.serialNumber,
    deviceFirmware: identity.firmware,
  };
  return { birth, leftOut };
}

function tellable(limits: DeviceLimits): { limits: DeviceLimits; leftOut: readonly string[] } {
  const all = Object.entries(limits);
  const fits = all.filter(([name, value]) => deviceLimits.encode({ [name]: value }) !== undefined);
  const told = new Set(fits.map(([name]) => name));
  return {
    limits: Object.fromEntries(fits),
    leftOut: all.flatMap(([name, value]) => (told.has(name) || value === undefined ? [] : [name])),
  };
}
