import type { FleetRow } from '../../../src/api/contract.ts';

type Switching = Pick<FleetRow, 'capabilities' | 'switchState' | 'breakerState'>;

/** The contact by which a device switches: a meter may have a service switch, a source or a feeder a breaker. Undefined: unknown. */
export function contactOf({ capabilities, switchState, breakerState }: Switching): FleetRow['switchState'] {
  return capabilities.includes('service-switch') ? switchState : breakerState;
}
