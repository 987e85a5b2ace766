import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { httpsLimits } from './api/https-bounds.ts';
import { SitesUnderTest } from './main-sites.fixture.ts';

let sites: SitesUnderTest;
const sockets: Socket[] = [];
beforeAll(async () => {
  sites = new SitesUnderTest();
  await sites.start();
  await sites.imported();
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await sites.end();
});

const metric = async (line: string): Promise<number> => {
  const { ask } = await sites.crew.administrator();
  const text = await (await ask('/metrics')).text();
  return Number(new RegExp(`^${line.replaceAll(/[{}]/g, '\\$&')} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
};

test('half-open handshakes without end keep nobody out, neither operators nor gateways', async () => {
  const gateway = await sites.enrolled();
  const more = 50;
  for (const url of [sites.headend.httpsUrl, sites.headend.fieldUrl]) {
    const port = Number(new URL(url).port);
    for (let begun = 0; begun < httpsLimits.maxHandshakes + more; begun += 1) {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      sockets.push(socket);
      await once(socket, 'connect');
    }
  }
  // Over new connections: those of before are kept open by whoever has them.
  const admin = await sites.crew.administrator();
  expect((await (await admin.again()).ask('/api/health')).status).toBe(200);
  expect((await sites.field('/field/v1/certificate', { tls: gateway.tls })).status).toBe(200);
  for (const server of ['api', 'field'])
    await vi.waitFor(async () =>
      expect(await metric(`tiepoint_https_cut_off_total{server="${server}",why="handshakes"}`)).toBeGreaterThan(
        more - 10,
      ),
    );
});
