import { commissionEmulated, enterSites } from './emulated-commissioning.ts';
import { passwordOf } from './fake-agent.ts';

/** What a head-end needs in its settings for `putInService`. */
export const demonstrationSettings = (gatewayId: string): string =>
  `demonstration: true, operators: { secondFactor: optional }, gateways: [{ id: ${gatewayId}, password: ${passwordOf(gatewayId)} }]`;

/**
 * Enters the fake devices of `fake-agent.ts` that have introduced themselves, with contracts for anybody, and puts their site into
 * service, by way of the API alone.
 */
export async function putInService(
  { url, ask }: { url: string; ask: (path: string, init?: RequestInit) => Promise<Response> },
  gatewayId: string,
  deviceIds: readonly string[],
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
  const password = passwordOf(gatewayId);
  const { accepted, say } = await commissionEmulated({
    ask,
    httpUrl: url,
    siteId: 'home',
    gatewayId,
    password,
    technician: 'test',
  });
  if (!accepted) throw new Error(say);
}

async function waitFor(so: () => Promise<boolean>): Promise<void> {
  for (let looks = 0; !(await so()); looks += 1) {
    if (looks > 200) throw new Error('not all devices introduced themselves within 4 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
