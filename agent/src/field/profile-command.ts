import { layOut, planReads, noHoles, profileHash, profiles, readsEvery } from '@tiepoint/hardware-profiles';
import type { DeviceModel, Profile, ReadRequest } from '@tiepoint/hardware-profiles';
import type { BusSettings } from '../io/bus/bus.ts';
import { loadProfile } from '../io/profile-file.ts';
import { wireCost } from '../io/wire-cost.ts';
import { wholeOption } from './connection-options.ts';
import type { ExitCode, FieldCommand, FieldValues } from './field-command.ts';
import { columns, paint } from './terminal.ts';
import type { Terminal } from './terminal.ts';

export const profileCommand: FieldCommand = {
  name: 'profile',
  summary: 'check a profile, built-in or your own file, and see how it will be read; list and show them',
  verbs: { check: 'profile', list: 'nothing', show: 'profile' },
  usage: 'check FILE|NAME [--neighbours N] | list | show NAME',
  examples: [
    'tiepoint-agent profile check ./my-device.yaml --neighbours 8',
    'tiepoint-agent profile list',
    'tiepoint-agent profile show eastron-sdm630 > my-device.json',
  ],
  options: {
    neighbours: { type: 'string', placeholder: 'N', help: 'check: how many more such devices share the bus (0)' },
    period: { type: 'string', placeholder: 'MS', help: 'check: how often the device is read (4000)' },
  },
  async run({ values, positionals }, terminal) {
    const [what, name, ...more] = positionals;
    if (what === 'list' && name === undefined) return list(terminal);
    if ((what !== 'check' && what !== 'show') || name === undefined || more.length > 0) {
      terminal.complain(
        'profile check FILE|NAME, profile list, or profile show NAME. `tiepoint-agent help profile` tells more.',
      );
      return 2;
    }
    const loaded = loadProfile(name);
    if (!loaded.ok) {
      if (terminal.json) terminal.print(JSON.stringify({ ok: false, errors: loaded.errors }));
      terminal.complain(loaded.errors.join('\n'));
      return 2;
    }
    if (what === 'show') {
      terminal.print(JSON.stringify(loaded.profile, undefined, terminal.json ? 0 : 2), 'as-is');
      return 0;
    }
    return check(loaded.profile, values, terminal);
  },
};

function list(terminal: Terminal): ExitCode {
  if (terminal.json) {
    terminal.print(
      JSON.stringify({
        profiles: profiles.map((profile) => ({ ...summary(profile), hash: profileHash(profile) })),
      }),
    );
    return 0;
  }
  const rows = profiles.map((profile) => {
    const { name, device, kind, commands } = summary(profile);
    return [paint(terminal, 'bold', name), device, kind, commands.join(', ') || 'reads only'];
  });
  for (const line of columns(rows)) terminal.print(line);
  return 0;
}

function summary({ name, make, model, kind, capabilities, commands, source, unconfirmed = [] }: Profile) {
  return { name, device: `${make} ${model}`, kind, capabilities, commands: Object.keys(commands), source, unconfirmed };
}

function check(profile: Profile, values: FieldValues, terminal: Terminal): ExitCode {
  const neighbours = wholeOption(values, 'neighbours', 0, 246);
  const period = wholeOption(values, 'period', 200, 3_600_000);
  if (!neighbours.ok || !period.ok) {
    terminal.complain([neighbours, period].flatMap((each) => (each.ok ? [] : [each.say])).join('\n'));
    return 2;
  }
  const devices = 1 + (neighbours.value ?? 0);
  const periodMs = period.value ?? 4_000;
  const { model } = layOut(profile);
  const { reads, fits } = readingPlan(model, { devices, periodMs });
  const ok = fits.some((each) => each.fits);
  if (terminal.json) {
    terminal.print(
      JSON.stringify({ ok: true, ...summary(profile), hash: profileHash(profile), reads, devices, periodMs, fits }),
    );
    return ok ? 0 : 1;
  }
  terminal.print(
    `${paint(terminal, 'green', 'good')}: ${profile.name}, ${profile.make} ${profile.model}, hash ${profileHash(profile)}`,
  );
  terminal.print(
    `  points ${Object.keys(profile.points).length}, commands ${Object.keys(profile.commands).join(', ') || 'none'}`,
  );
  if ((profile.unconfirmed ?? []).length > 0)
    terminal.print(
      paint(
        terminal,
        'yellow',
        `  unconfirmed registers: ${profile.unconfirmed?.join(', ')}; commands that need them are withheld until checked`,
      ),
    );
  terminal.print(`Read every ${periodMs} ms, at 9600 baud, in ${counted(reads.length)}:`);
  for (const { table, address, quantity } of reads)
    terminal.print(`  ${table} ${address} to ${address + quantity - 1} (${quantity})`);
  terminal.print(
    `Time for ${devices === 1 ? 'one device' : `${devices} such devices`} on the wire, with 5 ms of turnaround each:`,
  );
  const rows = fits.map(({ line, transactions, cycleMs, mostDevices, fits: fit }) => [
    `  ${line}`,
    counted(transactions),
    `${cycleMs.toFixed(cycleMs < 100 ? 1 : 0)} ms`,
    fit ? paint(terminal, 'green', 'fits') : paint(terminal, 'red', 'does not fit'),
    `at most ${mostDevices} such devices`,
  ]);
  for (const line of columns(rows)) terminal.print(line);
  return ok ? 0 : 1;
}

export type Fit = {
  readonly line: string;
  readonly transactions: number;
  readonly cycleMs: number;
  readonly mostDevices: number;
  readonly fits: boolean;
};

/** How a device is read in every cycle, and on which lines so many of its kind fit into one period. A fifth is left for commands, retries and slower points. */
export function readingPlan(
  model: DeviceModel,
  { devices, periodMs }: { devices: number; periodMs: number },
): { reads: readonly ReadRequest[]; fits: readonly Fit[] } {
  const spans = readsEvery(model, ['cycle']);
  const planAt = (bus: BusSettings): { reads: readonly ReadRequest[]; costMs: number } => {
    const cost = wireCost(bus);
    const reads = planReads(spans, { maxRegisters: model.maxRegisters, wireCost: cost, holes: noHoles, nowMs: 0 });
    return { reads, costMs: reads.reduce((sum, read) => sum + costOfRead(read, cost), 0) };
  };
  const lines: readonly { line: string; bus: BusSettings }[] = [
    ...[2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200].map((baudRate) => ({
      line: `${baudRate} baud`,
      bus: { name: '', kind: 'rtu', path: '', baudRate } as const,
    })),
    { line: 'TCP', bus: { name: '', kind: 'tcp', host: '', port: 502 } },
  ];
  const fits = lines.map(({ line, bus }) => {
    const { reads, costMs } = planAt(bus);
    const mostDevices = costMs === 0 ? 247 : Math.min(247, Math.floor((periodMs * usableShare) / costMs));
    return { line, transactions: reads.length, cycleMs: costMs * devices, mostDevices, fits: devices <= mostDevices };
  });
  return { reads: planAt({ name: '', kind: 'rtu', path: '', baudRate: 9600 }).reads, fits };
}

function costOfRead(
  { table, quantity }: ReadRequest,
  { perTransactionMs, perRegisterMs }: ReturnType<typeof wireCost>,
): number {
  const registers = table === 'coil' || table === 'discrete' ? Math.ceil(quantity / 16) : quantity;
  return perTransactionMs + registers * perRegisterMs;
}

const counted = (transactions: number): string => `${transactions} transaction${transactions === 1 ? '' : 's'}`;

const usableShare = 0.8;
