import { identify } from '@tiepoint/hardware-profiles';
import type { DeviceModel, Profile } from '@tiepoint/hardware-profiles';
import type { Result } from '@tiepoint/protocol';
import type { ReadBus } from './bus/bus.ts';
import type { DeviceSettings } from './configuration.ts';
import { outcomeOf } from './device-reader.ts';

/** Who answers there? `undefined`: nothing can be said, for the bus is crowded or the device was stopped. */
export async function identifyAt(
  { profile, reader }: { readonly profile: Profile; readonly reader: ReadBus },
  { unit, limits, confirmed }: Pick<DeviceSettings, 'unit' | 'limits' | 'confirmed'>,
  isStopped: () => boolean,
): Promise<Result<DeviceModel> | undefined> {
  const machine = identify(profile, limits, confirmed);
  let step = machine.next();
  while (step.done !== true) {
    const { table } = step.value;
    const maxQuantity = table === 'holding' || table === 'input' ? (profile.maxRegisters ?? 125) : 2000;
    const read = await reader.read({ unit, maxQuantity, ...step.value }, 'poll');
    // A crowded bus says nothing about the device.
    if (isStopped() || (!read.ok && read.reason === 'queue-full')) return undefined;
    step = machine.next(outcomeOf(read));
  }
  return step.value;
}
