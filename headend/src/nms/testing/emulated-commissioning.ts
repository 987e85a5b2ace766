import { randomUUID } from 'node:crypto';
import { fieldRoutes } from '@tiepoint/protocol/field';
import type { CommissioningReport, ReportAnswer } from '@tiepoint/protocol/field';
import { fieldCall } from './field-client.ts';
import type { GatewayTls } from './field-client.ts';

/** Asks the API at a path, as somebody who may. */
type Asking = (path: string, init?: RequestInit) => Promise<Response>;

/** Enters sites, devices and contracts as a person does who imports a file. Throws with the faults of the file. */
export async function enterSites(ask: Asking, csv: string): Promise<void> {
  const response = await ask('/api/imports', {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: csv,
  });
  if (!response.ok) throw new Error(`the file of sites was not taken: ${response.status} ${await response.text()}`);
}

type SiteShown = {
  site: { id: string; title: string };
  gateways: readonly { id: string; configurationHash?: string }[];
  devices: readonly {
    gatewayId: string;
    ordered: { deviceId: string };
    born?: { profile: string; profileHash: string; manufacturer?: string; model?: string; serialNumber?: string };
  }[];
};

/**
 * Delivers a report of emulated devices, which says so, for one gateway: what it introduced, and that nothing was measured. Only a
 * head-end that was started with `demonstration: true` puts a site into service by it.
 */
export async function commissionEmulated({
  ask,
  fieldUrl,
  siteId,
  gatewayId,
  tls,
  technician,
}: {
  ask: Asking;
  fieldUrl: string;
  siteId: string;
  gatewayId: string;
  tls: GatewayTls;
  technician: string;
}): Promise<ReportAnswer> {
  const shown = (await (await ask(`/api/sites/${siteId}`)).json()) as SiteShown;
  const report = emulatedReport(shown, gatewayId, technician, Date.now());
  const json = { report, html: pageOf(shown, gatewayId) };
  const { status, body } = await fieldCall<ReportAnswer>(fieldUrl + fieldRoutes.reports, tls, { method: 'POST', json });
  if (status !== 201) throw new Error(`the report was not taken: ${status} ${JSON.stringify(body)}`);
  return body;
}

function emulatedReport(shown: SiteShown, gatewayId: string, technician: string, nowMs: number): CommissioningReport {
  const gateway = shown.gateways.find(({ id }) => id === gatewayId);
  const devices = shown.devices.filter((device) => device.gatewayId === gatewayId);
  return {
    version: 1,
    id: randomUUID(),
    emulated: true,
    site: { id: shown.site.id, title: shown.site.title },
    gateway: {
      id: gatewayId,
      firmware: 'emulated',
      readOnly: false,
      configurationHash: gateway?.configurationHash ?? '?',
    },
    technician: { name: technician },
    devices: devices.map(({ ordered: { deviceId }, born = { profile: '?', profileHash: '?' } }) => {
      const { profile, profileHash, manufacturer, model, serialNumber } = born;
      const known = Object.entries({ manufacturer, model, serialNumber }).filter(([, value]) => value !== undefined);
      return { id: deviceId, profile, profileHash, ...Object.fromEntries(known) };
    }),
    items: devices.map(({ ordered: { deviceId } }) => ({
      id: `${deviceId}/introduced`,
      title: 'Introduced itself at the head-end',
      deviceId,
      required: true,
      outcome: 'passed',
      say: 'Emulated: it introduced itself. Nothing was measured on a site.',
      measured: [],
      atMs: nowMs,
      tookMs: 0,
      attempts: 1,
    })),
    photographs: [],
    startedAtMs: nowMs,
    finishedAtMs: nowMs,
    verdict: 'passed',
    reservations: ['The devices are emulated: nothing was measured on a site.'],
  };
}

function pageOf({ site, devices }: SiteShown, gatewayId: string): string {
  const listed = devices
    .filter((device) => device.gatewayId === gatewayId)
    .map(({ ordered }) => `<li>${ordered.deviceId}</li>`);
  const title = `Emulated commissioning of ${site.id}, ${gatewayId}`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body><h1>${title}</h1><p>The devices are emulated: nothing was measured on a site.</p><ul>${listed.join('')}</ul></body></html>`;
}
