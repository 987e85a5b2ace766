import { readFileSync } from 'node:fs';
import { lstat, readFile, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { loadProfile } from '@tiepoint/agent/io/profile-file.ts';
import { startFaultControl } from '../devices/behaviours/fault-control.ts';
import { startSite, wallClock, type SiteClock, type SitePort } from '../devices/emulated-device.ts';
import { FaultPlan } from '../devices/faults.ts';
import { startP1Port } from '../devices/p1-port.ts';
import { loadImageFile } from '../devices/image-file.ts';
import type { EmulateOptions, WantedDevice } from './emulate-options.ts';
import { deviceOfProfile, ImageDevice, type RigDevice } from './rig-device.ts';
import { parseScript } from './script.ts';
import { ScriptRunner } from './script-runner.ts';
import { loadSeriesFile } from './series-file.ts';
import { Traffic, type Written } from './traffic.ts';

export type Rig = {
  readonly devices: readonly RigDevice[];
  /** Where a program finds them: HOST:PORT, or a path. */
  readonly at: string;
  readonly pageUrl: string | undefined;
  readonly traffic: Traffic;
  stop(): Promise<void>;
};
export type RigStart = { ok: true; rig: Rig } | { ok: false; say: string };

/**
 * Serves the devices of the options on their port, with page and script. What fails comes back as a sentence, and leaves nothing
 * open. `say` is given a line for what happens later.
 */
export async function startRig(
  options: EmulateOptions,
  say: (line: string) => void,
  clock: SiteClock = wallClock,
): Promise<RigStart> {
  const wire = new FaultPlan({ seed: options.seed, say });
  const devices: RigDevice[] = [];
  for (const wanted of options.devices) {
    const made = await deviceFor(wanted, wire, options);
    if (typeof made === 'string') return { ok: false, say: made };
    devices.push(made);
  }
  const ids = devices.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) return { ok: false, say: `Two devices are called ${twice}: give one another --id.` };
  const runner = await scriptFor(options, devices, say);
  if (typeof runner === 'string') return { ok: false, say: runner };
  const traffic = new Traffic(
    () => clock.nowMs(),
    (written) => {
      if (!options.quiet) say(toldOf(written));
    },
  );
  const served = await serve(options, devices, { wire, traffic, clock });
  if (!served.ok) return { ok: false, say: withAdvice(served.say) };
  const link = await linkTo(options.port, served.at);
  if (!link.ok) {
    await served.stop();
    return link;
  }
  const page = await pageFor(options, devices, traffic);
  if (!page.ok) {
    await link.remove();
    await served.stop();
    return page;
  }
  runner?.step(clock.nowMs());
  const endScript = clock.every(scriptStepMs, () => runner?.step(clock.nowMs()));
  const stop = async (): Promise<void> => {
    endScript();
    await Promise.all([page.stop(), link.remove()]);
    await served.stop();
  };
  return { ok: true, rig: { devices, at: link.at, pageUrl: page.url, traffic, stop } };
}

async function deviceFor(wanted: WantedDevice, wire: FaultPlan, settings: EmulateOptions): Promise<RigDevice | string> {
  const made = await deviceMade(wanted, wire, settings);
  if (typeof made === 'string') return made;
  const faulty = Object.keys(wanted.faults).length === 0 ? ({ ok: true } as const) : made.change(wanted.faults);
  if (!faulty.ok) return `--fault of ${wanted.id}: ${faulty.say}`;
  const held = made.override(wanted.values);
  return held.ok ? made : `--set of ${wanted.id}: ${held.say}`;
}

async function deviceMade(
  wanted: WantedDevice,
  wire: FaultPlan,
  { seed, port }: EmulateOptions,
): Promise<RigDevice | string> {
  const { what, source, id, unit, models, ratedW } = wanted;
  const place = 'port' in port ? String(port.port) : 'path' in port ? port.path : port.link;
  const options = { id, unit, wire, seed: seed + unit, place };
  if (what === 'profile') {
    const loaded = loadProfile(source);
    if (!loaded.ok) return loaded.errors.join('\n');
    if (models !== undefined && !('sunspec' in loaded.profile.identify))
      return `--models: ${loaded.profile.name} is no SunSpec device.`;
    try {
      return deviceOfProfile(loaded.profile, {
        ...options,
        ratedW,
        ...(models === undefined ? {} : { layOut: { models } }),
      });
    } catch (error) {
      return `${loaded.profile.name} cannot be laid out: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  if (models !== undefined || ratedW !== undefined)
    return `--models and --rated belong to a --profile, not to ${source}.`;
  if (what === 'image') {
    const read = await loadImageFile(source);
    if (!read.ok) return read.say;
    const device = new ImageDevice(options, { image: read.image, title: source });
    device.prepare();
    return device;
  }
  const read = await loadSeriesFile(source);
  if (!read.ok) return read.say;
  const device = new ImageDevice(options, { image: read.series.first, title: source, series: read.series });
  device.prepare();
  return device;
}

async function scriptFor(
  { script, seed }: EmulateOptions,
  devices: readonly RigDevice[],
  say: (line: string) => void,
): Promise<ScriptRunner | string | undefined> {
  if (script === undefined) return undefined;
  const text = await readFile(script, 'utf8').catch((error: unknown) => error);
  if (typeof text !== 'string')
    return `${script}: cannot be read (${text instanceof Error ? text.message : String(text)})`;
  const parsed = parseScript(text, script, seed);
  if (!parsed.ok) return parsed.say;
  const runner = new ScriptRunner(parsed.actions, devices, say);
  const mistakes = runner.mistakes();
  return mistakes.length > 0 ? mistakes.map((each) => `${script}: ${each}`).join('\n') : runner;
}

type Served = { ok: true; at: string; stop(): Promise<void> } | { ok: false; say: string };

async function serve(
  options: EmulateOptions,
  devices: readonly RigDevice[],
  { wire, traffic, clock }: { wire: FaultPlan; traffic: Traffic; clock: SiteClock },
): Promise<Served> {
  const pushing = devices.find(({ telegram }) => telegram !== undefined);
  if (pushing !== undefined) return servePushing(options, devices, pushing, clock);
  const port = portFor(options, devices, wire, traffic);
  if (port === undefined) return { ok: false, say: '--p1-tcp: none of these devices pushes telegrams; take --tcp.' };
  const started = await startSite({ ports: [port], clock });
  if (!started.ok) return started;
  const { site } = started;
  const at = site.ports[0]?.at;
  if (at === undefined) throw new Error('a site with a port has one running');
  return { ok: true, at: 'path' in at ? at.path : `${at.host}:${at.port}`, stop: () => site.stop() };
}

/** A meter that pushes has its port for itself. */
async function servePushing(
  { port, baudRate }: EmulateOptions,
  devices: readonly RigDevice[],
  pushing: RigDevice,
  clock: SiteClock,
): Promise<Served> {
  if (devices.length > 1)
    return { ok: false, say: `${pushing.profile ?? pushing.id} pushes telegrams and is alone on its port.` };
  if (port.kind === 'tcp' || port.kind === 'rtu-over-tcp')
    return {
      ok: false,
      say: `${pushing.profile ?? pushing.id} pushes telegrams and answers no Modbus: --p1-tcp, --pty or --serial.`,
    };
  const step = (): void => pushing.step?.(clock.nowMs());
  step();
  const place =
    port.kind === 'p1-over-tcp'
      ? ({ kind: 'tcp', host: port.host, port: port.port } as const)
      : port.kind === 'rtu-pty'
        ? ({ kind: 'pty' } as const)
        : ({ kind: 'path', path: port.path } as const);
  const opened = await startP1Port(place, () => pushing.telegram?.(new Date(clock.nowMs())), { clock, baudRate });
  if (!opened.ok) return opened;
  const end = clock.every(100, step);
  return {
    ...opened,
    stop: () => {
      end();
      return opened.stop();
    },
  };
}

function portFor(
  { port, baudRate, parity, turnaroundMs }: EmulateOptions,
  devices: readonly RigDevice[],
  faults: FaultPlan,
  traffic: Traffic,
): SitePort | undefined {
  const shared = {
    devices,
    faults,
    turnaroundMs,
    onExchange: (exchange: Parameters<Traffic['take']>[0]) => traffic.take(exchange),
  };
  switch (port.kind) {
    case 'tcp':
      return { ...shared, kind: 'tcp', host: port.host, port: port.port };
    case 'rtu-over-tcp':
      return { ...shared, kind: 'rtu-over-tcp', host: port.host, port: port.port, baudRate, precision: 'coarse' };
    case 'rtu-pty':
      return { ...shared, kind: 'rtu-pty', baudRate, precision: 'coarse' };
    case 'rtu-path':
      // A real line takes the time itself.
      return { ...shared, kind: 'rtu-path', path: port.path, baudRate, parity, pacing: 'none' };
    case 'p1-over-tcp':
      return undefined;
    default:
      return port satisfies never;
  }
}

type Link = { ok: true; at: string; remove(): Promise<void> } | { ok: false; say: string };

/** A pty has another name each time; whoever asked for a name gets a link. */
async function linkTo(port: EmulateOptions['port'], at: string): Promise<Link> {
  const nothing = async (): Promise<void> => undefined;
  if (port.kind !== 'rtu-pty') return { ok: true, at, remove: nothing };
  const there = await lstat(port.link).catch(() => undefined);
  if (there !== undefined && !there.isSymbolicLink())
    return { ok: false, say: `--pty ${port.link}: there is something else of that name; choose another.` };
  try {
    if (there !== undefined) await unlink(port.link);
    await symlink(at, port.link);
  } catch (error) {
    return {
      ok: false,
      say: `--pty ${port.link}: cannot be made (${error instanceof Error ? error.message : String(error)})`,
    };
  }
  return { ok: true, at: port.link, remove: () => unlink(port.link).catch(() => undefined) };
}

type Page = { ok: true; url: string | undefined; stop(): Promise<void> } | { ok: false; say: string };

async function pageFor({ pagePort }: EmulateOptions, devices: readonly RigDevice[], traffic: Traffic): Promise<Page> {
  if (pagePort === undefined) return { ok: true, url: undefined, stop: async () => undefined };
  const page = readFileSync(join(import.meta.dirname, 'knobs.html'), 'utf8');
  const options = { devices, page, traffic: () => traffic.told() };
  const wanted = await startFaultControl({ ...options, port: pagePort });
  // Of several rigs on one machine each has its page; the first has the usual place.
  const opened = wanted.ok || pagePort !== usualPagePort ? wanted : await startFaultControl({ ...options, port: 0 });
  return opened.ok ? opened : { ok: false, say: `--page: ${opened.say}` };
}

const scriptStepMs = 50;
const usualPagePort = 8510;

function toldOf({ unit, table, address, words, answer }: Written): string {
  const hex = words.map((word) => word.toString(16).toUpperCase().padStart(4, '0')).join(' ');
  return `unit ${unit}: ${table} ${address} written ${hex} → ${answer}`;
}

/** What to do about a port that did not open. */
function withAdvice(say: string): string {
  return say.includes('socat')
    ? `${say}\nOn Debian and Raspberry Pi OS: sudo apt install socat. Without it: --tcp 1502, or --rtu-tcp 4001.`
    : say;
}
