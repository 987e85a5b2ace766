import { death, deviceBirth } from '@tiepoint/protocol';
import type { Acknowledgement, Death, DeviceBirth, DeviceUp, TimeQuality } from '@tiepoint/protocol';
import type { Acknowledger } from './acknowledger.ts';
import type { Clock } from './clock.ts';
import type { EventName, Outbox } from './disk/outbox.ts';
import type { Downlink } from './downlink.ts';
import type { Lane, Uplink } from './uplink.ts';

/** Where a device's words go. `stamp` is asked at the moment of sending, so that a message carries the session it is sent in. */
export type DeviceOutlet = {
  readonly session: number;
  readonly timeQuality: TimeQuality;
  birth(birth: DeviceBirth): void;
  death(death: Omit<Death, 'session'>): void;
  status(bytes: Uint8Array): void;
  event(bytes: Uint8Array, name: EventName): void;
  acknowledgement(ack: Acknowledgement): void;
};

export type OutletDeps = {
  readonly uplink: Pick<Uplink, 'session'>;
  readonly downlink: Pick<Downlink, 'timeQuality'>;
  readonly outbox: Pick<Outbox, 'keepStatus' | 'keepEvent' | 'sentEvent'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly acknowledger: Pick<Acknowledger, 'say'>;
  /** True when the broker has it. */
  readonly publish: (message: DeviceUp, payload: Uint8Array, lane: Lane) => Promise<boolean>;
  /** The fleet mode in force has its statuses and events kept, and not sent. */
  readonly isHeldBack: () => boolean;
  /** Something waits in memory for the disk. */
  readonly flushSoon: () => void;
  /** Something lies in the outbox. */
  readonly kept: () => void;
  /** Runs what may fail with the disk, which must not stop the reporting. */
  readonly guard: (work: () => unknown) => void;
};

/** Where the words of one device go: to the broker, and what it does not take, or is held back, into the outbox. */
export function deviceOutlet(deviceId: string, deps: OutletDeps): DeviceOutlet {
  const { uplink, downlink, outbox, clock, acknowledger, publish, isHeldBack, flushSoon, kept, guard } = deps;
  const report = async (message: 'status' | 'event', bytes: Uint8Array): Promise<boolean> =>
    !isHeldBack() && (await publish(message, bytes, 'may'));
  return {
    get session() {
      return uplink.session;
    },
    get timeQuality() {
      return downlink.timeQuality;
    },
    birth: (birth) => void publish('birth', deviceBirth.toBytes(birth), 'must'),
    death: (said) => void publish('death', death.toBytes({ ...said, session: uplink.session }), 'must'),
    status: (bytes) =>
      void report('status', bytes).then((taken) => {
        if (taken) return;
        guard(() => outbox.keepStatus(deviceId, bytes));
        flushSoon();
        kept();
      }),
    event: (bytes, name) => {
      // On disk first, and until the head-end has it: a crash, or a broker without a head-end, must not lose it.
      let id: number | undefined;
      guard(() => (id = outbox.keepEvent(deviceId, bytes, name)));
      void report('event', bytes).then((taken) => {
        if (id === undefined) flushSoon();
        else if (taken) outbox.sentEvent(id, clock.monotonicMs());
        kept();
      });
    },
    acknowledgement: (ack) => acknowledger.say(deviceId, ack),
  };
}
