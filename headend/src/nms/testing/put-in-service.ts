import { commissionEmulated, enterSites } from './emulated-commissioning.ts';
import type { GatewayTls } from './field-client.ts';

/** What a head-end needs in its settings for `putInService`. */
export const demonstrationSettings = (gatewayId: string): string =>
  `demonstration: true, operators: { secondFactor: optional }, field: { port: 0 }, gateways: [{ id: ${gatewayId} }]`;

/**
 * Enters the fake devices of `fake-agent.ts` that have introduced themselves, with contracts for anybody, and puts their site into
 * service, by way of the API alone.
 */
export async function putInService(
  { ask }: { ask: (path: string, init?: RequestInit) => Promise<Response> },
  fieldUrl: string,
  { gatewayId, tls, deviceIds }: { gatewayId: string; tls: GatewayTls; deviceIds: readonly string[] },
): Promise<void> {
  const lines = deviceIds.map((id) =>
    id.startsWith('pv')
      ? `home,Home,${gatewayId},${id},test/pv,c-${id},any,1970-01-01`
      : `home,Home,${gatewayId},${id},test/meter,,,`,
  );
  await enterSites(ask, ['site,site_title,gateway,device,profile,contract,may_command,from', ...lines].join('\n'));
  await waitFor(async () => {
    const shown = (await (await ask('/api/sites/home')).json()) as { site: { devicesBorn: number } };
    return shown.site.devicesBorn === deviceIds.length;
  });
  const asked = { ask, fieldUrl, siteId: 'home', gatewayId, tls, technician: 'test' };
  const { accepted, say } = await commissionEmulated(asked);
  if (!accepted) throw new Error(say);
}

async function waitFor(so: () => Promise<boolean>): Promise<void> {
  for (let looks = 0; !(await so()); looks += 1) {
    if (looks > 200) throw new Error('not all devices introduced themselves within 4 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
