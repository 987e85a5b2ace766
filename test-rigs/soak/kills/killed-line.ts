import { setTimeout as wait } from 'node:timers/promises';
import type { CommandKind, CommandParameters } from '@tiepoint/protocol';
import { TestAuthority } from '@tiepoint/headend/authority/testing/test-authority.ts';
import { startMosquitto } from '@tiepoint/headend/nms/link/mosquitto.ts';
import type { Mosquitto } from '@tiepoint/headend/nms/link/mosquitto.ts';
import type { SeededRandom } from '../../devices/seeded-random.ts';
import { startLine } from '../../scenarios/line.ts';
import type { Line } from '../../scenarios/line.ts';

/** What a device truly was, and what it was given, on the one clock of this machine. */
export type DeviceLog = {
  readonly writes: { readonly atMs: number; readonly words: readonly number[] }[];
  /** Each state from when on. */
  readonly states: { readonly atMs: number; readonly state: string }[];
};

/** The devices that are commanded: each command is one write to them. */
export const commanded = {
  'gw-home.meter-1': { device: 'meter-1', gatewayId: 'gw-home' },
  'gw-site.relay-1': { device: 'relay-1', gatewayId: 'gw-site' },
} as const;
export type CommandedKey = keyof typeof commanded;

const lookMs = 10;

/** The whole line over a mosquitto, its parts to be killed, and what its devices went through. */
export class KilledLine {
  readonly line: Line;
  readonly logs: Readonly<Record<CommandedKey, DeviceLog>>;
  /** Commands that the head-end said it had taken. */
  readonly taken: { readonly id: string; readonly key: CommandedKey }[] = [];
  readonly #authority: TestAuthority;
  #mosquitto: Mosquitto;
  readonly #looks: NodeJS.Timeout;

  private constructor(line: Line, mosquitto: Mosquitto, authority: TestAuthority) {
    this.line = line;
    this.#authority = authority;
    this.#mosquitto = mosquitto;
    this.logs = { 'gw-home.meter-1': logOf(line, 'meter-1'), 'gw-site.relay-1': logOf(line, 'relay-1') };
    this.#looks = setInterval(() => this.#look(), lookMs);
    this.#look();
  }

  static async start(): Promise<KilledLine> {
    const authority = await TestAuthority.make();
    const mosquitto = await startMosquitto(authority.server);
    try {
      const line = await startLine({ outside: { url: mosquitto.url, authority } });
      await line.inService();
      return new KilledLine(line, mosquitto, authority);
    } catch (error) {
      await mosquitto.stop();
      throw error;
    }
  }

  /** Gives commands one after the other until it is told to end; what fails meanwhile fails, as for an operator. */
  async operate(random: SeededRandom, ended: AbortSignal): Promise<void> {
    const keys = Object.keys(commanded) as CommandedKey[];
    while (!ended.aborted) {
      const key = keys[random.below(keys.length)]!;
      const { kind, parameters } = this.#wish(key, random);
      await this.line.api
        .command(key, kind, parameters)
        .then(({ id }) => this.taken.push({ id, key }))
        .catch(() => undefined);
      await wait(20 + random.below(200));
    }
  }

  /** kill -9 of one of the programs, and its start again a little later. */
  async killOne(random: SeededRandom): Promise<string> {
    const victims = ['head-end', 'gw-home', 'gw-home', 'gw-site', 'mosquitto'] as const;
    const victim = victims[random.below(victims.length)]!;
    const pauseMs = random.below(800);
    if (victim === 'mosquitto') {
      const { port } = this.#mosquitto;
      await this.#mosquitto.stop();
      await wait(pauseMs);
      this.#mosquitto = await startMosquitto(this.#authority.server, { port });
    } else {
      const program = victim === 'head-end' ? this.line.headEnd : this.line.agents[victim];
      await program.kill();
      await wait(pauseMs);
      program.start();
    }
    return victim;
  }

  async stop(): Promise<void> {
    clearInterval(this.#looks);
    await this.line.stop();
    await this.#mosquitto.stop();
  }

  #wish(key: CommandedKey, random: SeededRandom): { kind: CommandKind; parameters?: CommandParameters } {
    if (key === 'gw-site.relay-1')
      return { kind: 'switch-relay', parameters: { relay: 1, to: this.#now(key) === 'on' ? 'off' : 'on' } };
    const isOpen = this.#now(key) === 'open';
    return { kind: random.next() < 0.1 || !isOpen ? 'disconnect' : 'connect' };
  }

  #now(key: CommandedKey): string | undefined {
    return this.logs[key].states.at(-1)?.state;
  }

  #look(): void {
    const { devices } = this.line.site;
    const switchWord = devices['meter-1'].image.get('input', 38);
    this.#see('gw-home.meter-1', switchWord === 0 ? 'open' : switchWord === 1 ? 'closed' : 'moving');
    this.#see('gw-site.relay-1', devices['relay-1'].image.get('coil', 0) === 1 ? 'on' : 'off');
  }

  #see(key: CommandedKey, state: string): void {
    const { states } = this.logs[key];
    if (states.at(-1)?.state !== state) states.push({ atMs: Date.now(), state });
  }
}

function logOf(line: Line, id: 'meter-1' | 'relay-1'): DeviceLog {
  const log: DeviceLog = { writes: [], states: [] };
  line.site.devices[id].image.onWrite(
    (_table, _address, words) => (log.writes.push({ atMs: Date.now(), words }), 'ok'),
  );
  return log;
}
