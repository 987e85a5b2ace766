import { formatTopic, tagList } from '@tiepoint/protocol';
import { maxContentBytes } from '@tiepoint/protocol/envelope';
import type { DeviceTag, GatewayBirth, TagList } from '@tiepoint/protocol';
import type { Tag } from '../store/store.ts';
import { splitDeviceKey } from './device-key.ts';
import type { GatewayState } from './gateway-state.ts';
import { revisionAbove } from './revision-above.ts';

export const resendEveryMs = 30_000;

type Parts = {
  publish: (topic: string, payload: Uint8Array) => void;
  /** Of all devices of a gateway. */
  tagsOf: (gatewayId: string) => readonly Tag[];
  gateways: () => Iterable<GatewayState>;
  onChange: (gatewayId: string) => void;
  /** What is tagged is not known here: nobody is told anything, and gateways keep what they have. */
  held: () => boolean;
  now: () => number;
};

/**
 * Tells every gateway what is tagged, for an agent honours tags by itself, and takes no command before it has heard them. The whole list
 * goes out under a revision, and again until the gateway's birth names it. A revision is the time of its making, and above what the
 * gateway has: so nothing of it need be kept here, and a head-end that was restored from a backup is believed.
 */
export class TagLists {
  readonly #parts: Parts;
  readonly #wanted = new Map<string, number>();
  readonly #sentAtMs = new Map<string, number>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** `told`: the gateway has the list as it is now. */
  state({ gatewayId, birth }: Pick<GatewayState, 'gatewayId' | 'birth'>): 'told' | 'pending' {
    const wanted = this.#wanted.get(gatewayId);
    if (birth?.tagsRevision === undefined) return 'pending';
    return wanted === undefined || wanted === birth.tagsRevision ? 'told' : 'pending';
  }

  gatewayBorn(gatewayId: string, birth: GatewayBirth): void {
    if (this.#parts.held()) return;
    const wanted = this.#wanted.get(gatewayId);
    if (wanted === undefined || (birth.tagsRevision ?? 0) > wanted) this.#renew(gatewayId, birth);
    if (birth.tagsRevision !== this.#wanted.get(gatewayId)) this.#send(gatewayId);
  }

  /** A tag was set, changed or lifted. */
  changed(deviceKey: string): void {
    if (this.#parts.held()) return;
    const gatewayId = splitDeviceKey(deviceKey)?.gatewayId;
    const gateway = [...this.#parts.gateways()].find((each) => each.gatewayId === gatewayId);
    if (gatewayId === undefined || gateway === undefined) return;
    this.#renew(gatewayId, gateway.birth);
    this.#send(gatewayId);
    this.#parts.onChange(gatewayId);
  }

  /** For a gateway that enrols now, and may be out of reach later. Undefined: what is tagged is not known here. */
  enrolling(gatewayId: string): Uint8Array | undefined {
    if (this.#parts.held()) return undefined;
    const known = [...this.#parts.gateways()].find((each) => each.gatewayId === gatewayId);
    return this.#listOf(gatewayId, this.#renew(gatewayId, known?.birth));
  }

  /** Called about twice a second. */
  tick(): void {
    const nowMs = this.#parts.now();
    for (const { gatewayId, online, birth } of this.#parts.gateways()) {
      const wanted = this.#wanted.get(gatewayId);
      const sentAtMs = this.#sentAtMs.get(gatewayId) ?? Number.NEGATIVE_INFINITY;
      if (!online || wanted === undefined || birth?.tagsRevision === wanted) continue;
      if (Math.abs(nowMs - sentAtMs) >= resendEveryMs) this.#send(gatewayId);
    }
  }

  #renew(gatewayId: string, birth: GatewayBirth | undefined): number {
    const above = revisionAbove(this.#wanted.get(gatewayId), birth?.tagsRevision);
    const revision = Math.max(this.#parts.now(), above);
    this.#wanted.set(gatewayId, revision);
    return revision;
  }

  #send(gatewayId: string): void {
    const revision = this.#wanted.get(gatewayId);
    if (revision === undefined) return;
    this.#sentAtMs.set(gatewayId, this.#parts.now());
    this.#parts.publish(tagsTopic(gatewayId), this.#listOf(gatewayId, revision));
  }

  #listOf(gatewayId: string, revision: number): Uint8Array {
    const tags = this.#parts.tagsOf(gatewayId).flatMap(({ deviceKey, owner, cause }): DeviceTag[] => {
      const deviceId = splitDeviceKey(deviceKey)?.deviceId;
      return deviceId === undefined ? [] : [{ deviceId, owner, cause }];
    });
    return fitting({ revision, tags });
  }
}

export const tagsTopic = (gatewayId: string): string => formatTopic({ of: 'gateway', gatewayId, message: 'tags' });

/** With all that is said about the tags, or, of so many that it would not fit, with which devices they hold. */
function fitting(list: TagList): Uint8Array {
  const bare = (): TagList => ({ ...list, tags: list.tags.map(({ deviceId }) => ({ deviceId })) });
  try {
    const whole = tagList.toBytes(list);
    return whole.length <= maxContentBytes ? whole : tagList.toBytes(bare());
  } catch (error) {
    if (error instanceof RangeError) return tagList.toBytes(bare());
    throw error;
  }
}
