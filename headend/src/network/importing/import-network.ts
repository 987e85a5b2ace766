import { importCim } from '../cim/import-cim.ts';
import type { NetworkHistory } from '../connectivity/network-history.ts';
import type { Finding } from '../model/finding.ts';
import { changed, changesBetween } from '../model/network-change.ts';
import type { ElementChange } from '../model/network-change.ts';
import type { Network } from '../model/network.ts';
import { importOpenDss } from '../opendss/import-opendss.ts';
import type { ScriptFiles } from '../opendss/script-files.ts';
import { importCustomerMap } from '../tables/customer-map.ts';
import { importMeterList } from '../tables/meter-list.ts';
import { checkNetwork } from '../validation/check-network.ts';
import type { ImportProgress } from './aside.ts';

/** Where the files of a network are read from. */
export type NetworkFiles = ScriptFiles & {
  /** Piece by piece. Throws Error where it cannot be read. */
  chunks(path: string): Iterable<string>;
};

/** What is recorded: how the network differs from then on. */
export type RecordedEdit = {
  readonly changes: readonly ElementChange[];
  readonly cause: string;
  readonly say: string;
};

export type NetworkImport = {
  /** OpenDSS or CIM; a script names the others of its set by itself. */
  readonly file: string;
  readonly customers?: string;
  readonly meters?: string;
  readonly files: NetworkFiles;
  /** From when on it holds. */
  readonly atMs: number;
  readonly dryRun: boolean;
  readonly acceptErrors: boolean;
  /** What is known already; asked when the files are found to be in order. */
  readonly known: () => NetworkHistory;
  readonly record: (
    edit: RecordedEdit,
  ) => Promise<{ readonly ok: true } | { readonly ok: false; readonly say: string }>;
  /** Counts pieces of equipment. */
  readonly progress: (at: ImportProgress) => void;
};

export type NetworkImported = {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  readonly say: string;
};

/**
 * Reads a network with its tables, checks it, and records what differs from the network as of that instant. A file with errors is
 * refused as a whole unless they are accepted: what an importer left out would be missing from every sum.
 */
export async function importNetwork(asked: NetworkImport): Promise<NetworkImported> {
  const { file, progress } = asked;
  progress({ state: 'reading', done: 0, total: 0 });
  const read = readNetwork(asked);
  const tables = withTables(read.network, asked);
  const { network } = tables;
  const total = network.equipment.size;
  progress({ state: 'checking', done: 0, total });
  const findings = [...read.findings, ...tables.findings, ...checkNetwork(network)];
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const ended = (ok: boolean, say: string, all = findings): NetworkImported => ({
    ok,
    findings: all,
    say: `${file}: ${say}`,
  });
  if (errors > 0 && !asked.acceptErrors)
    return ended(
      false,
      `${errors} ${errors === 1 ? 'error' : 'errors'}; nothing is recorded. Mend them, or accept errors to take the rest`,
    );
  if (total === 0) return ended(false, 'holds no network; nothing is recorded');
  const history = asked.known();
  const changes = changesBetween(history.at(asked.atMs).network, network);
  const all = [...findings, ...changedAfter(history, asked.atMs), ...positionsThatDiffer(history, network, asked.atMs)];
  if (changes.length === 0) return ended(true, 'is what is known already; nothing is recorded', all);
  const puts = changes.filter((change) => 'put' in change).length;
  const what = `as of ${new Date(asked.atMs).toISOString()}: ${puts} elements new or changed, ${changes.length - puts} removed`;
  if (asked.dryRun) return ended(true, `could be imported, ${what}; nothing is recorded`, all);
  progress({ state: 'landing', done: 0, total });
  const say = `${file} imported, ${what}`;
  const recorded = await asked.record({ changes, cause: file, say });
  return recorded.ok ? { ok: true, findings: all, say } : { ok: false, findings, say: recorded.say };
}

/** What was recorded for later instants is said over what the file says. */
function changedAfter({ events }: NetworkHistory, atMs: number): Finding[] {
  const later = events.filter((each) => each.kind === 'edit' && each.atMs > atMs);
  const [first] = later;
  if (first === undefined) return [];
  const since = new Date(first.atMs).toISOString();
  const say = `from ${since} on the network was changed already (by ${later.length} in all): what those changes say stands, whatever these files say. Look at the network as of now afterwards`;
  return [{ severity: 'warning', code: 'changed-after', say }];
}

/** A file moves no switch that is known: where it says otherwise, a person should know. */
function positionsThatDiffer(history: NetworkHistory, network: Network, atMs: number): Finding[] {
  const before = history.at(atMs);
  return [...network.equipment.values()].flatMap((equipment): Finding[] => {
    if (equipment.kind !== 'Switch') return [];
    const known = before.isClosed(equipment.id);
    const written =
      equipment.openPhases.length === 0
        ? 'closed'
        : equipment.openPhases.length === equipment.terminals[0]?.phases.length
          ? 'open'
          : 'partly';
    if (known === undefined || known === written) return [];
    const say = `${equipment.id}: the file has it ${written}, in operation it is ${known}: an import moves no switch`;
    return [
      {
        severity: 'warning',
        code: 'switch-position',
        say,
        elements: [equipment.id],
        ...(equipment.from === undefined ? {} : { place: equipment.from }),
      },
    ];
  });
}

type Read = { readonly network: Network; readonly findings: readonly Finding[] };

/** By what the file begins with, for endings differ. */
function readNetwork({ file, files }: NetworkImport): Read {
  const isXml = firstCharacter(files.chunks(file)) === '<';
  return isXml ? importCim(file, files.chunks(file)) : importOpenDss(file, files);
}

function firstCharacter(chunks: Iterable<string>): string {
  for (const chunk of chunks) {
    const text = chunk.replace(/^\uFEFF/, '').trimStart();
    if (text !== '') return text.charAt(0);
  }
  return '';
}

function withTables(network: Network, { customers, meters, files }: NetworkImport): Read {
  let now = network;
  const findings: Finding[] = [];
  for (const [file, read] of [
    [customers, importCustomerMap],
    [meters, importMeterList],
  ] as const) {
    if (file === undefined) continue;
    const table = read(file, [...files.chunks(file)].join(''), now);
    findings.push(...table.findings);
    now = changed(now, table.changes);
  }
  return { network: now, findings };
}
