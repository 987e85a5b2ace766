import { hostState, inquiry } from '@tiepoint/protocol';
import type { GatewayBirth, Inquiry, TimeQuality, Topic } from '@tiepoint/protocol';
import type { ModeInForce } from '../core/fleet-mode.ts';
import { hostClockStep, timeQualityOf } from '../core/host-clock.ts';
import type { HostClock, HostClockInput } from '../core/host-clock.ts';
import type { Clock } from './clock.ts';
import { ConfigurationKeeper } from './configuration-keeper.ts';
import type { Database } from './disk/gateway-database.ts';
import { Gate } from './gate.ts';
import type { Log } from './log.ts';
import { ModeKeeper } from './mode-keeper.ts';
import { TagKeeper } from './tag-keeper.ts';
import { TrustKeeper } from './trust.ts';
import type { Trust } from '@tiepoint/protocol/field';

export type DownlinkEvents = {
  command(deviceId: string, content: Uint8Array): void;
  asked(question: Inquiry): void;
  /** Intervals or present values are asked for. */
  reads(content: Uint8Array): void;
  /** Another configuration is in force. */
  configured(): void;
  /** Another fleet mode is in force. */
  modeChanged(now: ModeInForce | undefined, before: ModeInForce | undefined): void;
  /** The gateway's own birth is wanted: to tell what it has now, or to be answered with the time. */
  birthWanted(): void;
  /** For the head-end's operator. */
  refused(say: string, count: number): void;
};

/** What comes down to this gateway, in the order in which it came: through the gate, and then to whom it concerns. */
export class Downlink {
  readonly trust: TrustKeeper;
  readonly tags: TagKeeper;
  readonly configuration: ConfigurationKeeper;
  readonly mode: ModeKeeper;
  readonly #clock: Clock;
  readonly #gate: Gate;
  readonly #log: Log;
  readonly #events: DownlinkEvents;
  #hostClock: HostClock = {};
  #askedAtMs: number | undefined;

  constructor(
    database: Database,
    { first, clock, log, events }: { first: Trust | undefined; clock: Clock; log: Log; events: DownlinkEvents },
  ) {
    this.trust = new TrustKeeper(first, database);
    this.tags = new TagKeeper(database);
    this.configuration = new ConfigurationKeeper(database);
    this.mode = new ModeKeeper(database, {
      clock,
      hostMs: () => this.hostMs,
      changed: (now, before) => this.#modeChanged(now, before),
    });
    this.#clock = clock;
    this.#log = log;
    this.#events = events;
    const tell = (say: string, count: number): void => events.refused(say, count);
    this.#gate = new Gate({ trust: this.trust, log, tell, nowMs: () => clock.monotonicMs() });
  }

  /** The database was begun anew: whom it obeys this gateway knows still, but what was tagged since is for the head-end to say. */
  begunAnew(): void {
    this.tags.forget();
    this.trust.keep();
    this.mode.keep();
  }

  load(): void {
    this.trust.load();
    this.tags.load();
    this.configuration.load();
    this.mode.load();
    if (this.trust.revision === undefined)
      this.#log.warn(
        {},
        'there is no list of trusted keys (trust.json): reports are sent, but no command is taken. Enrol this gateway',
      );
  }

  /** Of this gateway's clock against the head-end's, as it was told in this session. */
  get timeQuality(): TimeQuality {
    return timeQualityOf(this.#hostClock, this.#clock.nowMs(), this.#clock.monotonicMs());
  }

  /** The head-end's clock, as far as it was told in this session. */
  get hostMs(): number | undefined {
    const { aheadMs } = this.#hostClock;
    return aheadMs === undefined ? undefined : aheadMs + this.#clock.monotonicMs();
  }

  /** What a birth tells of it: what it has heard, and which question it answers. */
  get revisions(): Pick<
    GatewayBirth,
    'configurationRevision' | 'trustRevision' | 'tagsRevision' | 'modeRevision' | 'askedAtMs'
  > {
    return {
      configurationRevision: this.configuration.value.revision,
      trustRevision: this.trust.revision,
      tagsRevision: this.tags.revision,
      modeRevision: this.mode.revision,
      askedAtMs: this.#askedAtMs,
    };
  }

  /** A new session: the time is asked for anew, by its birth. */
  begin(): void {
    this.#hostClock = {};
    this.#askedAtMs = undefined;
  }

  /** This birth is sent now; the answer to it tells the time. */
  introduced({ session, timeMs }: Pick<GatewayBirth, 'session' | 'timeMs'>): void {
    this.#compare({ kind: 'asked', session, birthMs: timeMs });
  }

  open(topic: Topic, payload: Uint8Array): Uint8Array | undefined {
    return this.#gate.open(topic, payload);
  }

  take(topic: Topic, content: Uint8Array, retained: boolean): void {
    if (topic.of === 'host') {
      const state = hostState.fromBytes(content);
      // A retained word tells when it was said, not what time it is.
      if (state.ok && state.value.timeMs !== undefined && !retained)
        this.#compare({ kind: 'told', hostMs: state.value.timeMs });
    } else if (topic.of === 'device') this.#events.command(topic.deviceId, content);
    else if (topic.message === 'inquiry') this.#inquire(content);
    else if (topic.message === 'reads') this.#events.reads(content);
    else if (topic.message === 'configuration') this.#configure(content);
    else if (topic.message === 'trust') this.#renewTrust(content);
    else if (topic.message === 'tags') this.#renewTags(content);
    else if (topic.message === 'mode') this.#renewMode(content);
  }

  #inquire(content: Uint8Array): void {
    const asked = inquiry.fromBytes(content);
    if (!asked.ok) {
      this.#log.warn({ path: asked.path, why: asked.say }, 'an inquiry that cannot be read was ignored');
      return;
    }
    const { timeMs, answers, rebirth, askedAtMs } = asked.value;
    if (rebirth === true) this.#askedAtMs = askedAtMs;
    if (timeMs !== undefined && answers !== undefined) this.#compare({ kind: 'answered', ...answers, hostMs: timeMs });
    this.#events.asked(asked.value);
  }

  #configure(content: Uint8Array): void {
    const renewed = this.configuration.renew(content);
    if (!renewed.ok) this.#log.warn({ why: renewed.say }, 'a configuration that cannot be read was ignored');
    else if (renewed.taken) {
      this.#log.info({ revision: this.configuration.value.revision }, 'configuration applied');
      this.#events.configured();
    }
  }

  #renewTrust(content: Uint8Array): void {
    const renewed = this.trust.renew(content);
    if (renewed.ok) {
      this.#log.info({ revision: renewed.revision }, 'a new list of trusted keys is in force');
      this.#events.birthWanted();
    } else if (renewed.reason === 'unreadable')
      this.#log.warn({ why: renewed.say }, 'a list of trusted keys that cannot be read was ignored');
  }

  #renewTags(content: Uint8Array): void {
    const renewed = this.tags.renew(content);
    if (!renewed.ok) this.#log.warn({ why: renewed.say }, 'a list of tags that cannot be read was ignored');
    else if (renewed.taken) {
      this.#log.info({ revision: this.tags.revision }, 'new tags are in force');
      this.#events.birthWanted();
    }
  }

  #renewMode(content: Uint8Array): void {
    const renewed = this.mode.renew(content);
    if (!renewed.ok) this.#log.warn({ why: renewed.say }, 'a fleet mode that cannot be read was ignored');
    else if (renewed.taken) this.#events.birthWanted();
  }

  #modeChanged(now: ModeInForce | undefined, before: ModeInForce | undefined): void {
    const { mode, operator, cause, untilMs = 0 } = (now ?? before)?.mode ?? {};
    if (now === undefined) this.#log.info({ mode }, 'the fleet mode is over: what was held back is sent');
    else {
      const until = new Date(untilMs).toISOString();
      this.#log.warn({ mode, until, operator, cause }, 'a fleet mode is in force: reports are held back and kept');
    }
    this.#events.modeChanged(now, before);
  }

  #compare(input: HostClockInput): void {
    const { state, ask } = hostClockStep(this.#hostClock, input, this.#clock.monotonicMs());
    this.#hostClock = state;
    this.mode.look();
    if (ask) this.#events.birthWanted();
  }
}
