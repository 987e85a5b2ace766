import type { Death } from '@tiepoint/protocol';
import { diedSay } from './death-words.ts';

type MissingDevice = { deviceId: string; say?: string };

/** Of devices that their gateway lists and that never introduced themselves: why not, as it told. Not kept over a start. */
export class NeverBorn {
  readonly #said = new Map<string, Map<string, string>>();

  /** A listed device died before it was born; as many as the gateway lists at most. */
  died(gatewayId: string, deviceId: string, death: Death): void {
    const said = this.#said.get(gatewayId) ?? new Map<string, string>();
    this.#said.set(gatewayId, said.set(deviceId, diedSay(death)));
  }

  sessionBegan(gatewayId: string): void {
    this.#said.delete(gatewayId);
  }

  /** Of those `listed`, the ones that are not `there`. */
  among(gatewayId: string, there: ReadonlySet<string>, listed: readonly string[]): readonly MissingDevice[] {
    const said = this.#said.get(gatewayId);
    return listed.flatMap((deviceId) => {
      if (there.has(deviceId)) return [];
      const say = said?.get(deviceId);
      return [say === undefined ? { deviceId } : { deviceId, say }];
    });
  }
}
