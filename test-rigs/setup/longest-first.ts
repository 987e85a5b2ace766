import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** Stories that wait for real seconds, by how long they take; the rest is short beside them. */
const longest = [
  'scenarios/commission-generator',
  'scenarios/commission.',
  'scenarios/commands-killed',
  'scenarios/commands.',
  'scenarios/agent.',
  'scenarios/fleet-restart',
  'src/main-clock',
  'scenarios/owned-broker',
  'scenarios/console-network',
  'scenarios/console.',
  'scenarios/restore',
  'tlm/load-engine',
  'tlm/run/load-run',
  'mdw/warehouse-death',
  'worker/households',
  'soak/faults/faults',
  'soak/fuzz/fuzz',
  'rig/blind',
  'scenarios/',
];

/** On a fresh clone nobody knows how long a file takes; begun last, a long one would be waited for alone. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = longest.findIndex((each) => moduleId.includes(each));
      return found === -1 ? longest.length : found;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
