import { isRegulator } from '../connectivity/labels.ts';
import { Topology } from '../connectivity/topology.ts';
import { recordedPoles, trace } from '../connectivity/tracing.ts';
import { NetworkView } from '../connectivity/network-view.ts';
import type { Circuit, Network } from '../model/network.ts';
import type { DssImport } from './dss-import.ts';
import { classNamed } from './property-names.ts';
import { idOf, ObjectReader } from './object-reader.ts';

/**
 * A script knows neither circuits nor substations. Where energy meters stand, each begins a circuit; without any the script is one
 * circuit from its source. The transformer above a circuit's head stands for its substation.
 */
export function importCircuits(dss: DssImport): void {
  const circuits = metered(dss);
  if (circuits.length === 0) circuits.push(...ofSources(dss));
  const network = dss.draft.network();
  const topology = new Topology(network);
  const view = new NetworkView(topology, trace(topology.structure, recordedPoles(topology.structure)));
  for (const circuit of circuits) {
    const substation = substationAbove(view, circuit);
    if (substation !== undefined)
      dss.draft.put({ kind: 'Substation', id: substation.id, name: substation.name, ...substation.at });
    dss.draft.put({ ...circuit, ...(substation === undefined ? {} : { substation: substation.id }) });
  }
}

function metered(dss: DssImport): Circuit[] {
  return dss.book.all('energymeter').flatMap((object): Circuit[] => {
    const reader = new ObjectReader(object, dss.report);
    const element = reader.text('element') ?? '';
    const terminal = reader.number('terminal') ?? 1;
    reader.ask(['option', 'localonly', 'action']);
    reader.done();
    const [kind = '', ...name] = element.split('.');
    const found = classNamed(kind);
    const head = found.kind === 'carried' ? dss.book.find(found.name, name.join('.')) : undefined;
    if (head === undefined)
      reader.tell('error', 'no-object', `what it measures, ${element}, is not here: it begins no circuit`);
    if (head === undefined || !reader.enabled) return [];
    return [
      {
        kind: 'Circuit',
        id: object.name,
        name: object.name,
        head: { equipment: idOf(head), terminal },
        from: object.place,
      },
    ];
  });
}

function ofSources(dss: DssImport): Circuit[] {
  return dss.book.all('vsource').map((object, index): Circuit => {
    const name = index === 0 ? (dss.book.circuitName ?? object.name) : object.name;
    return { kind: 'Circuit', id: name, name, head: { equipment: idOf(object), terminal: 1 }, from: object.place };
  });
}

type Above = { readonly id: string; readonly name: string; readonly at: { position?: { x: number; y: number } } };

function substationAbove(view: NetworkView, { head }: Circuit): Above | undefined {
  const { network } = view;
  const equipment = network.equipment.get(head.equipment);
  const node = equipment?.terminals[head.terminal - 1]?.node;
  if (equipment === undefined || node === undefined) return undefined;
  const above = view.wayToSource(node).find((id) => isStepDown(network, id));
  const transformer = above === undefined ? undefined : network.equipment.get(above);
  if (transformer === undefined) return undefined;
  const position = network.nodes.get(transformer.terminals[0]?.node ?? '')?.position;
  return { id: transformer.name, name: transformer.name, at: position === undefined ? {} : { position } };
}

function isStepDown(network: Network, id: string): boolean {
  const equipment = network.equipment.get(id);
  return equipment?.kind === 'PowerTransformer' && !isRegulator(equipment);
}
