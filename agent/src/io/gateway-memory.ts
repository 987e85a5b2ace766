import type { Acknowledgement, DeviceUp } from '@tiepoint/protocol';
import type { Trust } from '@tiepoint/protocol/field';
import { Acknowledger } from './acknowledger.ts';
import type { Clock } from './clock.ts';
import { profileOf } from './configuration.ts';
import type { AgentSettings } from './configuration.ts';
import { Beginning } from './disk/beginning.ts';
import type { Database } from './disk/gateway-database.ts';
import { IntervalTable } from './disk/interval-table.ts';
import { Journal } from './disk/journal.ts';
import { Outbox } from './disk/outbox.ts';
import { Downlink } from './downlink.ts';
import type { DownlinkEvents } from './downlink.ts';
import { IntervalKeeper } from './interval-keeper.ts';
import type { Log } from './log.ts';
import type { Lane } from './uplink.ts';

export type GatewayMemoryDeps = {
  readonly settings: AgentSettings;
  readonly clock: Clock;
  readonly log: Log;
  readonly first: Trust | undefined;
  readonly events: DownlinkEvents;
  readonly publish: (deviceId: string, message: DeviceUp, payload: Uint8Array, lane: Lane) => Promise<boolean>;
  /** Something waits in memory for the disk. */
  readonly flushSoon: () => void;
  readonly said: (deviceId: string, ack: Acknowledgement) => void;
  /** Runs what may fail with the disk. False: it did. */
  readonly guard: (work: () => unknown) => boolean;
};

/** What outlives a restart of the gateway, all in its one database. */
export class GatewayMemory {
  readonly journal: Journal;
  readonly outbox: Outbox;
  readonly beginning: Beginning;
  readonly downlink: Downlink;
  readonly acknowledger: Acknowledger;
  readonly intervals: IntervalKeeper;
  readonly #guard: GatewayMemoryDeps['guard'];

  constructor(database: Database, deps: GatewayMemoryDeps) {
    const { settings, clock, log, first, events, publish, flushSoon, said, guard } = deps;
    this.#guard = guard;
    const journal = (this.journal = new Journal(database));
    this.outbox = new Outbox(database, settings.outbox);
    const beginning = (this.beginning = new Beginning(database, clock));
    const downlink = (this.downlink = new Downlink(database, { first, clock, log, events }));
    this.acknowledger = new Acknowledger({
      journal,
      clock,
      sinceMs: () => beginning.instantMs(downlink.timeQuality),
      publish: (deviceId, payload) => publish(deviceId, 'ack', payload, 'must'),
      sent: flushSoon,
      said,
    });
    const isMeter = (profile: string): boolean => profileOf(settings, profile)?.kind === 'meter';
    this.intervals = new IntervalKeeper({
      table: new IntervalTable(database),
      clock,
      timeQuality: () => downlink.timeQuality,
      bounds: settings.intervals,
      meters: settings.devices.flatMap(({ id, profile }) => (isMeter(profile) ? [id] : [])),
      flushSoon,
      log,
    });
  }

  /** What lies on the disk; each part by itself, for a disk may give some and not all. False: not all of it. */
  load({ setAside }: { setAside: boolean }): boolean {
    const isCounted = this.#guard(() => this.outbox.count());
    const isBegun = this.#guard(() => this.beginning.load({ setAside }));
    const isKept = this.#guard(() => this.intervals.load());
    return this.#guard(() => this.downlink.load()) && isCounted && isBegun && isKept;
  }

  /** Another database is in use, an empty one where the one before was set aside. */
  exchanged({ setAside }: { setAside: boolean }): boolean {
    if (setAside) this.#guard(() => this.downlink.begunAnew());
    const isLoaded = this.load({ setAside });
    this.#guard(() => this.intervals.rewrite());
    return isLoaded;
  }

  flush(): void {
    this.#guard(() => this.outbox.flush());
    this.#guard(() => this.acknowledger.flush());
    this.#guard(() => this.intervals.flush());
  }

  /** Before the end of a clean stop. */
  leave(): void {
    this.downlink.mode.stop();
    this.#guard(() => this.intervals.leave());
    this.flush();
  }

  prune(): void {
    this.#guard(() => this.journal.prune());
    this.#guard(() => this.intervals.prune());
  }

  settleOrphans(carries: (deviceId: string) => boolean, nowMs: number): void {
    this.#guard(() => this.journal.settleOrphans(carries, nowMs));
  }
}
