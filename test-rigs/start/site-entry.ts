import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayTls } from '@tiepoint/headend/nms/testing/field-client.ts';
import { commissionEmulated, enterSites } from '@tiepoint/headend/nms/testing/emulated-commissioning.ts';

/** Which site each emulated gateway stands at, as the file of sites has it. */
const siteOf: Readonly<Record<string, string>> = { 'gw-home': 'home', 'gw-site': 'works' };
const file = join(import.meta.dirname, 'demonstration-sites.csv');
const technician = 'npm start (emulated)';

/** A gateway, and what it shows to prove itself. */
export type ProvenGateway = { readonly id: string; readonly tls: GatewayTls };

/**
 * Enters the emulated sites at the head-end and puts them into service, as a utility does: by the file that a person would import, and
 * by reports, which say that they are of emulated devices. Resolves to what stands against it; empty: all are in service.
 */
export async function putEmulatedInService(
  { ask }: { ask: (path: string, init?: RequestInit) => Promise<Response> },
  fieldUrl: string,
  gateways: readonly ProvenGateway[],
): Promise<readonly string[]> {
  await enterSites(ask, readFileSync(file, 'utf8'));
  const against: string[] = [];
  for (const { id: gatewayId, tls } of gateways) {
    const siteId = siteOf[gatewayId];
    if (siteId === undefined || (await isInService(ask, siteId))) continue;
    const asked = { ask, fieldUrl, siteId, gatewayId, tls, technician };
    const { accepted, say } = await commissionEmulated(asked);
    if (!accepted) against.push(say);
  }
  return against;
}

/** From an earlier start, with everything as it was then. */
async function isInService(ask: (path: string) => Promise<Response>, siteId: string): Promise<boolean> {
  const response = await ask(`/api/sites/${siteId}`);
  return ((await response.json()) as { site: { state: string } }).site.state === 'in-service';
}
