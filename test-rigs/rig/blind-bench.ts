import { decodePoints, identify, noHoles, readsEvery, WordImage } from '@tiepoint/hardware-profiles';
import type { Decoded, DeviceModel, Profile, Recognition } from '@tiepoint/hardware-profiles';
import { yes } from '@tiepoint/protocol';
import type { CommandKind, CommandParameters, DeviceLimits, DeviceView } from '@tiepoint/protocol';
import { execute, type Answer, type Ask, type Outcome } from '@tiepoint/agent/core/execution.ts';
import { withDerived } from '@tiepoint/agent/core/derived.ts';
import { recogniseUnit } from '@tiepoint/agent/field/recognition-report.ts';
import { scanHosts } from '@tiepoint/agent/field/scan/scan-hosts.ts';
import { openBus, type BusLifecycle, type WriteBus } from '@tiepoint/agent/io/bus/bus.ts';
import { readSpans, type ReadTarget } from '@tiepoint/agent/io/device-reader.ts';
import type { BehavingDevice } from '../devices/behaviours/behaving-device.ts';
import type { ProfiledBehaviour } from '../devices/behaviours/profiled-behaviour.ts';
import { startSite, steppedClock, type Site } from '../devices/emulated-device.ts';
import { FaultPlan } from '../devices/faults.ts';
import { driveOverBus } from './over-bus.ts';
import { profiledDevice } from './profiled-device.ts';

export type Attempt = {
  readonly outcome: Outcome;
  /** What was written on the wire, in order. */
  readonly writes: readonly { readonly table: string; readonly address: number; readonly words: readonly number[] }[];
  readonly before: Decoded;
  readonly after: Decoded;
};

/**
 * A device of one profile behind a real socket, and an agent's own reading and execution before it; time is stepped. The agent's
 * side knows of the device what its profile says, and nothing of the rig.
 */
export class BlindBench {
  readonly device: BehavingDevice;
  readonly behaviour: ProfiledBehaviour;
  readonly port: number;
  readonly #site: Site;
  readonly #clock: ReturnType<typeof steppedClock>;
  readonly #bus: WriteBus & BusLifecycle;
  readonly #profile: Profile;
  #model: DeviceModel | undefined;
  #learned: ReadTarget['learned'] = { holes: noHoles };

  private constructor(
    { device, behaviour }: ReturnType<typeof profiledDevice>,
    site: Site,
    clock: ReturnType<typeof steppedClock>,
    profile: Profile,
  ) {
    this.device = device;
    this.behaviour = behaviour;
    this.#site = site;
    this.#clock = clock;
    this.#profile = profile;
    const at = site.ports[0]?.at;
    if (at === undefined || !('port' in at)) throw new Error('the site has no TCP port');
    this.port = at.port;
    this.#bus = openBus(
      { name: 'blind', kind: 'tcp', host: '127.0.0.1', port: at.port, timeoutMs: 1000 },
      { nowMs: () => performance.now() },
    );
  }

  static async start(profile: Profile): Promise<BlindBench> {
    const clock = steppedClock(1_000_000);
    const wire = new FaultPlan({ seed: 1 });
    const made = profiledDevice({ id: 'blind-1', unit, profile, wire });
    const started = await startSite({
      ports: [{ kind: 'tcp', devices: [made.device], faults: wire }],
      stepMs: 500,
      clock,
    });
    if (!started.ok) throw new Error(started.say);
    const bench = new BlindBench(made, started.site, clock, profile);
    await bench.#bus.start();
    return bench;
  }

  async stop(): Promise<void> {
    await this.#bus.stop();
    await this.#site.stop();
  }

  pass(ms: number): void {
    this.#clock.advance(ms);
  }

  /** Identifies it by its profile over the wire; throws what identification says. */
  async identify(): Promise<DeviceModel> {
    const found = await driveOverBus(identify(this.#profile, this.#configured(), 'all'), this.#bus, unit);
    if (!found.ok) throw new Error(found.say);
    this.#model = found.value;
    this.#learned = { holes: noHoles };
    return found.value;
  }

  /** As `tiepoint-agent scan` does it: the units that answer on this port. */
  async scan(units: readonly number[]): Promise<readonly number[]> {
    const { hosts } = await scanHosts({
      targets: [{ host: '127.0.0.1', port: this.port }],
      units,
      questions: [{ table: 'holding', address: 0, quantity: 2 }],
      connectMs: 1_000,
      marginMs: 200,
      deps: { nowMs: () => performance.now() },
      signal: new AbortController().signal,
      onFound: () => undefined,
      onProgress: () => undefined,
    });
    return hosts.flatMap((host) => host.units.map(({ unit: found }) => found));
  }

  /** As `tiepoint-agent identify` does it: which of all profiles. */
  async recognise(): Promise<Recognition> {
    const { signal } = new AbortController();
    const recognised = await recogniseUnit({ bus: this.#bus, unit, signal, kind: 'tcp' });
    if (!recognised.ok) throw new Error(recognised.say);
    return recognised.value;
  }

  /** As a site's configuration gives them: the ratings that the device does not tell. */
  #configured(): DeviceLimits {
    const { settings, model } = this.behaviour;
    const { nominalV, ratedW, phases } = settings;
    const ratings = { ratedPowerW: ratedW, ratedVoltageV: nominalV, ratedCurrentA: ratedW / (phases * nominalV) };
    const told = new Set<string>(model.nameplate.map(({ name }) => name));
    return Object.fromEntries(Object.entries(ratings).filter(([name]) => !told.has(`limit:${name}`)));
  }

  /** Everything that it tells, read over the wire in the fewest transactions. */
  async read(): Promise<Decoded> {
    const model = this.#model ?? (await this.identify());
    const image = new WordImage();
    await readSpans(this.#target(model), readsEvery(model, ['cycle', 'minute', 'start']), image, {
      priority: 'command',
      nowMs: () => this.#clock.nowMs(),
    });
    return decodePoints(model, image);
  }

  /** Gives a command as the agent gives it, from its admission on: the same machine that measures, writes and proves. */
  async command(kind: CommandKind, parameters: CommandParameters = {}): Promise<Attempt> {
    const model = await this.identify();
    const before = await this.read();
    const writes: Attempt['writes'][number][] = [];
    const image = new WordImage();
    const nowMs = this.#clock.nowMs();
    const machine = execute({
      command: {
        id: `blind-${kind}`,
        kind,
        parameters,
        sequence: 1,
        issuedAtMs: nowMs,
        expiresAtMs: nowMs + 60_000,
        by: 'the bench',
      } as unknown as Parameters<typeof execute>[0]['command'],
      model,
      image,
      view: (decoded) => this.#view(model, decoded),
      held: () => yes,
      startMs: nowMs,
    });
    let step = machine.next();
    while (step.done !== true)
      step = machine.next(await this.#answer(step.value, { model, image, writes, startMs: nowMs }));
    return { outcome: step.value, writes, before, after: await this.read() };
  }

  async #answer(
    ask: Ask,
    attempt: { model: DeviceModel; image: WordImage; writes: Attempt['writes'][number][]; startMs: number },
  ): Promise<Answer> {
    const clock = this.#clock;
    const { model, image, writes, startMs } = attempt;
    switch (ask.do) {
      case 'read': {
        const { answered, failure } = await readSpans(this.#target(model), ask.spans, image, {
          priority: 'command',
          nowMs: () => clock.nowMs(),
        });
        const said = failure === undefined ? undefined : ({ reason: 'bus-failure', say: failure } as const);
        return { nowMs: clock.nowMs(), answered, failure: said };
      }
      case 'wait':
        // Longer than asked, as on a busy machine: the minutes of a slow start pass in fewer looks.
        clock.advance(Math.max(ask.ms, 250, (clock.nowMs() - startMs) / 20));
        return { nowMs: clock.nowMs() };
      case 'journal':
        return { nowMs: clock.nowMs() };
      case 'write': {
        const { table, address, words } = ask.write;
        writes.push({ table, address, words });
        const result = await this.#bus.write({ unit, ...ask.write });
        if (result.ok) return { nowMs: clock.nowMs() };
        const refusedByDevice = result.reason === 'exception' && result.code <= 3;
        return { nowMs: clock.nowMs(), failure: { reason: 'device-refused', say: result.say, refusedByDevice } };
      }
    }
  }

  #target(model: DeviceModel): ReadTarget {
    return {
      reader: this.#bus,
      unit,
      model,
      wireCost: { perTransactionMs: 20, perRegisterMs: 2 },
      learned: this.#learned,
    };
  }

  #view(model: DeviceModel, decoded: Decoded): DeviceView {
    return {
      deviceId: 'blind-1',
      kind: model.profile.kind,
      capabilities: model.capabilities,
      commands: model.commands,
      limits: model.limits,
      readOnly: false,
      liveness: 'live',
      measured: withDerived(model, decoded),
    };
  }
}

const unit = 1;
