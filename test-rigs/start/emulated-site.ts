import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DemonstrationSite, portsOf } from '../devices/behaviours/demonstration-site.ts';
import { startFaultControl } from '../devices/behaviours/fault-control.ts';
import { startSite, type RunningPort, type SitePort } from '../devices/emulated-device.ts';
import { loadImageFile } from '../devices/image-file.ts';
import { socatPresent } from '../devices/pty-pair.ts';
import type { RegisterImage } from '../devices/register-image.ts';
import type { Plant } from '../plant/plant.ts';
import type { ServedBus, ServedDevice } from './gateway-file.ts';

/** What it tells its launcher, in one line of JSON, when all is served. */
export type SiteReady = {
  readonly msg: 'ready';
  readonly controlUrl: string;
  readonly devices: readonly ServedDevice[];
};

const { values } = parseArgs({
  options: {
    image: { type: 'string' },
    'no-devices': { type: 'boolean' },
    state: { type: 'string' },
    'control-port': { type: 'string', default: '0' },
  },
});

const saveMs = 10_000;
/** The home's meter is on a serial line where one can be made, so that the agent's serial side is at work. */
const serial = socatPresent() ? 'rtu-pty' : 'rtu-over-tcp';

await run();

async function run(): Promise<void> {
  const demonstration = values['no-devices'] === true ? undefined : prepared();
  const image = values.image === undefined ? undefined : await loaded(values.image);
  const ports: SitePort[] = demonstration?.ports(serial) ?? [];
  if (image !== undefined) ports.push({ kind: 'tcp', turnaroundMs: 4, devices: [{ unit: 1, image }] });
  const started = await startSite({ ports });
  if (!started.ok) return give(started.say);
  const control = await startFaultControl({
    devices: Object.values(demonstration?.devices ?? {}),
    ...(demonstration && { disturbGrid: (disturbance) => demonstration.disturbGrid(disturbance) }),
    port: Number(values['control-port']),
  });
  if (!control.ok) return give(control.say);
  const devices = served(demonstration, started.site.ports, image !== undefined);
  console.log(JSON.stringify({ msg: 'ready', controlUrl: control.url, devices } satisfies SiteReady));

  const save = (): void => saved(demonstration);
  const saving = setInterval(save, saveMs);
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    clearInterval(saving);
    save();
    await Promise.all([control.stop(), started.site.stop()]);
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop());
}

function prepared(): DemonstrationSite {
  const before = earlierState();
  const site = new DemonstrationSite(before === undefined ? {} : { before });
  // Long enough that PV and battery have entered service.
  site.prepare(before === undefined ? 40 : 0);
  return site;
}

async function loaded(path: string): Promise<RegisterImage> {
  const read = await loadImageFile(path, { writes: 'where-allowed' });
  return read.ok ? read.image : give(read.say);
}

function served(
  site: DemonstrationSite | undefined,
  ports: readonly RunningPort[],
  withImage: boolean,
): readonly ServedDevice[] {
  const devices = ports.flatMap((port, index): ServedDevice[] => {
    const ids = site === undefined ? [] : (portsOf[index] ?? []);
    return ids.map((id) => ({ id, unit: site?.devices[id].unit ?? 1, bus: placeOf(port) }));
  });
  const last = ports.at(-1);
  return withImage && last !== undefined ? [...devices, { id: 'image-1', unit: 1, bus: placeOf(last) }] : devices;
}

function placeOf(port: RunningPort): ServedBus {
  switch (port.kind) {
    case 'tcp':
      return { kind: 'tcp', ...port.at };
    case 'rtu-over-tcp':
      return { kind: 'rtu-over-tcp', ...port.at, baudRate: 9600 };
    case 'rtu-pty':
    case 'rtu-path':
      return { kind: 'rtu', ...port.at, baudRate: 9600 };
    default:
      return port satisfies never;
  }
}

/** Of another version of the plant, or broken, it is left aside: the site begins anew. */
function earlierState(): Plant | undefined {
  if (values.state === undefined) return undefined;
  try {
    const kept = JSON.parse(readFileSync(values.state, 'utf8')) as { version?: number; plant: Plant };
    return kept.version === stateVersion ? kept.plant : undefined;
  } catch {
    return undefined;
  }
}

const stateVersion = 1;

function saved(site: DemonstrationSite | undefined): void {
  if (values.state === undefined || site === undefined) return;
  const partial = `${values.state}.part`;
  writeFileSync(partial, JSON.stringify({ version: stateVersion, plant: site.plant }));
  renameSync(partial, values.state);
}

function give(say: string): never {
  console.error(say);
  process.exit(1);
}
