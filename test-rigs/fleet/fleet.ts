import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfiguration } from '@tiepoint/agent/io/configuration.ts';
import { Gateway } from '@tiepoint/agent/io/gateway.ts';
import type { Log } from '@tiepoint/agent/io/log.ts';
import { machine } from '@tiepoint/agent/io/surroundings.ts';
import { SimMeter } from '../soak/faults/devices.ts';
import { FleetBus } from './fleet-bus.ts';

/** `identity`: the folder of its key and certificate. */
export type FleetMember = { readonly id: string; readonly identity: string };

type Running = { readonly gateway: Gateway; readonly meter: SimMeter; readonly bus: FleetBus };

const startedAtOnce = 25;
export const fleetProfile = 'ami-meter-200a';

/** Gateways with a meter each, `meter-1`, that reports every 4 s. Their databases lie in memory where the system has such a place. */
export class Fleet {
  readonly #members: readonly FleetMember[];
  readonly #mqttUrl: string;
  readonly #directory: string;
  readonly #running = new Map<string, Running>();
  /** What the gateways' logs had to complain about, by message. */
  readonly complaints = new Map<string, number>();

  constructor(members: readonly FleetMember[], mqttUrl: string) {
    this.#members = members;
    this.#mqttUrl = mqttUrl;
    this.#directory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'fleet-'));
  }

  async start(): Promise<void> {
    for (let from = 0; from < this.#members.length; from += startedAtOnce)
      await Promise.all(this.#members.slice(from, from + startedAtOnce).map(async (each) => await this.#start(each)));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map(async ({ gateway }) => await gateway.stop()));
    rmSync(this.#directory, { recursive: true, force: true });
  }

  get online(): number {
    return [...this.#running.values()].filter(({ gateway }) => gateway.online).length;
  }

  /** What is truly so at a meter, and how often it was written to. */
  meter(id: string): { readonly isOpen: boolean; readonly writes: number } {
    const running = this.#running.get(id);
    if (running === undefined) throw new Error(`${id} is not of this fleet`);
    const isOpen = running.meter.isSo({ kind: 'disconnect' }, performance.now()) === true;
    return { isOpen, writes: running.bus.writes };
  }

  async #start({ id, identity }: FleetMember): Promise<void> {
    const settings = parseConfiguration(
      JSON.stringify({
        gateway: { id, dataDir: join(this.#directory, id) },
        mqtt: { url: this.#mqttUrl, keepaliveS: 60 },
        identity,
        buses: [{ name: 'bus', kind: 'tcp', host: '127.0.0.1', port: 502 }],
        devices: [{ id: 'meter-1', bus: 'bus', unit: 1, profile: fleetProfile, periodMs: 4_000, pollMs: 4_000 }],
      }),
      `${id}.yaml`,
    );
    const meter = new SimMeter();
    const bus = new FleetBus(meter);
    // One function for every way of opening a bus; here there is but one.
    const openBus = (() => bus) as unknown as typeof machine.openBus;
    const surroundings = { ...machine, openBus };
    const gateway = new Gateway(settings, {
      firmware: 'fleet',
      configurationHash: 'fleet',
      log: this.#log(),
      surroundings,
    });
    this.#running.set(id, { gateway, meter, bus });
    await gateway.start();
  }

  #log(): Log {
    const count = (_fields: object, say: string): void =>
      void this.complaints.set(say, (this.complaints.get(say) ?? 0) + 1);
    const none = (): void => undefined;
    const log: Log = { debug: none, info: none, warn: count, error: count, child: () => log };
    return log;
  }
}
