import type { DeviceModel } from '@tiepoint/hardware-profiles';
import type { CommandKind, CommandParameters } from '@tiepoint/protocol';
import type { Solitary } from '../../plant/solitary.ts';
import type { Told } from './behaviour.ts';
import type { Stretch } from './command-watch.ts';

/** What each command does to a device, whatever its registers are. */
export function effectOf(
  kind: CommandKind,
  { limitPct, relay, to }: CommandParameters,
  unit: Solitary,
  model: DeviceModel,
): Solitary {
  switch (kind) {
    case 'connect':
    case 'activate-synchronization':
      return { ...unit, closed: true, armed: false };
    case 'disconnect':
      return { ...unit, closed: false, armed: false };
    case 'start-generation':
      // Where no command connects it, starting does.
      return { ...unit, running: true, closed: unit.closed || !canConnect(model) };
    case 'stop-generation':
      return { ...unit, running: false, armed: false, closed: unit.closed && !hasBreaker(model) };
    case 'enable-synchronization':
      return { ...unit, armed: true };
    case 'limit-power':
      return { ...unit, limitPct: limitPct ?? unit.limitPct };
    case 'switch-relay':
      return { ...unit, relays: unit.relays.map((on, index) => (index + 1 === relay ? to === 'on' : on)) };
    default:
      return kind satisfies never;
  }
}

/** The state in which somebody would give this command. */
export function readyFor(kind: CommandKind, unit: Solitary, model: DeviceModel): Solitary {
  const rest: Solitary = { ...unit, closed: true, running: true, armed: false, busLive: true, limitPct: 100 };
  switch (kind) {
    case 'connect':
      // Without a synchroniser a breaker is closed onto a dead bus only.
      return { ...rest, closed: false, busLive: hasSynchroniser(model) || !hasBreaker(model) };
    case 'start-generation':
      return { ...rest, running: false, closed: !hasBreaker(model) };
    case 'enable-synchronization':
      return { ...rest, closed: false };
    case 'activate-synchronization':
      return { ...rest, closed: false, armed: true };
    case 'switch-relay':
      return { ...rest, relays: rest.relays.map(() => false) };
    case 'disconnect':
    case 'stop-generation':
    case 'limit-power':
      return rest;
    default:
      return kind satisfies never;
  }
}

const usualMs: Record<CommandKind, number> = {
  connect: 1_500,
  disconnect: 600,
  'start-generation': 4_000,
  'stop-generation': 2_500,
  'enable-synchronization': 600,
  'activate-synchronization': 5_000,
  'limit-power': 800,
  'switch-relay': 150,
};

/** How long it takes to get there: well within what the plan allows. */
export function moveTimeMs({ kind, isLast, withinMs }: Stretch): number {
  return Math.min(isLast ? usualMs[kind] : 400, withinMs / 4);
}

/** What it says on the way, where its registers have a word for that. */
export function transitOf(kind: CommandKind, model: DeviceModel): Told {
  const moving = { switchState: 'moving', breakerState: 'moving' };
  const words: Record<CommandKind, Told> = {
    connect: hasSynchroniser(model) ? { synchroniser: 'synchronising' } : moving,
    disconnect: moving,
    'start-generation': { operatingState: 'starting' },
    'stop-generation': { operatingState: 'stopping' },
    'enable-synchronization': {},
    'activate-synchronization': { synchroniser: 'synchronising' },
    'limit-power': {},
    'switch-relay': {},
  };
  return Object.fromEntries(
    Object.entries(words[kind]).filter(([name, word]) =>
      model.points
        .find((point) => point.name === name)
        ?.sources.some(({ codes }) => Object.values(codes ?? {}).some((known) => known === word)),
    ),
  );
}

const has = (model: DeviceModel, name: string): boolean => model.points.some((point) => point.name === name);
const hasBreaker = (model: DeviceModel): boolean => has(model, 'breakerState');
const hasSynchroniser = ({ profile }: DeviceModel): boolean => profile.capabilities.includes('synchroniser');
const canConnect = ({ profile: { commands } }: DeviceModel): boolean =>
  commands.connect !== undefined || commands['activate-synchronization'] !== undefined;
