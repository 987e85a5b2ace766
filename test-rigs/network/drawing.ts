import { NetworkView } from '@tiepoint/headend/network/connectivity/network-view.ts';
import { Topology } from '@tiepoint/headend/network/connectivity/topology.ts';
import { recordedPoles, trace } from '@tiepoint/headend/network/connectivity/tracing.ts';
import type { Equipment } from '@tiepoint/headend/network/model/equipment.ts';
import type { Network, Position } from '@tiepoint/headend/network/model/network.ts';

const widthPx = 1_600;
const marginPx = 40;
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#8a6d00', '#56b4e9'];

/** The network as a picture: lines in the colour of their circuit, switches, transformers and sources as marks. */
export function drawNetwork(network: Network): string {
  const topology = new Topology(network);
  const view = new NetworkView(topology, trace(topology.structure, recordedPoles(topology.structure)));
  const { place, heightPx } = projection(network);
  const circuits = [...network.circuits.keys()];
  const colourOf = (node: string): string => {
    const circuit = view.feedOfNode(node)?.circuit;
    return circuit === undefined ? '#444' : (colours[circuits.indexOf(circuit) % colours.length] ?? '#444');
  };
  const at = (node: string): [number, number] => place(network.nodes.get(node)?.position ?? { x: 0, y: 0 });
  const marks = [...network.equipment.values()].map((equipment) => mark(equipment, at, colourOf));
  const labels = [...network.substations.values()].map(({ name, position }) => {
    const [x, y] = place(position ?? { x: 0, y: 0 });
    return `<text x="${x.toFixed(1)}" y="${(y - 14).toFixed(1)}" text-anchor="middle" font-size="16">${name}</text>`;
  });
  const key = circuits.map(
    (id, index) =>
      `<text x="${marginPx + index * 70}" y="24" fill="${colours[index % colours.length] ?? ''}" font-size="18">${id}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}" font-family="sans-serif">`,
    '<rect width="100%" height="100%" fill="white"/>',
    ...marks.map(({ back }) => back),
    ...marks.map(({ front }) => front),
    ...labels,
    ...key,
    '</svg>',
  ].join('\n');
}

function projection(network: Network): { place: (position: Position) => [number, number]; heightPx: number } {
  const positions = [...network.nodes.values()].flatMap(({ position }) => (position === undefined ? [] : [position]));
  const [west, east] = [Math.min(...positions.map(({ x }) => x)), Math.max(...positions.map(({ x }) => x))];
  const [low, high] = [Math.min(...positions.map(({ y }) => y)), Math.max(...positions.map(({ y }) => y))];
  const scale = (widthPx - 2 * marginPx) / (east - west);
  const stretch = scale / Math.cos((low * Math.PI) / 180);
  return {
    place: ({ x, y }) => [marginPx + (x - west) * scale, marginPx + (high - y) * stretch],
    heightPx: Math.round(2 * marginPx + (high - low) * stretch),
  };
}

type Mark = { readonly back: string; readonly front: string };
type At = (node: string) => [number, number];

function mark(equipment: Equipment, at: At, colourOf: (node: string) => string): Mark {
  const [first, second] = equipment.terminals.map(({ node }) => node);
  const [x, y] = at(first ?? '').map((value) => value.toFixed(1));
  const colour = colourOf(second ?? first ?? '');
  const none = { back: '', front: '' };
  switch (equipment.kind) {
    case 'ACLineSegment': {
      const [x2, y2] = at(second ?? '').map((value) => value.toFixed(1));
      const isLow = equipment.terminals[0]?.phases.includes('s1') === true;
      const width = isLow ? 0.5 : equipment.terminals[0]?.phases.length === 3 ? 2.4 : 1.2;
      return {
        back: `<line x1="${x}" y1="${y}" x2="${x2}" y2="${y2}" stroke="${colour}" stroke-width="${width}"/>`,
        front: '',
      };
    }
    case 'Switch': {
      if (equipment.type === 'Fuse') return none;
      const fill = equipment.openPhases.length > 0 ? 'white' : 'black';
      const [middleX, middleY] = at(second ?? '').map((value) => value.toFixed(1));
      return {
        back: '',
        front: `<rect x="${Number(middleX) - 4}" y="${Number(middleY) - 4}" width="8" height="8" fill="${fill}" stroke="black" stroke-width="1.5"/>`,
      };
    }
    case 'PowerTransformer':
      return {
        back: '',
        front: `<circle cx="${x}" cy="${y}" r="${equipment.phaseCount === 3 ? 4 : 2.4}" fill="${colour}"/>`,
      };
    case 'SynchronousMachine':
      return { back: '', front: `<circle cx="${x}" cy="${y}" r="6" fill="none" stroke="red" stroke-width="2"/>` };
    case 'PowerElectronicsConnection':
      return {
        back: '',
        front: `<circle cx="${x}" cy="${y}" r="2" fill="${equipment.units[0]?.kind === 'BatteryUnit' ? 'red' : 'gold'}"/>`,
      };
    case 'EnergySource':
      return {
        back: '',
        front: `<rect x="${Number(x) - 9}" y="${Number(y) - 9}" width="18" height="18" fill="none" stroke="black" stroke-width="3"/>`,
      };
    case 'SeriesCompensator':
    case 'LinearShuntCompensator':
    case 'EnergyConsumer':
      return none;
  }
}
