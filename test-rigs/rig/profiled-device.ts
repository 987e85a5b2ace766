import type { LayOut, Profile } from '@tiepoint/hardware-profiles';
import { BehavingDevice } from '../devices/behaviours/behaving-device.ts';
import { ProfiledBehaviour } from '../devices/behaviours/profiled-behaviour.ts';
import type { FaultPlan } from '../devices/faults.ts';

export type ProfiledDeviceOptions = {
  readonly id: string;
  readonly unit: number;
  readonly profile: Profile;
  /** The plan of the port that it is served on. */
  readonly wire: FaultPlan;
  readonly layOut?: LayOut;
  readonly seed?: number;
  /** Where it is served, as configured: no two devices have one serial number. */
  readonly place?: string;
  readonly ratedW?: number | undefined;
};

/** A device of any profile that behaves, from its profile alone; ready to be served. */
export function profiledDevice(options: ProfiledDeviceOptions): {
  readonly device: BehavingDevice;
  readonly behaviour: ProfiledBehaviour;
} {
  const { id, unit, profile, wire, seed = 1, place = '' } = options;
  const behaviour = new ProfiledBehaviour(options);
  const device = new BehavingDevice({
    id,
    unit,
    profile,
    wire,
    behaviour,
    ...(options.layOut === undefined ? {} : { layOut: options.layOut }),
    nameplate: behaviour.nameplate([profile.name, place, unit, id, seed].join('/')),
    advance: (nowMs) => behaviour.advance(nowMs),
  });
  device.prepare();
  return { device, behaviour };
}
