import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { recordNetworkEdit } from './main-network-edit.ts';
import { importCim } from './network/cim/import-cim.ts';
import { NetworkHistory } from './network/connectivity/network-history.ts';
import { changed, changesBetween } from './network/model/network-change.ts';
import type { Finding } from './network/model/finding.ts';
import type { Network } from './network/model/network.ts';
import { storedHistory } from './network/network-register.ts';
import { importOpenDss } from './network/opendss/import-opendss.ts';
import { diskFiles } from './network/opendss/script-files.ts';
import { importCustomerMap } from './network/tables/customer-map.ts';
import { importMeterList } from './network/tables/meter-list.ts';
import { checkNetwork } from './network/validation/check-network.ts';
import { openToRead } from './store/database.ts';
import { networkReader } from './store/network-tables.ts';
import { operationsId } from './store/sqlite-store.ts';

export type NetworkImportRequest = {
  readonly file: string;
  readonly customers?: string;
  readonly meters?: string;
  readonly data: string;
  /** From when on it holds. */
  readonly atMs: number;
  readonly nowMs: number;
  readonly by: string;
  readonly dryRun: boolean;
  readonly acceptErrors: boolean;
  readonly progress: (say: string) => void;
};

export type NetworkImportOutcome = {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  readonly say: string;
};

/**
 * Reads a network with its tables, checks it, and records what differs from the network as of that instant. A file with errors is
 * refused as a whole unless they are accepted: what an importer left out would be missing from every sum.
 */
export async function importNetworkFile(request: NetworkImportRequest): Promise<NetworkImportOutcome> {
  const { file, progress } = request;
  const startMs = performance.now();
  progress(`${file}: reading …`);
  const read = readNetwork(file);
  const tables = withTables(read.network, request);
  const { network } = tables;
  progress(
    `${file}: ${network.nodes.size} nodes, ${network.equipment.size} pieces of equipment, ${network.usagePoints.size} service points, ${network.customers.size} customers in ${seconds(startMs)} s; checking …`,
  );
  const findings = [...read.findings, ...tables.findings, ...checkNetwork(network)];
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  if (errors > 0 && !request.acceptErrors)
    return {
      ok: false,
      findings,
      say: `${file}: ${errors} errors; nothing is recorded. Mend them, or say --accept-errors to take the rest`,
    };
  if (network.equipment.size === 0)
    return { ok: false, findings, say: `${file}: holds no network; nothing is recorded` };
  if (request.dryRun) return { ok: true, findings, say: `${file}: could be imported; nothing is recorded (--dry-run)` };
  return await record(request, network, findings);
}

async function record(
  { file, data, atMs, nowMs, by }: NetworkImportRequest,
  network: Network,
  findings: readonly Finding[],
): Promise<NetworkImportOutcome> {
  const history = knownHistory(data);
  const changes = changesBetween(history.at(atMs).network, network);
  const all = [...findings, ...positionsThatDiffer(history, network, atMs)];
  if (changes.length === 0)
    return { ok: true, findings: all, say: `${file}: is what is known already; nothing is recorded` };
  const puts = changes.filter((change) => 'put' in change).length;
  const what = `${puts} elements new or changed, ${changes.length - puts} removed`;
  const say = `${file} imported, as of ${new Date(atMs).toISOString()}: ${what}`;
  const recorded = await recordNetworkEdit(data, { changes, atMs, nowMs, by, cause: file, say });
  return recorded.ok ? { ok: true, findings: all, say } : { ok: false, findings, say: recorded.say };
}

/** Of a head-end that was never started there is none. */
function knownHistory(data: string): NetworkHistory {
  const path = join(data, 'operations.db');
  if (!existsSync(path)) return new NetworkHistory();
  const db = openToRead(path, operationsId);
  try {
    return storedHistory(networkReader(db));
  } finally {
    db.close();
  }
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
function readNetwork(file: string): Read {
  const isXml = firstCharacter(file) === '<';
  return isXml ? importCim(file, chunksOf(file)) : importOpenDss(file, diskFiles);
}

const chunkBytes = 1 << 20;

function* chunksOf(file: string): Generator<string> {
  const descriptor = openSync(file, 'r');
  try {
    const decoder = new StringDecoder('utf8');
    const buffer = Buffer.alloc(chunkBytes);
    for (let count = readSync(descriptor, buffer); count > 0; count = readSync(descriptor, buffer))
      yield decoder.write(buffer.subarray(0, count));
    yield decoder.end();
  } finally {
    closeSync(descriptor);
  }
}

function firstCharacter(file: string): string {
  try {
    for (const chunk of chunksOf(file)) {
      const text = chunk.replace(/^\uFEFF/, '').trimStart();
      if (text !== '') return text.charAt(0);
    }
    return '';
  } catch (error) {
    throw unreadable(file, error);
  }
}

function withTables(network: Network, { customers, meters }: Pick<NetworkImportRequest, 'customers' | 'meters'>): Read {
  let now = network;
  const findings: Finding[] = [];
  for (const [file, read] of [
    [customers, importCustomerMap],
    [meters, importMeterList],
  ] as const) {
    if (file === undefined) continue;
    const table = read(file, tableText(file), now);
    findings.push(...table.findings);
    now = changed(now, table.changes);
  }
  return { network: now, findings };
}

function tableText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
}

const unreadable = (file: string, error: unknown): Error =>
  new Error(`${file} cannot be read (${error instanceof Error ? error.message : String(error)})`, { cause: error });

const seconds = (startMs: number): string => ((performance.now() - startMs) / 1_000).toFixed(1);
