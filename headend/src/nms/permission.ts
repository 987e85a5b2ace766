import {
  chooseRoute,
  commandParameters,
  commandRules,
  mayCloseOnto,
  mayCommand,
  no,
  unhindered,
  yes,
} from '@tiepoint/protocol';
import type { CommandKind, CommandParameters, DeviceView, Failure, Route, Verdict } from '@tiepoint/protocol';

/** The meter whose service switch disconnects the target: its view, or the name of one that has not introduced itself. */
export type SwitchingMeter = { seen: true; view: DeviceView } | { seen: false; deviceId: string } | undefined;

export type Permission = { verdict: Verdict; route?: Route };

/**
 * May this be commanded now, and by which device? The same question at selection, at operation and before each attempt to
 * send. Where a meter's switch carries out what is meant for an AAS, the meter must be fit for it and neither may be
 * tagged or busy; the AAS itself may be out of reach, for it is not asked to do anything.
 * `behind`: the other devices that the same switch disconnects. Closing gives them voltage, so none of them may be tagged or busy.
 */
export function permission(
  kind: CommandKind,
  parameters: CommandParameters,
  target: DeviceView,
  meter: SwitchingMeter,
  behind: readonly DeviceView[] = [],
): Permission {
  const misfit = parameterMisfit(kind, parameters);
  if (misfit !== undefined) return { verdict: misfit };
  if (meter?.seen === false && target.kind === 'aas' && (kind === 'connect' || kind === 'disconnect')) {
    return {
      verdict: no(
        'never-seen',
        `${meter.deviceId}, whose switch disconnects ${target.deviceId}, has not introduced itself.`,
      ),
    };
  }
  const chosen = chooseRoute(kind, target, meter?.seen === true ? meter.view : undefined);
  if (!chosen.ok) return { verdict: chosen };
  const route = chosen.value;
  const routed = route.by !== 'own-equipment' && meter?.seen === true;
  const own = routed ? unhindered(target, kind) : yes;
  const onto = routed || target.kind !== 'aas' ? mayCloseOnto(kind, behind) : yes;
  const carried = mayCommand(routed ? meter.view : target, kind, parameters);
  return { verdict: [own, onto, carried].find(({ ok }) => !ok) ?? yes, route };
}

/** The commands to show for a device: its own, and those that its meter's switch can carry out for it. */
export function offeredKinds(target: DeviceView, meter: SwitchingMeter): readonly CommandKind[] {
  const routed: readonly CommandKind[] = target.kind === 'aas' && meter !== undefined ? ['connect', 'disconnect'] : [];
  return [...new Set([...target.commands, ...routed])];
}

function parameterMisfit(kind: CommandKind, parameters: CommandParameters): Failure | undefined {
  const taken: readonly string[] = commandRules[kind].parameters;
  const foreign = Object.entries(parameters).find(([name, value]) => value !== undefined && !taken.includes(name));
  if (foreign !== undefined) return no('invalid', `${kind} takes no parameter ${foreign[0]}.`);
  if (commandParameters.encode(parameters) === undefined)
    return no('invalid', `A parameter of ${kind} is out of its range.`);
  return undefined;
}
