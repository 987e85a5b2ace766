import { configuration, formatTopic, no } from '@tiepoint/protocol';
import type { DeviceConfiguration, GatewayBirth, Result } from '@tiepoint/protocol';
import type { Acting, OperationsStore, WantedConfiguration } from '../store/store.ts';
import { revisionAbove } from './revision-above.ts';

/** Fails with `unknown-device`, `invalid` or `not-recorded`; `path` is into the request. */
export type ConfigurationSet = Result<WantedConfiguration> & { path?: string };

type Parts = {
  store: Pick<OperationsStore, 'configurations' | 'setConfiguration'>;
  publish: (topic: string, payload: Uint8Array) => void;
  birthOf: (gatewayId: string) => GatewayBirth | undefined;
  onChange: (gatewayId: string) => void;
};

/** These revisions are counted, in 32 bits. */
const countedBounds = { bound: 2 ** 31, stride: 2 ** 10 };

/**
 * What the devices of a gateway are to report, and when. The gateway's birth tells which revision it has; one with a lower
 * revision is sent the wanted one after each birth, so nothing depends on a single message.
 */
export class Configurations {
  readonly #parts: Parts;
  readonly #wanted = new Map<string, WantedConfiguration>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  load(): void {
    for (const wanted of this.#parts.store.configurations()) this.#wanted.set(wanted.gatewayId, wanted);
  }

  wanted(gatewayId: string): WantedConfiguration | undefined {
    return this.#wanted.get(gatewayId);
  }

  set(
    request: Acting & { gatewayId: string; devices: readonly DeviceConfiguration[]; cause?: string },
    nowMs: number,
  ): ConfigurationSet {
    const { gatewayId, devices, operator, identity, cause } = request;
    const birth = this.#parts.birthOf(gatewayId);
    if (birth === undefined) return no('unknown-device', `No gateway ${gatewayId} has introduced itself.`);
    const misfit = misfitOf(devices, birth);
    if (misfit !== undefined) return misfit;
    // Above what the gateway has, too: it may have been configured by a head-end whose store is gone.
    const known = this.#wanted.get(gatewayId)?.revision;
    const revision = revisionAbove(known, birth.configurationRevision, countedBounds);
    const wanted: WantedConfiguration = { gatewayId, revision, devices, setAtMs: nowMs, setBy: operator };
    const recorded = this.#parts.store.setConfiguration(wanted, {
      atMs: nowMs,
      who: operator,
      identity,
      action: 'configuration-set',
      subject: gatewayId,
      ...(cause === undefined ? {} : { why: cause }),
      say: `Configuration ${revision} for ${devices.map(deviceWords).join('; ') || 'no device'}`,
    });
    if (!recorded.ok) return recorded;
    this.#wanted.set(gatewayId, wanted);
    this.#send(wanted);
    this.#parts.onChange(gatewayId);
    return { ok: true, value: wanted };
  }

  gatewayBorn(gatewayId: string, birth: GatewayBirth): void {
    const wanted = this.#wanted.get(gatewayId);
    if (wanted !== undefined && birth.configurationRevision < wanted.revision) this.#send(wanted);
  }

  #send({ gatewayId, revision, devices }: WantedConfiguration): void {
    this.#parts.publish(
      formatTopic({ of: 'gateway', gatewayId, message: 'configuration' }),
      configuration.toBytes({ revision, devices }),
    );
  }
}

/** Every value, for the audit: `pv-1: period 10 s, thresholds 50, 80 %`. */
function deviceWords(device: DeviceConfiguration): string {
  const { deviceId, periodMs, reporting, heartbeatMs, thresholdsPct, hysteresisPct, intervalS } = device;
  const said = [
    ...(periodMs === undefined ? [] : [`period ${periodMs / 1_000} s`]),
    ...(reporting === undefined ? [] : [reporting]),
    ...(heartbeatMs === undefined ? [] : [`heartbeat ${heartbeatMs / 1_000} s`]),
    ...(thresholdsPct === undefined ? [] : [`thresholds ${thresholdsPct.join(', ') || 'none'} %`]),
    ...(hysteresisPct === undefined ? [] : [`hysteresis ${hysteresisPct} %`]),
    ...(intervalS === undefined ? [] : [`intervals ${intervalS / 60} min`]),
  ];
  return `${deviceId}: ${said.join(', ') || 'as its own file says'}`;
}

/** `pending`: the gateway has another revision than wanted. */
export function configurationState(
  wanted: WantedConfiguration | undefined,
  birth: GatewayBirth | undefined,
): 'none' | 'pending' | 'applied' {
  if (wanted === undefined) return 'none';
  return birth?.configurationRevision === wanted.revision ? 'applied' : 'pending';
}

function misfitOf(
  devices: readonly DeviceConfiguration[],
  birth: GatewayBirth,
): (ReturnType<typeof no> & { path: string }) | undefined {
  const named = new Set<string>();
  for (const [index, each] of devices.entries()) {
    const path = `body.devices[${index}]`;
    if (!birth.deviceIds.includes(each.deviceId)) {
      return {
        ...no(
          'unknown-device',
          `The gateway carries no device ${each.deviceId}; it has ${birth.deviceIds.join(', ')}.`,
        ),
        path,
      };
    }
    if (named.has(each.deviceId)) return { ...no('invalid', `${each.deviceId} is there twice.`), path };
    named.add(each.deviceId);
    try {
      configuration.toBytes({ revision: 1, devices: [each] });
    } catch {
      return { ...no('invalid', `A value for ${each.deviceId} is out of its range.`), path };
    }
  }
  return undefined;
}
