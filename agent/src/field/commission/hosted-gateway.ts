import { randomUUID } from 'node:crypto';
import { isFinal } from '@tiepoint/protocol';
import type { Acknowledgement, Command, CommandKind, CommandParameters, Measured, PointName } from '@tiepoint/protocol';
import type { Decoded, DeviceModel, SetpointName } from '@tiepoint/hardware-profiles';
import type { AgentSettings } from '../../io/configuration.ts';
import { Gateway } from '../../io/gateway.ts';
import type { Log } from '../../io/log.ts';
import type { CommandRun } from './command-outcome.ts';

/** What a check list asks of the site. */
export type SiteAccess = {
  model(deviceId: string): DeviceModel | undefined;
  trouble(deviceId: string): string | undefined;
  /** Waits until the device is identified, or the time is over. */
  identified(deviceId: string, withinMs: number, signal: AbortSignal): Promise<DeviceModel | undefined>;
  /** Reads these points now. */
  read(deviceId: string, names: readonly (PointName | SetpointName)[]): Promise<Decoded | undefined>;
  /** The latest look of the gateway's own rhythm. */
  latest(deviceId: string): { readonly measured: Measured; readonly atMs: number } | undefined;
  /** Through executor, interlocks and journal. Resolves with its end; `undefined` where none came in the longest time a plan may take. */
  command(deviceId: string, order: Order): Promise<CommandRun | undefined>;
  readonly online: boolean;
  cutLink(awayMs: number): void;
  tryOutThresholds(deviceId: string, thresholdsPct: readonly number[] | undefined): void;
};

export type Order = {
  readonly kind: CommandKind;
  readonly parameters?: CommandParameters;
  readonly operator: string;
  readonly cause: string;
};

/** It must have begun by then; how long it may take is its plan's own. */
const lifeMs = 60_000;
const longestPlanMs = 20 * 60_000;
const tickMs = 100;
const reopenMs = 4_000;
const busyMs = 60_000;
const busyPauseMs = 500;

/**
 * The gateway itself in this process: same configuration, same buses, same executor and journal as the service that will run. Only one
 * may have the data folder at a time, so that `start` fails where the service runs.
 */
export class HostedGateway implements SiteAccess {
  readonly #gateway: Gateway;
  readonly #gatewayId: string;
  readonly #latest = new Map<string, { measured: Measured; atMs: number }>();
  readonly #ends = new Map<string, (ack: Acknowledgement) => void>();

  constructor(settings: AgentSettings, deps: { firmware: string; configurationHash: string; log: Log }) {
    this.#gatewayId = settings.gateway.id;
    // Somebody stands beside it, who plugs in again what was unplugged.
    const buses = settings.buses.map((bus) => ({ ...bus, reconnect: { maxMs: reopenMs } }));
    this.#gateway = new Gateway(
      { ...settings, buses },
      {
        ...deps,
        witness: {
          acknowledged: (_deviceId, ack) => {
            if (isFinal(ack.state)) this.#ends.get(ack.commandId)?.(ack);
          },
          looked: (deviceId, measured, atMs) => void this.#latest.set(deviceId, { measured, atMs }),
        },
      },
    );
  }

  /** Throws Error with a sentence for the technician where the data folder cannot be used or is in use. */
  async start(): Promise<void> {
    await this.#gateway.start();
  }

  async stop(): Promise<void> {
    await this.#gateway.stop();
  }

  get online(): boolean {
    return this.#gateway.online;
  }

  model(deviceId: string): DeviceModel | undefined {
    return this.#gateway.device(deviceId)?.model;
  }

  trouble(deviceId: string): string | undefined {
    return this.#gateway.device(deviceId)?.trouble;
  }

  latest(deviceId: string): { readonly measured: Measured; readonly atMs: number } | undefined {
    return this.#latest.get(deviceId);
  }

  async identified(deviceId: string, withinMs: number, signal: AbortSignal): Promise<DeviceModel | undefined> {
    const deadlineMs = performance.now() + withinMs;
    for (;;) {
      const model = this.model(deviceId);
      if (model !== undefined || signal.aborted || performance.now() > deadlineMs) return model;
      await pause(tickMs);
    }
  }

  async read(deviceId: string, names: readonly (PointName | SetpointName)[]): Promise<Decoded | undefined> {
    return await this.#gateway.device(deviceId)?.read(names);
  }

  async command(deviceId: string, wanted: Order): Promise<CommandRun | undefined> {
    const deadlineMs = performance.now() + busyMs;
    for (;;) {
      const run = await this.#issue(deviceId, wanted);
      // What a crash left open is settled first: it was refused before anything was done, so it may be asked again.
      if (run?.last.reason !== 'busy' || performance.now() > deadlineMs) return run;
      await pause(busyPauseMs);
    }
  }

  async #issue(deviceId: string, { kind, parameters, operator, cause }: Order): Promise<CommandRun | undefined> {
    const device = this.#gateway.device(deviceId);
    if (device === undefined) return undefined;
    const nowMs = Date.now();
    const command: Command = {
      id: `commissioning-${randomUUID()}`,
      gatewayId: this.#gatewayId,
      deviceId,
      kind,
      seq: 0,
      issuedAtMs: nowMs,
      expiresAtMs: nowMs + lifeMs,
      operator: operator.slice(0, 120),
      cause: cause.slice(0, 300),
      ...(parameters === undefined ? {} : { parameters }),
    };
    const beganMs = performance.now();
    let timer: NodeJS.Timeout | undefined;
    try {
      const last = await new Promise<Acknowledgement | undefined>((resolve) => {
        timer = setTimeout(() => resolve(undefined), longestPlanMs);
        this.#ends.set(command.id, resolve);
        device.executor.takeLocal(command);
      });
      const tookMs = Math.round(performance.now() - beganMs);
      // The end is told a moment before the executor is free for the next command.
      await new Promise((resolve) => setImmediate(resolve));
      return last && { commandId: command.id, kind, last, tookMs };
    } finally {
      clearTimeout(timer);
      this.#ends.delete(command.id);
    }
  }

  cutLink(awayMs: number): void {
    this.#gateway.cutLink(awayMs);
  }

  tryOutThresholds(deviceId: string, thresholdsPct: readonly number[] | undefined): void {
    this.#gateway.tryOut(deviceId, thresholdsPct === undefined ? {} : { thresholdsPct });
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
