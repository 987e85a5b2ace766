import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { extname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { importNetworkFile } from './main-network-import.ts';
import type { NetworkImportRequest } from './main-network-import.ts';
import { readSettings } from './main-settings.ts';
import { exportCim } from './network/cim/export-cim.ts';
import { exportGeoJson } from './network/geojson/export-geojson.ts';
import { findingLine } from './network/model/finding.ts';
import type { Finding } from './network/model/finding.ts';
import { historyIn } from './network/network-register.ts';
import { checkNetwork } from './network/validation/check-network.ts';

export const networkUsage = [
  'network import FILE [--customers CSV] [--meters CSV] [--at INSTANT] [--by NAME] [--dry-run] [--accept-errors] [--all] [--config FILE] [--data DIR]',
  '                                          an OpenDSS script (.dss) or CIM RDF/XML (.xml), also while the head-end runs',
  'network check [--at INSTANT] [--all] [--config FILE] [--data DIR]    what is wrong with the network, also while the head-end runs',
  'network export FILE [--at INSTANT] [--config FILE] [--data DIR]      .geojson or .xml (CIM)',
] as const;

type Asked = Omit<NetworkImportRequest, 'progress'> & { all: boolean };

/** Returns the exit code: 1 where something is wrong with the network. */
export async function networkCommand([what, ...rest]: readonly string[]): Promise<number> {
  if (what !== 'import' && what !== 'check' && what !== 'export')
    return wrong([`network ${what ?? ''}: it is import, check or export`]);
  const asked = askedFor(rest, what !== 'check');
  if (!asked.ok) return wrong(asked.say);
  if (what === 'import') return await importFile(asked.value);
  return what === 'check' ? check(asked.value) : exportTo(asked.value);
}

async function importFile(asked: Asked): Promise<number> {
  const outcome = await importNetworkFile({ ...asked, progress: (say) => console.error(say) });
  tellFindings(outcome.findings, asked.all);
  console.log(outcome.say);
  return outcome.ok ? 0 : 1;
}

function check(asked: Asked): number {
  const { network } = viewAt(asked);
  const findings = checkNetwork(network);
  tellFindings(findings, asked.all);
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  console.log(
    `${network.header.name}: ${network.nodes.size} nodes, ${network.equipment.size} pieces of equipment, ${network.usagePoints.size} service points; ${errors} errors, ${findings.length - errors} others`,
  );
  return errors === 0 ? 0 : 1;
}

function exportTo(asked: Asked): number {
  const kind = extname(asked.file).toLowerCase();
  if (!['.geojson', '.json', '.xml'].includes(kind))
    return wrong([`${asked.file}: its ending says what is written: .geojson or .xml (CIM)`]);
  const view = viewAt(asked);
  const text = kind === '.xml' ? exportCim(view.network) : `${JSON.stringify(exportGeoJson(view))}\n`;
  writeFileSync(asked.file, text);
  console.log(
    `${asked.file}: ${view.network.equipment.size} pieces of equipment as of ${new Date(asked.atMs).toISOString()}, ${(text.length / 1e6).toFixed(1)} MB`,
  );
  return 0;
}

function viewAt({ data, atMs }: Asked) {
  const path = join(data, 'operations.db');
  const view = historyIn(path).at(atMs);
  if (view.network.nodes.size === 0)
    throw new Error(`${path} holds no network as of ${new Date(atMs).toISOString()}: network import FILE brings one`);
  return view;
}

const most = 20;

/** Errors all; of the others the first of each kind, unless all are asked for. */
function tellFindings(findings: readonly Finding[], all: boolean): void {
  const counts = new Map<string, number>();
  for (const finding of findings) {
    const kind = `${finding.severity} ${finding.code}`;
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    if (all || count <= most) console.error(findingLine(finding));
  }
  for (const [kind, count] of counts)
    if (!all && count > most) console.error(`… ${count - most} more of ${kind}; --all shows them`);
}

function askedFor(
  args: readonly string[],
  needsFile: boolean,
): { ok: true; value: Asked } | { ok: false; say: readonly string[] } {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        config: text,
        data: text,
        at: text,
        by: text,
        customers: text,
        meters: text,
        'dry-run': flag,
        'accept-errors': flag,
        all: flag,
      },
      allowPositionals: true,
    });
    if (positionals.length !== (needsFile ? 1 : 0))
      return { ok: false, say: [needsFile ? 'Name one file' : `${positionals.join(' ')}: no file is asked for`] };
    const { config, data } = values;
    const where = Object.entries({ config, data }).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}`, value],
    );
    const settings = readSettings(where);
    if (!settings.ok) return settings;
    const atMs = values.at === undefined ? Date.now() : Date.parse(values.at);
    if (Number.isNaN(atMs)) return { ok: false, say: [`--at ${values.at ?? ''}: write it as 2026-03-31T12:00:00Z`] };
    const tables = {
      ...(values.customers === undefined ? {} : { customers: values.customers }),
      ...(values.meters === undefined ? {} : { meters: values.meters }),
    };
    return {
      ok: true,
      value: {
        file: positionals[0] ?? '',
        data: settings.value.data,
        atMs,
        nowMs: Date.now(),
        by: values.by ?? userInfo().username,
        dryRun: values['dry-run'],
        acceptErrors: values['accept-errors'],
        all: values.all,
        ...tables,
      },
    };
  } catch (error) {
    return { ok: false, say: [error instanceof Error ? error.message : String(error)] };
  }
}

function wrong(say: readonly string[]): number {
  for (const each of [...say, 'Usage:', ...networkUsage.map((line) => `  ${line}`)]) console.error(each);
  return 2;
}
