import { commandRules } from '@tiepoint/protocol';
import type { CommandKind, CommandParameters, DeviceView, Route, Verdict } from '@tiepoint/protocol';
import { deviceKeyOf } from './device-key.ts';
import { deviceView } from './device-view.ts';
import { offeredKinds, permission } from './permission.ts';
import type { Permission, SwitchingMeter } from './permission.ts';
import type { Twin } from './twins.ts';

export type CommandOffer = { kind: CommandKind; verdict: Verdict; route?: Route };

export type JudgeParts = {
  twin: (deviceKey: string) => Twin | undefined;
  switchedBy: (meterKey: string) => readonly Twin[];
  tagOf: (deviceKey: string) => { owner: string; cause: string } | undefined;
  activeAt: (deviceKey: string) => { id: string; kind: CommandKind } | undefined;
};

/** Asks the rules of the protocol about the twins as they are now. */
export class CommandJudge {
  readonly #parts: JudgeParts;

  constructor(parts: JudgeParts) {
    this.#parts = parts;
  }

  /** The buttons of a device. One that needs parameters is judged by all else, with values that any device takes. */
  offers(deviceKey: string): readonly CommandOffer[] {
    const twin = this.#parts.twin(deviceKey);
    if (twin === undefined) return [];
    const { target, meter, behind } = this.#views(twin);
    return offeredKinds(target, meter).map((kind) => {
      const { verdict, route } = permission(kind, sampleParameters(kind, twin), target, meter, behind);
      return { kind, verdict, ...(route === undefined ? {} : { route }) };
    });
  }

  /** `exceptId`: the command that is being judged is not in its own way. */
  permission(twin: Twin, kind: CommandKind, parameters: CommandParameters, exceptId?: string): Permission {
    const { target, meter, behind } = this.#views(twin, exceptId);
    return permission(kind, parameters, target, meter, behind);
  }

  #views(twin: Twin, exceptId?: string): { target: DeviceView; meter: SwitchingMeter; behind: readonly DeviceView[] } {
    const view = (each: Twin): DeviceView => {
      const active = this.#parts.activeAt(each.key);
      return deviceView(each, {
        tag: this.#parts.tagOf(each.key),
        active: active?.id === exceptId ? undefined : active,
      });
    };
    const { switchedBy } = twin.birth;
    const switchKey =
      switchedBy === undefined || twin.birth.kind !== 'aas' ? twin.key : deviceKeyOf(twin.gatewayId, switchedBy);
    const others = this.#parts.switchedBy(switchKey).filter(({ key }) => key !== twin.key);
    const behind = others.map(view);
    if (switchedBy === undefined) return { target: view(twin), meter: undefined, behind };
    const meter = this.#parts.twin(switchKey);
    const seen: SwitchingMeter =
      meter === undefined ? { seen: false, deviceId: switchedBy } : { seen: true, view: view(meter) };
    return { target: view(twin), meter: seen, behind };
  }
}

/** Every parameter with a value that changes something, so that the verdict speaks of the device and not of missing input. */
function sampleParameters(kind: CommandKind, { status }: Twin): CommandParameters {
  const { parameters } = commandRules[kind];
  const relayOn = status?.kind === 'load-control' && status.relay1 === 'on';
  const samples: CommandParameters = { limitPct: 50, relay: 1, to: relayOn ? 'off' : 'on' };
  return Object.fromEntries(parameters.map((name) => [name, samples[name]]));
}
