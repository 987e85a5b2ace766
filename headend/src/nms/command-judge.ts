import { commandRules, no, yes } from '@tiepoint/protocol';
import type { CommandKind, CommandParameters, DeviceView, Reason, Route, Verdict } from '@tiepoint/protocol';
import { deviceKeyOf } from './device-key.ts';
import { deviceView } from './device-view.ts';
import { offeredKinds, permission } from './permission.ts';
import type { Permission, SwitchingMeter } from './permission.ts';
import { mayUnderContract } from './provisioning/contract-rule.ts';
import type { Standing } from './provisioning/contract-rule.ts';
import { localDay } from './provisioning/local-day.ts';
import type { Twin } from './twins.ts';

export type CommandOffer = { kind: CommandKind; verdict: Verdict; route?: Route };

export type JudgeParts = {
  twin: (deviceKey: string) => Twin | undefined;
  switchedBy: (meterKey: string) => readonly Twin[];
  tagOf: (deviceKey: string) => { owner: string; cause: string } | undefined;
  activeAt: (deviceKey: string) => { id: string; kind: CommandKind } | undefined;
  /** The gateway has said that it trusts the key that commands are signed with. */
  obeys: (gatewayId: string) => boolean;
  /** Undefined: nobody entered this device. */
  standing: (deviceKey: string) => Standing;
  /** May anything be commanded at this gateway, in the mode it is in? */
  mode: (gatewayId: string) => Verdict;
  /** Why nothing at all may be commanded now. */
  held: () => string | undefined;
  /** May this account command this kind there, by what it may now? */
  rights: (operator: string, kind: CommandKind, deviceKey: string) => Verdict;
  now: () => number;
};

/** Who wants it; absent: nobody in particular. `exceptId`: the command that is being judged is not in its own way. */
export type Asking = { operator?: string; approver?: string; exceptId?: string };

/** Asks the rules of the protocol about the twins as they are now. */
export class CommandJudge {
  readonly #parts: JudgeParts;

  constructor(parts: JudgeParts) {
    this.#parts = parts;
  }

  /** The buttons of a device. One that needs parameters is judged by all else, with values that any device takes. */
  offers(deviceKey: string, operator?: string): readonly CommandOffer[] {
    const twin = this.#parts.twin(deviceKey);
    if (twin === undefined) return [];
    const { target, meter, behind } = this.#views(twin);
    const asked = operator === undefined ? {} : { operator };
    return offeredKinds(target, meter).map((kind) => {
      const judged = permission(kind, sampleParameters(kind, twin), target, meter, behind);
      const { verdict, route } = this.#underContract(judged, twin, { kind, ...asked });
      return { kind, verdict, ...(route === undefined ? {} : { route }) };
    });
  }

  permission(twin: Twin, kind: CommandKind, parameters: CommandParameters, asking: Asking): Permission {
    const { operator, approver, exceptId } = asking;
    const { target, meter, behind } = this.#views(twin, exceptId);
    const judged = permission(kind, parameters, target, meter, behind);
    const second = approver === undefined ? yes : this.#parts.rights(approver, kind, twin.key);
    if (!second.ok) return { ...judged, verdict: second };
    return this.#underContract(judged, twin, { kind, parameters, ...(operator === undefined ? {} : { operator }) });
  }

  /** What forbids it whatever the device measures is said before that; the device that carries it out must be in service, too. */
  #underContract(
    judged: Permission,
    twin: Twin,
    wanted: { kind: CommandKind; parameters?: CommandParameters; operator?: string },
  ): Permission {
    const { verdict, route } = judged;
    if (!verdict.ok && never.has(verdict.reason)) return judged;
    const held = this.#parts.held();
    if (held !== undefined) return { verdict: no('tags-unknown', held), ...(route === undefined ? {} : { route }) };
    const mode = this.#parts.mode(twin.gatewayId);
    if (!mode.ok) return { verdict: mode, ...(route === undefined ? {} : { route }) };
    const { operator, kind } = wanted;
    const right = operator === undefined ? yes : this.#parts.rights(operator, kind, twin.key);
    if (!right.ok) return { verdict: right, ...(route === undefined ? {} : { route }) };
    if (!this.#parts.obeys(twin.gatewayId)) {
      const say = `Gateway ${twin.gatewayId} does not trust the command key of this head-end, so it would refuse: enrol it again.`;
      return { verdict: no('no-trust', say), ...(route === undefined ? {} : { route }) };
    }
    const today = localDay(this.#parts.now());
    const routeKey = route === undefined ? twin.key : deviceKeyOf(twin.gatewayId, route.deviceId);
    const asked = [...new Set([twin.key, routeKey])].map((key) => {
      const { birth, deviceId } = this.#parts.twin(key) ?? twin;
      const isAas = birth.kind === 'aas';
      return mayUnderContract(this.#parts.standing(key), { ...wanted, deviceId, isAas, limits: birth.limits, today });
    });
    const refusal = asked.find(({ ok }) => !ok) ?? yes;
    return refusal.ok ? judged : { verdict: refusal, ...(route === undefined ? {} : { route }) };
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

/** No contract and no report would change these. */
const never: ReadonlySet<Reason> = new Set(['invalid', 'not-capable', 'read-only']);

/** Every parameter with a value that changes something, so that the verdict speaks of the device and not of missing input. */
function sampleParameters(kind: CommandKind, { status }: Twin): CommandParameters {
  const { parameters } = commandRules[kind];
  const relayOn = status?.kind === 'load-control' && status.relay1 === 'on';
  const samples: CommandParameters = { limitPct: 50, relay: 1, to: relayOn ? 'off' : 'on' };
  return Object.fromEntries(parameters.map((name) => [name, samples[name]]));
}
