import type { DeviceKey } from './device-key.ts';
import type { Twin } from './twins.ts';

type Parts = {
  /** Of the devices that gateways carry. */
  twins: () => Iterable<Pick<Twin, 'key'> & { readonly birth: Pick<Twin['birth'], 'kind' | 'serialNumber'> }>;
  /** As ordered; absent: nobody entered one. */
  orderedSerial: (deviceKey: DeviceKey) => string | undefined;
};

/**
 * Which device is the meter of this number. Lists of meters know numbers, gateways know devices, and the serial number joins them: as it was ordered, or
 * as the device tells it where nothing was. A number that two devices claim names neither, for values under a wrong name are worse than none; each
 * then goes by its key, `<gateway>.<device>`, which always names it.
 */
export class MeterDirectory {
  readonly #parts: Parts;
  #byName: ReadonlyMap<string, DeviceKey> | undefined;
  #names: ReadonlyMap<DeviceKey, string> = new Map();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A birth or an order may have changed it. */
  changed(): void {
    this.#byName = undefined;
  }

  deviceOf(name: string): DeviceKey | undefined {
    return this.#looked().get(name);
  }

  /** Undefined: it is no meter. */
  nameOf(deviceKey: DeviceKey): string | undefined {
    this.#looked();
    return this.#names.get(deviceKey);
  }

  /** All meters: name and device. */
  all(): Iterable<readonly [string, DeviceKey]> {
    this.#looked();
    return [...this.#names].map(([key, name]) => [name, key] as const);
  }

  #looked(): ReadonlyMap<string, DeviceKey> {
    if (this.#byName !== undefined) return this.#byName;
    const claims = new Map<string, DeviceKey[]>();
    const meters: DeviceKey[] = [];
    for (const { key, birth } of this.#parts.twins()) {
      if (birth.kind !== 'meter') continue;
      meters.push(key);
      const ordered = this.#parts.orderedSerial(key);
      // Who says another number than was ordered is not believed.
      const claimed = ordered ?? birth.serialNumber;
      if (claimed === undefined || claimed === '') continue;
      claims.set(claimed, [...(claims.get(claimed) ?? []), key]);
    }
    const byName = new Map<string, DeviceKey>();
    const names = new Map<DeviceKey, string>();
    for (const [claimed, keys] of claims) {
      const [first, second] =
        keys.length === 1 ? keys : keys.filter((key) => this.#parts.orderedSerial(key) === claimed);
      if (first === undefined || second !== undefined) continue;
      byName.set(claimed, first);
      names.set(first, claimed);
    }
    for (const key of meters) {
      byName.set(key, key);
      if (!names.has(key)) names.set(key, key);
    }
    this.#names = names;
    this.#byName = byName;
    return byName;
  }
}
