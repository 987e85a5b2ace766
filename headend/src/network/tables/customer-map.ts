import type { Finding } from '../model/finding.ts';
import type { ElementChange } from '../model/network-change.ts';
import { nearestNames } from '../model/nearest-name.ts';
import type { ConnectivityNode, Customer, CustomerKind, Network, UsagePoint } from '../model/network.ts';
import { voltageZones } from '../model/nominal-voltages.ts';
import { phaseOrder, phasesOf } from '../model/phase.ts';
import type { Phase } from '../model/phase.ts';
import { tableLines } from './table-lines.ts';
import type { Columns, TableLine } from './table-lines.ts';

type Column =
  | 'customer'
  | 'name'
  | 'kind'
  | 'critical'
  | 'service_point'
  | 'transformer'
  | 'node'
  | 'phases'
  | 'meter'
  | 'rated_current_a';

const columns: Columns<Column> = {
  customer: { names: ['customer_id', 'account', 'account_number'], required: true },
  name: { names: ['customer_name'] },
  kind: { names: ['customer_kind', 'class', 'customer_class', 'rate_class'] },
  critical: { names: ['critical_customer', 'life_support'] },
  service_point: { names: ['usage_point', 'service_point_id', 'premise', 'premise_id'] },
  transformer: { names: ['transformer_id', 'xfmr'] },
  node: { names: ['bus', 'connectivity_node'] },
  phases: { names: ['phase'] },
  meter: { names: ['meter_number', 'meter_id'] },
  rated_current_a: { names: ['service_current_a', 'main_a'] },
};

export type TableImport = { readonly changes: readonly ElementChange[]; readonly findings: readonly Finding[] };

const kinds: Readonly<Record<string, CustomerKind>> = {
  r: 'residential',
  c: 'commercial',
  i: 'industrial',
  a: 'agricultural',
  p: 'public',
};

/**
 * Whose service point hangs at which transformer: a line a customer. The place is the service point, if the network has it; else the node;
 * else the secondary of the transformer. What a line does not say of a service point that is there stays as it is.
 */
export function importCustomerMap(file: string, text: string, network: Network): TableImport {
  const { lines, findings: faults } = tableLines(file, text, columns);
  const findings = [...faults];
  const changes: ElementChange[] = [];
  const seen = {
    customer: new Map<string, number>(),
    point: new Map<string, number>(),
    meter: new Map<string, number>(),
  };
  const register = { ...registerOf(network), nearest: nearestNames() };
  for (const each of lines) {
    const tell = (say: string): void =>
      void findings.push({ severity: 'error', code: 'table', say, place: { file, line: each.line } });
    const twice = twiceIn(seen, each);
    if (twice !== undefined) {
      tell(twice);
      continue;
    }
    const point = pointOf(register, each, tell);
    if (point === undefined) continue;
    const from = { file, line: each.line };
    const customer = customerOf(network, each, tell);
    changes.push({ put: { ...customer, from } }, { put: { ...point, customer: customer.id, from } });
  }
  return { changes, findings };
}

function twiceIn(
  seen: Record<'customer' | 'point' | 'meter', Map<string, number>>,
  { line, cells }: TableLine<Column>,
): string | undefined {
  const named = { customer: cells.customer, point: cells.service_point, meter: cells.meter } as const;
  for (const [what, name] of Object.entries(named) as ['customer' | 'point' | 'meter', string | undefined][]) {
    if (name === undefined) continue;
    const before = seen[what].get(name);
    // A customer may have several service points.
    if (before !== undefined && what !== 'customer')
      return `${what === 'point' ? 'service point' : 'meter'} ${name} is in line ${before} already: this line is left out`;
    seen[what].set(name, before ?? line);
  }
  return undefined;
}

function customerOf(network: Network, { cells }: TableLine<Column>, tell: (say: string) => void): Customer {
  const id = cells.customer ?? '';
  const known = network.customers.get(id);
  const kind = cells.kind === undefined ? known?.customerKind : kinds[cells.kind.charAt(0).toLowerCase()];
  if (cells.kind !== undefined && kind === undefined)
    tell(`kind '${cells.kind}' is none of ${Object.values(kinds).join(', ')}: it is left out`);
  const critical = cells.critical === undefined ? known?.critical : /^(y|t|1|j)/i.test(cells.critical);
  return {
    kind: 'Customer',
    id,
    name: cells.name ?? known?.name ?? id,
    ...(kind === undefined ? {} : { customerKind: kind }),
    ...(critical === undefined ? {} : { critical }),
  };
}

type Secondary = { readonly node: string; readonly phases: readonly Phase[] };

function pointOf(
  register: Register,
  { cells }: TableLine<Column>,
  tell: (say: string) => void,
): UsagePoint | undefined {
  const known = cells.service_point === undefined ? undefined : register.network.usagePoints.get(cells.service_point);
  const place = placeOf(register, cells, known, tell);
  if (place === undefined) return undefined;
  const phases =
    cells.phases === undefined ? (known?.phases ?? place.phases) : phasesOf(cells.phases.replaceAll(/[\s,/]/g, ''));
  if (phases === undefined) {
    tell(`phases '${cells.phases ?? ''}' are none of ${phaseOrder.join(', ')}: the line is left out`);
    return undefined;
  }
  const id = cells.service_point ?? `${place.node}/${cells.customer ?? ''}`;
  const rated = cells.rated_current_a === undefined ? known?.ratedCurrentA : Number(cells.rated_current_a);
  if (rated !== undefined && !(rated > 0))
    tell(`rated_current_a '${cells.rated_current_a ?? ''}' is no current in ampere: it is left out`);
  return {
    ...known,
    kind: 'UsagePoint',
    id,
    name: known?.name ?? id,
    node: place.node,
    phases: phases.filter((phase) => phase !== 'N'),
    ...(cells.meter === undefined ? {} : { meter: cells.meter }),
    ...(rated === undefined || !(rated > 0) ? {} : { ratedCurrentA: rated }),
  };
}

function placeOf(
  { network, transformers, nodes, zoneOf, phasesAt, nearest }: Register,
  cells: TableLine<Column>['cells'],
  known: UsagePoint | undefined,
  tell: (say: string) => void,
): Secondary | undefined {
  if (cells.node !== undefined) {
    const node = nodes.get(cells.node.toLowerCase());
    if (node === undefined)
      tell(
        `there is no node ${cells.node}${meant(nearest(cells.node.toLowerCase(), network.nodes))}: the line is left out`,
      );
    return node === undefined ? undefined : { node: node.id, phases: known?.phases ?? phasesAt(node.id) };
  }
  if (cells.transformer === undefined) {
    if (known !== undefined) return { node: known.node, phases: known.phases };
    tell('says neither a transformer nor a node, and its service point is not in the network: the line is left out');
    return undefined;
  }
  const found = transformers.get(cells.transformer.toLowerCase());
  if (found === undefined)
    tell(
      `there is no transformer ${cells.transformer}${meant(nearest(cells.transformer.toLowerCase(), transformers))}: the line is left out`,
    );
  else if (found === 'several') tell(`several transformers are called ${cells.transformer}: name one by its id`);
  else if (known === undefined || zoneOf(known.node) === zoneOf(found.node))
    return known === undefined ? found : { node: known.node, phases: known.phases };
  else return found;
  return undefined;
}

const meant = (near: string | undefined): string => (near === undefined ? '' : ` (is ${near} meant?)`);

/** The network by the names that tables use, made once for all lines. */
type Register = {
  readonly network: Network;
  readonly transformers: ReadonlyMap<string, Secondary | 'several'>;
  readonly nodes: ReadonlyMap<string, ConnectivityNode>;
  readonly zoneOf: (node: string) => string;
  readonly phasesAt: (node: string) => readonly Phase[];
  readonly nearest: ReturnType<typeof nearestNames>;
};

function registerOf(network: Network): Omit<Register, 'nearest'> {
  const nodes = new Map<string, ConnectivityNode>();
  for (const node of network.nodes.values()) nodes.set(node.name.toLowerCase(), node);
  for (const node of network.nodes.values()) nodes.set(node.id.toLowerCase(), node);
  const phases = new Map<string, Set<Phase>>();
  for (const { terminals } of network.equipment.values()) {
    for (const terminal of terminals) {
      const known = phases.get(terminal.node) ?? new Set();
      phases.set(terminal.node, known);
      for (const phase of terminal.phases) known.add(phase);
    }
  }
  return {
    network,
    transformers: transformersByName(network),
    nodes,
    zoneOf: voltageZones(network),
    phasesAt: (node) => phaseOrder.filter((phase) => phase !== 'N' && (phases.get(node)?.has(phase) ?? false)),
  };
}

/** By id and by name: where the lowest voltage comes out. */
function transformersByName(network: Network): Map<string, Secondary | 'several'> {
  const found = new Map<string, Secondary | 'several'>();
  const ids = new Map<string, Secondary>();
  for (const equipment of network.equipment.values()) {
    if (equipment.kind !== 'PowerTransformer') continue;
    const lowest = Math.min(...equipment.ends.map(({ ratedVoltageV }) => ratedVoltageV));
    const index = equipment.ends.findIndex(({ ratedVoltageV }) => ratedVoltageV === lowest);
    const node = equipment.terminals[index]?.node ?? '';
    const phases = equipment.terminals.filter((each) => each.node === node).flatMap((each) => each.phases);
    const secondary = { node, phases: phaseOrder.filter((phase) => phase !== 'N' && phases.includes(phase)) };
    const name = equipment.name.toLowerCase();
    found.set(name, found.has(name) ? 'several' : secondary);
    ids.set(equipment.id.toLowerCase(), secondary);
  }
  for (const [id, secondary] of ids) found.set(id, secondary);
  return found;
}
