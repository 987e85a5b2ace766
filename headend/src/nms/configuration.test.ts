import { configuration } from '@tiepoint/protocol';
import type { GatewayBirth } from '@tiepoint/protocol';
import { expect, test } from 'vitest';
import { Configurations } from './configuration.ts';

test.each([
  [7, 8],
  [0xffff_ffff, 2 ** 31 + 2 ** 10],
])('to a gateway that says it has revision %d, %d is sent', (configurationRevision, revision) => {
  const sent: unknown[] = [];
  const configurations = new Configurations({
    store: { configurations: () => [], setConfiguration: () => ({ ok: true, value: undefined }) },
    publish: (_topic, payload) => sent.push(configuration.fromBytes(payload)),
    birthOf: () => ({ deviceIds: ['m'], configurationRevision }) as unknown as GatewayBirth,
    onChange: () => undefined,
  });
  const wish = { operator: 'ann', identity: 'account', gatewayId: 'g', devices: [] } as const;
  expect(configurations.set(wish, 0)).toMatchObject({ ok: true, value: { revision } });
  expect(sent).toMatchObject([{ ok: true, value: { revision } }]);
});
