import type { Finding } from '../model/finding.ts';
import type { ConnectivityNode, Network } from '../model/network.ts';
import { nominalVoltages } from '../model/nominal-voltages.ts';
import { putServicePoints } from '../model/service-points.ts';
import { readCapacitorControls } from './capacitor-controls.ts';
import { importCircuits } from './circuits.ts';
import { DssImport } from './dss-import.ts';
import { importGenerators, importPvSystems, importStorage } from './generation.ts';
import { importLines } from './lines.ts';
import { importLoads } from './loads.ts';
import { readRegulators } from './regulators.ts';
import { runScript } from './script.ts';
import type { ScriptFiles } from './script-files.ts';
import { importCapacitors, importReactors } from './shunts.ts';
import { importSources } from './sources.ts';
import { splitPhaseBuses } from './split-phase.ts';
import { switchControls } from './switch-controls.ts';
import { importTransformers, readTransformers } from './transformers.ts';

export type ImportedNetwork = { readonly network: Network; readonly findings: readonly Finding[] };

/**
 * Reads an OpenDSS script with all that it redirects to. What is not understood is told by file and line; what is of no concern to a
 * network model (solutions, pictures, curves) is told as notes.
 */
export function importOpenDss(path: string, files: ScriptFiles): ImportedNetwork {
  const dss = new DssImport(runScript(path, files));
  if (dss.book.circuitName === undefined)
    dss.report.tellAt('error', 'no-circuit', 'no circuit is defined here (new circuit.name …)', {
      file: path,
      line: 1,
    });
  const transformers = readTransformers(dss);
  dss.buses.setSplit(splitPhaseBuses(dss, transformers));
  importSources(dss);
  importLines(dss, switchControls(dss.book, dss.report));
  importTransformers(dss, transformers, readRegulators(dss));
  importReactors(dss);
  importCapacitors(dss, readCapacitorControls(dss));
  importLoads(dss);
  importGenerators(dss);
  importPvSystems(dss);
  importStorage(dss);
  dss.readAllLineData();
  putNodes(dss);
  putServicePoints(dss.draft);
  importCircuits(dss);
  dss.close();
  return { network: dss.draft.network(), findings: dss.book.findings };
}

function putNodes(dss: DssImport): void {
  const nodes = new Map<string, ConnectivityNode>();
  for (const { id, place } of dss.buses.all()) nodes.set(id, { kind: 'ConnectivityNode', id, name: id, from: place });
  let unused = 0;
  for (const { bus, x, y, place } of dss.book.positions) {
    const id = dss.buses.find(bus);
    const node = id === undefined ? undefined : nodes.get(id);
    if (node !== undefined) nodes.set(node.id, { ...node, position: { x, y } });
    else {
      unused += 1;
      if (unused === 1)
        dss.report.tellAt('warning', 'no-bus', `${bus} has coordinates, but nothing is connected to it`, place);
    }
  }
  if (unused > 1)
    dss.report.tellAt(
      'note',
      'no-bus',
      `in all ${unused} buses have coordinates and nothing else`,
      dss.book.positions[0]?.place ?? { file: '', line: 1 },
    );
  for (const node of nodes.values()) dss.draft.put(node);
  const voltages = nominalVoltages(
    dss.draft.network(),
    dss.book.voltageBasesKv.map((kv) => kv * 1_000),
  );
  for (const node of nodes.values()) {
    const said = dss.book.busVoltagesKv.get(node.id.toLowerCase());
    const nominalVoltageV = said === undefined ? voltages.get(node.id) : said * 1_000;
    if (nominalVoltageV !== undefined) dss.draft.put({ ...node, nominalVoltageV });
  }
}
