import { NetworkView } from '../connectivity/network-view.ts';
import { Topology } from '../connectivity/topology.ts';
import { normalPoles, trace } from '../connectivity/tracing.ts';
import type { Finding } from '../model/finding.ts';
import type { Network } from '../model/network.ts';
import { checkConnections } from './connections.ts';
import { checkCustomers } from './customers.ts';
import { checkImpedances } from './impedances.ts';
import { checkNames } from './names.ts';
import { checkPositions } from './positions.ts';
import { checkRatings } from './ratings.ts';
import { checkSupply } from './supply.ts';
import { checkVoltages } from './voltages.ts';

const order = { error: 0, warning: 1, note: 2 } as const;

/** What is wrong with a network, errors first: each names what, why, and where it was said. */
export function checkNetwork(network: Network): Finding[] {
  const topology = new Topology(network);
  const normal = new NetworkView(topology, trace(topology.structure, normalPoles(topology.structure)));
  const every = new Uint8Array(topology.structure.poles.length).fill(1);
  const allClosed = new NetworkView(topology, trace(topology.structure, every));
  return [
    ...checkConnections(network),
    ...checkSupply(normal, allClosed),
    ...checkCustomers(allClosed),
    ...checkVoltages(network),
    ...checkImpedances(network),
    ...checkRatings(network),
    ...checkNames(network),
    ...checkPositions(network),
  ].toSorted((one, other) => order[one.severity] - order[other.severity]);
}
