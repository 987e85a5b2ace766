import type { Equipment } from '../model/equipment.ts';
import type { Finding } from '../model/finding.ts';
import type { Network } from '../model/network.ts';
import { windingVoltage } from '../model/nominal-voltages.ts';
import { told } from './told.ts';

const farOff = 0.25;
const isFar = (rated: number, nominal: number): boolean => Math.abs(rated / nominal - 1) > farOff;
const kv = (volts: number): string => `${Number((volts / 1_000).toPrecision(4))} kV`;

/** Whether what is connected fits the voltage of where it is connected; a quarter off is no tap and no tolerance. */
export function checkVoltages(network: Network): Finding[] {
  const nominal = (node: string | undefined): number | undefined => network.nodes.get(node ?? '')?.nominalVoltageV;
  return [...network.equipment.values()].flatMap((equipment) => {
    if (equipment.kind === 'PowerTransformer') {
      return equipment.terminals.flatMap(({ node }, index) => {
        const [rated, there] = [windingVoltage(equipment, index), nominal(node)];
        if (there === undefined || !isFar(rated, there)) return [];
        return [
          told(
            'error',
            'voltage',
            equipment,
            `winding ${index + 1} is rated for ${kv(rated)} between phases, and ${node} has ${kv(there)}`,
          ),
        ];
      });
    }
    const [one, other] = equipment.terminals.map(({ node }) => nominal(node));
    if (one !== undefined && other !== undefined && isFar(one, other))
      return [told('error', 'voltage', equipment, `joins ${kv(one)} with ${kv(other)} without a transformer`)];
    const rated = ratedBetweenPhases(equipment);
    if (one === undefined || rated === undefined || rated.every((each) => isFar(each, one))) {
      if (one === undefined || rated === undefined) return [];
      return [
        told(
          'error',
          'voltage',
          equipment,
          `is rated for ${kv(rated[0] ?? 0)}, and ${equipment.terminals[0]?.node ?? ''} has ${kv(one)}`,
        ),
      ];
    }
    return [];
  });
}

/** What its rated voltage may mean between phases. */
function ratedBetweenPhases(equipment: Equipment): number[] | undefined {
  if (!('ratedVoltageV' in equipment)) return undefined;
  const [terminal] = equipment.terminals;
  const live = terminal?.phases.filter((phase) => phase !== 'N') ?? [];
  const isSplit = live.some((phase) => phase === 's1' || phase === 's2');
  const { ratedVoltageV: rated, connection } = equipment;
  // On two wires of a centre tap 208, 240 and 120 V are all said of the same thing.
  if (isSplit) return [rated, 2 * rated, (2 * rated) / Math.sqrt(3)];
  return live.length === 1 && connection === 'wye' ? [Math.sqrt(3) * rated] : [rated];
}
