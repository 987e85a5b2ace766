import { accessSync, constants, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { serialPorts } from '../serial-ports.ts';
import type { Folders, SerialPortSeen } from '../serial-ports.ts';
import type { Finding } from './finding.ts';

/** What there is to know of a serial port without opening it. */
export type PortFacts = {
  readonly path: string;
  /** What the path leads to; absent where there is nothing. */
  readonly device?: string;
  readonly isTerminal: boolean;
  readonly allowed: boolean;
  /** As the list of ports has it; absent for what is no port of this machine's hardware, as a pty. */
  readonly seen?: SerialPortSeen;
  /** How long the adapter may hold bytes back; absent where it does not say. */
  readonly latencyTimerMs?: number;
};

const slowLatencyMs = 4;

/** Presence, permission and name of the port, and how its adapter is set. */
export function judgePort({ path, device, isTerminal, allowed, seen, latencyTimerMs }: PortFacts): readonly Finding[] {
  if (device === undefined)
    return [
      {
        id: 'port',
        about: path,
        outcome: 'bad',
        say: 'there is no such port',
        todo: 'Is the adapter plugged in? `tiepoint-agent ports` lists what is there.',
      },
    ];
  if (!isTerminal)
    return [
      {
        id: 'port',
        about: path,
        outcome: 'bad',
        say: `${device} is no serial port`,
        todo: '`tiepoint-agent ports` lists what is there.',
      },
    ];
  if (!allowed)
    return [
      {
        id: 'port',
        about: path,
        outcome: 'bad',
        say: 'may not be read and written by this user',
        todo: seen?.say ?? "Add the gateway's user to the group of the port, most often 'dialout'.",
      },
    ];
  if (seen?.state === 'in-use')
    return [
      {
        id: 'port',
        about: path,
        outcome: 'warning',
        say: 'another program has it open, so that nothing can be asked',
        ...(seen.say === undefined ? {} : { todo: seen.say }),
      },
    ];
  const named: Finding =
    isFleeting(path) && seen !== undefined
      ? {
          id: 'port',
          about: path,
          outcome: 'warning',
          say: 'there and permitted, but its number may change at the next start',
          todo:
            seen.path === path
              ? 'The adapter has no name under /dev/serial/by-id: is udev running?'
              : `Name it ${seen.path} in the configuration.`,
        }
      : {
          id: 'port',
          about: path,
          outcome: 'ok',
          say: `there and permitted${seen?.adapter === undefined ? '' : `: ${seen.adapter}`}`,
        };
  return [named, ...latencyFinding(path, device, latencyTimerMs)];
}

function latencyFinding(path: string, device: string, latencyTimerMs: number | undefined): readonly Finding[] {
  if (latencyTimerMs === undefined) return [];
  const measured = { latencyTimerMs };
  if (latencyTimerMs <= slowLatencyMs)
    return [
      { id: 'adapter', about: path, outcome: 'ok', say: `hands bytes over within ${latencyTimerMs} ms`, measured },
    ];
  return [
    {
      id: 'adapter',
      about: path,
      outcome: 'warning',
      say: `holds bytes back for up to ${latencyTimerMs} ms, at every reply`,
      measured,
      todo: `\`echo 1 | sudo tee /sys/class/tty/${basename(device)}/device/latency_timer\`, and a udev rule to keep it.`,
    },
  ];
}

/** Whether it can be opened without disturbing whoever has it. */
export const isFree = ({ seen }: PortFacts): boolean => seen?.state !== 'in-use';

/** /dev/ttyUSB0 is whichever adapter was found first. */
const isFleeting = (path: string): boolean => /^\/dev\/tty(?:USB|ACM)\d+$/.test(path);

/** `folders`: others for tests. */
export function portFacts({ path }: { path: string }, folders?: Folders): PortFacts {
  const device = real(path);
  if (device === undefined) return { path, isTerminal: false, allowed: false };
  const seen = serialPorts(folders).find((port) => port.device === device);
  const timer = numberIn(join(folders?.sys ?? '/sys', 'class/tty', basename(device), 'device/latency_timer'));
  return {
    path,
    device,
    isTerminal: isCharacterDevice(device),
    allowed: mayUse(device),
    ...(seen === undefined ? {} : { seen }),
    ...(timer === undefined ? {} : { latencyTimerMs: timer }),
  };
}

function real(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function isCharacterDevice(path: string): boolean {
  try {
    return statSync(path).isCharacterDevice();
  } catch {
    return false;
  }
}

function mayUse(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function numberIn(file: string): number | undefined {
  try {
    const number = Number(readFileSync(file, 'utf8').trim());
    return Number.isFinite(number) ? number : undefined;
  } catch {
    return undefined;
  }
}
