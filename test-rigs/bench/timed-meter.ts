import { findProfile } from '@tiepoint/hardware-profiles';
import { amiMeter } from '../devices/behaviours/ami-meter.ts';
import { BehavingDevice } from '../devices/behaviours/behaving-device.ts';
import { FaultPlan } from '../devices/faults.ts';
import { waitUntil } from '../devices/precise-wait.ts';
import { startTcpServer } from '../devices/tcp-server.ts';
import { homeSettings, premises, stepLoad, stepServiceSwitch } from '../plant/premises.ts';
import type { Premises, PremisesSettings } from '../plant/premises.ts';

/** From when to when the device was at work, on the clock of `performance.now()`. */
export type Span = { readonly fromMs: number; readonly toMs: number };
/** One request as the device saw it: from its arrival until the reply was handed to the socket. */
export type Answered = Span & { readonly write: boolean };

export type TimedMeter = {
  readonly port: number;
  readonly answered: Answered[];
  /** Each from the order's arrival until the contacts are there. */
  readonly travels: Span[];
  stop(): Promise<void>;
};

const supply = { voltagePu: 1, frequencyHz: 60 };
const noonS = 43_200;
const firstWriteCode = 5;

/** A meter on Modbus TCP that answers at once and notes when it did what. `travelMs` is asked, for each order, how long the service switch travels. */
export async function startTimedMeter({ travelMs }: { travelMs: () => number }): Promise<TimedMeter> {
  const profile = findProfile('ami-meter-200a');
  if (profile === undefined) throw new Error('there is no profile ami-meter-200a');
  let settings = homeSettings;
  const answered: Answered[] = [];
  const travels: Span[] = [];
  const ended = new AbortController();
  let home = premises();
  let atMs = performance.now();
  const advance = (nowMs: number): void => {
    home = later(home, (nowMs - atMs) / 1000, settings);
    atMs = nowMs;
  };
  const travel = async (fromMs: number): Promise<void> => {
    // One step shows it moving, the other moved.
    for (const partMs of [1, 1000 * settings.travel.openingS]) {
      if ((await waitUntil(fromMs + partMs, 'exact', ended.signal)) === 'aborted') return;
      device.step(performance.now());
    }
    travels.push({ fromMs, toMs: performance.now() });
  };
  const order = (ordered: Premises): void => {
    const fromMs = performance.now();
    advance(fromMs);
    const travelS = travelMs() / 1000;
    settings = { ...homeSettings, travel: { openingS: travelS, closingS: travelS } };
    home = { ...home, serviceSwitch: ordered.serviceSwitch };
    void travel(fromMs);
  };
  const device: BehavingDevice = new BehavingDevice({
    id: 'meter-1',
    unit: 1,
    profile,
    behaviour: amiMeter({ get: () => home, set: order }),
    wire: new FaultPlan({ seed: 1 }),
    nameplate: { 'identity:serialNumber': 'TP-BENCH-1', 'identity:firmware': '1.0', 'limit:switchRatingA': 200 },
    advance,
  });
  advance(atMs + 1);
  device.prepare();
  const started = await startTcpServer({
    units: new Map([[device.unit, device.image]]),
    onExchange: ({ request }) => {
      const fromMs = performance.now();
      // The server sends the reply before it gives the event loop back.
      process.nextTick(() =>
        answered.push({ fromMs, toMs: performance.now(), write: (request[0] ?? 0) >= firstWriteCode }),
      );
    },
  });
  if (!started.ok) throw new Error(started.say);
  const { server } = started;
  const stop = async (): Promise<void> => {
    ended.abort();
    await server.stop();
  };
  return { port: server.port, answered, travels, stop };
}

function later(home: Premises, dtS: number, settings: PremisesSettings): Premises {
  const switched = stepServiceSwitch(home, { dtS, supply, settings });
  return stepLoad(switched, { dtS, clockS: noonS, generationW: 0, settings });
}
