import { strict } from '@tiepoint/agent/io/keys/gateway-identity.ts';
import type { IdentityRead } from '@tiepoint/agent/io/keys/gateway-identity.ts';
import { parseConfiguration } from '@tiepoint/agent/io/configuration.ts';
import type { AgentSettings } from '@tiepoint/agent/io/configuration.ts';
import { Gateway } from '@tiepoint/agent/io/gateway.ts';
import type { Log } from '@tiepoint/agent/io/log.ts';
import type { SeededRandom } from '../../devices/seeded-random.ts';
import type { Line, SimBroker } from './broker.ts';
import { SimBus } from './bus.ts';
import type { Wire } from './bus.ts';
import type { SimDevice } from './devices.ts';
import { Disk } from './disk.ts';
import { enrolledTrust } from './keys.ts';
import { Life, ProgramClock } from './life.ts';
import { simClient } from './mqtt-client.ts';
import type { Mutant } from './mutants.ts';
import type { SteppedTime } from './stepped-time.ts';
import type { Witness } from './witness.ts';

export type GatewayParts = {
  readonly settings: AgentSettings;
  readonly time: SteppedTime;
  readonly random: SeededRandom;
  readonly broker: SimBroker;
  readonly line: Line;
  readonly devices: ReadonlyMap<string, SimDevice>;
  readonly witness: Witness;
  readonly mutant: Mutant;
  readonly log: Log;
  /** Told when it died, so that somebody starts it again. */
  readonly died: () => void;
};

/** The shipped gateway on stepped time, with what outlives its crashes: disk, devices, and how far its clock is off. */
export class GatewayProgram {
  readonly id: string;
  readonly disk = new Disk('agent');
  readonly wire: Wire = { silentUntilMs: 0, lostShare: 0 };
  readonly clock: ProgramClock;
  readonly devices: ReadonlyMap<string, SimDevice>;
  readonly #parts: GatewayParts;
  life: Life;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    this.id = parts.settings.gateway.id;
    this.devices = parts.devices;
    this.life = new Life(parts.time, () => undefined);
    this.clock = new ProgramClock(this.life);
    this.disk.database.prepare(`INSERT INTO setting VALUES ('trust', ?)`).run(enrolledTrust());
  }

  start(): void {
    const { time, broker, line, random, witness, mutant, settings, log, died } = this.#parts;
    const life = new Life(time, () => {
      // The machine closes the connection of a program that died, as soon as the network lets it.
      const { connection } = line;
      line.up(() => connection?.break('with-will'));
      died();
    });
    this.life = life;
    this.clock.life = life;
    mutant.gatewayStarts?.(this.disk, witness);
    const gateway = new Gateway(settings, {
      firmware: '0',
      configurationHash: '0',
      log,
      surroundings: {
        clock: this.clock,
        random01: () => random.next(),
        unguessable32: () => 1 + random.below(0xffff_fffe),
        openDatabase: () =>
          this.disk.handle(life, {
            ...(mutant.agentRow && { passes: mutant.agentRow }),
            durable: (sql, values) => witness.agentRow(this, sql, values),
          }),
        readIdentity: () => simIdentity(this.id),
        openBus: () => this.#bus(life),
        connect: (_url, options) => simClient({ life, broker, line }, options),
      },
    });
    gateway.start().catch(() => life.die());
  }

  #bus(life: Life): SimBus {
    const { settings, random, witness, mutant } = this.#parts;
    const named = settings.devices.map(({ id, unit }) => [unit, id] as const);
    const idOf = new Map(named);
    return new SimBus({
      life,
      random,
      wire: this.wire,
      devices: new Map(named.flatMap(([unit, id]) => (this.devices.has(id) ? [[unit, this.devices.get(id)!]] : []))),
      witness: {
        read: (unit) => witness.read(this, idOf.get(unit) ?? ''),
        write: (unit, request) => witness.write(this, idOf.get(unit) ?? '', request),
      },
      repeats: mutant.busRepeats === true,
    });
  }
}

/** The line of a simulation is no TLS: nothing of it is shown to anybody. */
function simIdentity(gatewayId: string): IdentityRead {
  const key = {
    publicKeyDer: new Uint8Array(),
    sign: async (): Promise<Uint8Array> => new Uint8Array(),
    tls: { key: '' },
  };
  const tls = { key: '', cert: '', ca: '', ...strict };
  return { ok: true, identity: { gatewayId, key, tls, notBeforeMs: 0, notAfterMs: Infinity, serial: '00' } };
}

/** Configurations as the product reads them. */
export const gatewaySettings: readonly AgentSettings[] = [
  settingsOf('gw-home', [
    { id: 'meter-1', profile: 'ami-meter-200a' },
    { id: 'pv-1', profile: 'sunspec-inverter', switchedBy: 'meter-1' },
  ]),
  settingsOf('gw-farm', [{ id: 'meter-2', profile: 'ami-meter-200a' }]),
];

function settingsOf(
  id: string,
  devices: readonly { id: string; profile: string; switchedBy?: string }[],
): AgentSettings {
  const rows = devices.map((device, index) =>
    JSON.stringify({ ...device, bus: 'bus', unit: index + 1, periodMs: 4_000, pollMs: 4_000 }),
  );
  return parseConfiguration(
    [
      `gateway: { id: ${id}, dataDir: ${id} }`,
      'mqtt: { url: "mqtts://127.0.0.1:8883" }',
      'buses: [{ name: bus, kind: tcp, host: 127.0.0.1, port: 502 }]',
      `devices: [${rows.join(', ')}]`,
    ].join('\n'),
    `${id}.yaml`,
  );
}
