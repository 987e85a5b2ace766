import { expect, test } from 'vitest';
import { NetworkHistory } from '../connectivity/network-history.ts';
import { importNetwork } from './import-network.ts';
import type { NetworkImported } from './import-network.ts';
import { filesIn } from './posted-files.ts';

const script = (lengthKm: number): string => `new circuit.town basekv=12.47 bus1=a
new linecode.c nphases=3 r1=.3 x1=.6 r0=.6 x0=1.8 c1=9 c0=4 units=km normamps=400
new line.main bus1=a bus2=b length=${lengthKm} units=km linecode=c`;

test('who imports as of an instant after which the network was changed is told that those changes stand', async () => {
  const history = new NetworkHistory();
  const take = async (lengthKm: number, atMs: number): Promise<NetworkImported> =>
    await importNetwork({
      file: 'a.dss',
      files: filesIn(new Map([['a.dss', script(lengthKm)]])),
      atMs,
      dryRun: false,
      acceptErrors: false,
      known: () => history,
      record: async ({ changes }) => {
        history.record({ kind: 'edit', atMs, changes });
        return await Promise.resolve({ ok: true });
      },
      progress: () => undefined,
    });
  const told = [await take(1, 1_000), await take(2, 9_000), await take(3, 5_000)];
  const warned = told.map(({ findings }) =>
    findings.flatMap(({ code, say }) => (code === 'changed-after' ? [say] : [])),
  );
  expect(warned).toEqual([[], [], [expect.stringMatching(/^from 1970-01-01T00:00:09.000Z on .* \(by 1 in all\)/)]]);
  expect(told.map(({ ok }) => ok)).toEqual([true, true, true]);
});
