import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** A serial port of this machine. */
export type SerialPortSeen = {
  /** The name to use: under /dev/serial/by-id where there is one, for it survives a reboot and another socket. */
  readonly path: string;
  /** The kernel's name, as /dev/ttyUSB0. */
  readonly device: string;
  /** Who made the adapter, and what it is called; absent where the machine does not say. */
  readonly adapter?: string;
  readonly serialNumber?: string;
  readonly state: 'free' | 'in-use' | 'not-allowed';
  /** What to do, where something is to be done. */
  readonly say?: string;
};

/** Where the machine tells of its ports; other folders for tests. */
export type Folders = { readonly dev: string; readonly sys: string; readonly proc: string };
const real: Folders = { dev: '/dev', sys: '/sys', proc: '/proc' };

/**
 * Serial ports of a Linux machine, from /dev and /sys alone: neither udev nor its programs are needed, which small systems lack.
 * Nothing is opened: opening a port moves its control lines, which some devices take for an order.
 */
export function serialPorts(folders: Folders = real): readonly SerialPortSeen[] {
  const links = byIdLinks(folders);
  const locks = lockedInodes(folders);
  return namesIn(folders.dev)
    .filter((name) => /^tty(?:USB|ACM|AMA|mxc|O|S|SC|XRUSB|HS|PS|LP)\d+$/.test(name) && isThere(name, folders))
    .map((name) => seen(join(folders.dev, name), { folders, links, locks }))
    .toSorted(
      (a, b) => Number(b.adapter !== undefined) - Number(a.adapter !== undefined) || collate(a.device, b.device),
    );
}

const collate = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

function seen(
  device: string,
  {
    folders,
    links,
    locks,
  }: { folders: Folders; links: ReadonlyMap<string, string>; locks: ReadonlyMap<string, number> },
): SerialPortSeen {
  const adapter = adapterOf(device, folders);
  const holder = holderOf(device, folders, locks);
  return { path: links.get(device) ?? device, device, ...adapter, ...stateOf(device, holder) };
}

function stateOf(device: string, holder: Holder | undefined): Pick<SerialPortSeen, 'state' | 'say'> {
  if (!allowed(device)) {
    const group = groupOf(device);
    return {
      state: 'not-allowed',
      say:
        group === undefined || group === 'root'
          ? `not allowed: ask root for read and write of ${device}`
          : `not allowed: \`sudo usermod -aG ${group} $USER\`, then log in again`,
    };
  }
  if (holder === undefined) return { state: 'free' };
  const who = holder.name === undefined ? `process ${holder.pid}` : `${holder.name} (process ${holder.pid})`;
  return { state: 'in-use', say: `held by ${who}: stop it before you scan, or ask it instead` };
}

function allowed(device: string): boolean {
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function groupOf(device: string): string | undefined {
  try {
    const { gid } = statSync(device);
    const line = readFileSync('/etc/group', 'utf8')
      .split('\n')
      .find((each) => each.split(':')[2] === String(gid));
    return line?.split(':')[0];
  } catch {
    return undefined;
  }
}

/** Ports of the machine's own chips are listed by the kernel whether they exist or not; type 0 is one that does not. */
function isThere(name: string, { sys }: Folders): boolean {
  if (!/^ttyS\d+$/.test(name)) return true;
  const type = textIn(join(sys, 'class/tty', name, 'type'));
  return type !== undefined && type !== '0';
}

function byIdLinks({ dev }: Folders): ReadonlyMap<string, string> {
  const links = new Map<string, string>();
  for (const folder of ['serial/by-path', 'serial/by-id']) {
    for (const name of namesIn(join(dev, folder))) {
      const link = join(dev, folder, name);
      const target = resolved(link);
      if (target !== undefined) links.set(target, link);
    }
  }
  return links;
}

/** Walks up from the port to the USB device that it belongs to. */
function adapterOf(device: string, { sys }: Folders): Pick<SerialPortSeen, 'adapter' | 'serialNumber'> {
  const name = device.split('/').at(-1) ?? '';
  let folder = resolved(join(sys, 'class/tty', name, 'device'));
  for (let up = 0; up < 4 && folder !== undefined && folder !== '/'; up++, folder = dirname(folder)) {
    const vendor = textIn(join(folder, 'idVendor'));
    if (vendor === undefined) continue;
    const maker = textIn(join(folder, 'manufacturer')) ?? makers[vendor] ?? `USB maker ${vendor}`;
    const product = textIn(join(folder, 'product')) ?? `product ${textIn(join(folder, 'idProduct')) ?? 'unknown'}`;
    const serialNumber = textIn(join(folder, 'serial'));
    const adapter = product.startsWith(maker) ? product : `${maker} ${product}`;
    return { adapter, ...(serialNumber === undefined ? {} : { serialNumber }) };
  }
  return {};
}

/** Makers of the chips in adapters that name none. */
const makers: Readonly<Record<string, string>> = {
  '0403': 'FTDI',
  '067b': 'Prolific',
  '10c4': 'Silicon Labs',
  '1a86': 'QinHeng (CH340)',
  '04e2': 'Exar',
  '0483': 'STMicroelectronics',
};

type Holder = { readonly pid: number; readonly name: string | undefined };

/** Who has the port open, as far as this user may see; a program that locks it is seen whoever it belongs to. */
function holderOf(device: string, folders: Folders, locks: ReadonlyMap<string, number>): Holder | undefined {
  const { proc } = folders;
  const pid = locks.get(inodeOf(device) ?? '') ?? openBy(device, proc);
  return pid === undefined ? undefined : { pid, name: textIn(join(proc, String(pid), 'comm')) };
}

function openBy(device: string, proc: string): number | undefined {
  for (const pid of namesIn(proc).filter((name) => /^\d+$/.test(name))) {
    if (Number(pid) === process.pid) continue;
    for (const handle of namesIn(join(proc, pid, 'fd'))) {
      if (linkOf(join(proc, pid, 'fd', handle)) === device) return Number(pid);
    }
  }
  return undefined;
}

/** `5: FLOCK  ADVISORY  WRITE 1234 00:05:678 0 EOF` */
function lockedInodes({ proc }: Folders): ReadonlyMap<string, number> {
  const locks = new Map<string, number>();
  for (const line of (textIn(join(proc, 'locks')) ?? '').split('\n')) {
    const match = /\s(\d+) ([0-9a-f]+:[0-9a-f]+):(\d+) /.exec(line);
    if (match !== null) locks.set(`${match[2]}:${match[3]}`, Number(match[1]));
  }
  return locks;
}

/** As /proc/locks writes it: major and minor number of the file system in hexadecimal, and the inode. */
function inodeOf(device: string): string | undefined {
  try {
    const { dev, ino } = statSync(device);
    const major = Math.floor(dev / 256) % 4096;
    const minor = (dev % 256) + 256 * (Math.floor(dev / 2 ** 20) % 4096);
    return `${hex(major)}:${hex(minor)}:${ino}`;
  } catch {
    return undefined;
  }
}

const hex = (number: number): string => number.toString(16).padStart(2, '0');

function namesIn(folder: string): readonly string[] {
  try {
    return existsSync(folder) ? readdirSync(folder) : [];
  } catch {
    return [];
  }
}

function textIn(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

function linkOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}

function resolved(link: string): string | undefined {
  try {
    return realpathSync(link);
  } catch {
    return undefined;
  }
}
