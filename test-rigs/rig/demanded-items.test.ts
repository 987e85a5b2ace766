import { expect, test } from 'vitest';
import { planItems } from '@tiepoint/agent/field/commission/plan.ts';
import { layOut, profiles } from '@tiepoint/hardware-profiles';
import { openItems } from '@tiepoint/headend/nms/provisioning/demanded-items.ts';
import type { DeviceBirth } from '@tiepoint/protocol';

// Two programs that never import each other keep two lists: what the head-end asks for must be on the technician's.
test.each(profiles.map((profile) => ({ name: profile.name, profile })))(
  'what the head-end asks of a $name is on the check list, and required there',
  ({ profile }) => {
    const { commands, capabilities } = layOut(profile).model;
    const planned = planItems([{ id: 'd', profile }], { readOnly: false });
    const birth = { commands, capabilities, readOnly: false } as unknown as DeviceBirth;
    const asked = openItems([], [{ deviceId: 'd', birth }]);
    expect(asked.length).toBeGreaterThanOrEqual(3);
    for (const id of asked) expect(planned.find((item) => item.id === id)).toMatchObject({ required: true });
  },
);
