import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { guardAccess } from './access.ts';
import type { Access } from './access.ts';
import { routesForGateways, routesForPeople, unaskedParts } from './testing/route-table.ts';

test('a route that does not declare who may call it ends the start', () => {
  const app = fastify();
  guardAccess(app, unaskedParts);
  expect(() => app.get('/api/forgotten', () => 'everything')).toThrow('GET /api/forgotten does not declare who');
});

test('every route of the server, and who may call it', async () => {
  const routes = await routesForPeople();
  const declared = routes.map(({ method, url, access }) => `${method} ${url}: ${words(access)}`);
  expect(declared.toSorted()).toMatchInlineSnapshot(`
    [
      "DELETE /api/account/passkeys/:id: signed-in, session, unfinished, fresh",
      "DELETE /api/account/sessions/:id: signed-in, session, unfinished",
      "DELETE /api/account/totp: signed-in, session, unfinished, fresh",
      "DELETE /api/approvals/:id: approve",
      "DELETE /api/contracts/:id: enter-sites, of contract",
      "DELETE /api/devices/:id/tag: tag, of device",
      "DELETE /api/enrolment-tokens/:id: issue-enrolment, of enrolment-token",
      "DELETE /api/group-selections/:id: disconnect",
      "DELETE /api/intervals/profiles/:id: edit-intervals, everywhere",
      "DELETE /api/modes/:id: set-fleet-mode",
      "DELETE /api/operators/:id/sessions: administer-operators, session, everywhere",
      "DELETE /api/orders/:id: enter-sites, of order",
      "DELETE /api/profiles/:id: enter-sites, everywhere",
      "DELETE /api/selections/:id: command",
      "DELETE /api/session: signed-in, session, unfinished",
      "DELETE /api/sites/:id/retirement: enter-sites, of site",
      "DELETE /api/sites/:id: enter-sites, of site",
      "DELETE /api/tokens/:id: signed-in, session",
      "GET /api/account: signed-in, session, unfinished",
      "GET /api/approvals: see",
      "GET /api/audit/head: read-audit, everywhere",
      "GET /api/audit/verification: read-audit, everywhere",
      "GET /api/audit: read-audit",
      "GET /api/command-keys: see, everywhere",
      "GET /api/commands/:id: see, of command",
      "GET /api/commands: see",
      "GET /api/devices/:id/events: see, of device",
      "GET /api/devices/:id/history: see, of device",
      "GET /api/devices/:id: see, of device",
      "GET /api/events: see",
      "GET /api/exports/audit.jsonl: read-audit, everywhere",
      "GET /api/exports/intervals.parquet: see, everywhere",
      "GET /api/exports/sites.csv: see",
      "GET /api/fleet: see",
      "GET /api/gateways: see",
      "GET /api/health: see",
      "GET /api/intervals/annual: see, everywhere",
      "GET /api/intervals/completeness: see, everywhere",
      "GET /api/intervals/edits: see, everywhere",
      "GET /api/intervals/gaps: see, everywhere",
      "GET /api/intervals/imports: see, everywhere",
      "GET /api/intervals/meters: see, everywhere",
      "GET /api/intervals/profiles: see, everywhere",
      "GET /api/intervals/replaced: see, everywhere",
      "GET /api/intervals/status: see, everywhere",
      "GET /api/intervals: see, everywhere",
      "GET /api/load/ageing: see, everywhere",
      "GET /api/load/clues: see, everywhere",
      "GET /api/load/elements/:kind/:id/duration: see, everywhere",
      "GET /api/load/elements/:kind/:id/energy: see, everywhere",
      "GET /api/load/elements/:kind/:id/hours: see, everywhere",
      "GET /api/load/elements/:kind/:id/profile: see, everywhere",
      "GET /api/load/elements: see, everywhere",
      "GET /api/load/status: see, everywhere",
      "GET /api/load/transformers/:id/ageing: see, everywhere",
      "GET /api/modes: see",
      "GET /api/network/cim: see, everywhere",
      "GET /api/network/circuits/:id: see, everywhere",
      "GET /api/network/findings: see, everywhere",
      "GET /api/network/imports: see, everywhere",
      "GET /api/network/map: see, everywhere",
      "GET /api/network: see, everywhere",
      "GET /api/night-read: see, everywhere",
      "GET /api/openapi.json: signed-in",
      "GET /api/operators: administer-operators, session, everywhere",
      "GET /api/profiles: see",
      "GET /api/reads/:id: see, everywhere",
      "GET /api/reads: see, everywhere",
      "GET /api/reports/:id/page: see, of report",
      "GET /api/reports/:id: see, of report",
      "GET /api/roles: signed-in",
      "GET /api/session/oidc/callback: everybody",
      "GET /api/session/oidc: everybody",
      "GET /api/session: everybody",
      "GET /api/sign-in: everybody",
      "GET /api/sites/:id: see, of site",
      "GET /api/sites: see",
      "GET /api/stream: see",
      "GET /api/tokens: signed-in, session",
      "GET /metrics: see, everywhere",
      "POST /api/account/passkeys/options: signed-in, session, unfinished, fresh",
      "POST /api/account/passkeys: signed-in, session, unfinished, fresh",
      "POST /api/account/recovery-codes: signed-in, session, unfinished, fresh",
      "POST /api/account/totp: signed-in, session, unfinished, fresh",
      "POST /api/approvals/:id/decision: approve, session",
      "POST /api/approvals/:id/known: signed-in, session",
      "POST /api/approvals/:id/objection: signed-in, session",
      "POST /api/approvals: command",
      "POST /api/audit/verification: verify-audit, everywhere",
      "POST /api/command-keys/rotation: manage-keys, everywhere",
      "POST /api/commands: command",
      "POST /api/devices/:id/selections: command, of device",
      "POST /api/devices/:id/tag/removal: remove-tags, of device, session",
      "POST /api/gateways/:id/enrolment-tokens: issue-enrolment, of gateway",
      "POST /api/gateways/:id/revocation: revoke-certificates, of gateway",
      "POST /api/group-commands: disconnect",
      "POST /api/group-selections: disconnect",
      "POST /api/imports/preview: enter-sites, everywhere",
      "POST /api/imports: enter-sites, everywhere",
      "POST /api/intervals/edits/:id/withdrawal: edit-intervals, everywhere",
      "POST /api/intervals/edits: edit-intervals, everywhere",
      "POST /api/intervals/estimates: edit-intervals, everywhere",
      "POST /api/intervals/imports: edit-intervals, everywhere",
      "POST /api/load/runs: read-meters, everywhere",
      "POST /api/modes: set-fleet-mode",
      "POST /api/network/imports: edit-network, everywhere",
      "POST /api/network/switches/:id/operations: record-switching, everywhere",
      "POST /api/night-read: read-meters, everywhere",
      "POST /api/operators/:id/reset: administer-operators, session, everywhere, fresh",
      "POST /api/operators: administer-operators, session, everywhere, fresh",
      "POST /api/reads: read-meters, everywhere",
      "POST /api/session/passkey/options: everybody",
      "POST /api/session/passkey: everybody",
      "POST /api/session: everybody",
      "POST /api/tokens: signed-in, session, fresh",
      "PUT /api/account/password: signed-in, session, unfinished",
      "PUT /api/account/totp: signed-in, session, unfinished, fresh",
      "PUT /api/contracts/:id: enter-sites",
      "PUT /api/devices/:id/tag: tag, of device",
      "PUT /api/gateways/:id/configuration: configure, of gateway",
      "PUT /api/intervals/annual: edit-intervals, everywhere",
      "PUT /api/intervals/profiles: edit-intervals, everywhere",
      "PUT /api/operators/:id: administer-operators, session, everywhere, fresh",
      "PUT /api/orders/:id: enter-sites",
      "PUT /api/profiles/:id: enter-sites, everywhere",
      "PUT /api/sites/:id/retirement: enter-sites, of site",
      "PUT /api/sites/:id: enter-sites",
    ]
  `);
});

test('gateways have routes of their own, on a server of their own', async () => {
  const routes = await routesForGateways();
  expect(routes.map(({ method, url, access }) => `${method} ${url}: ${words(access)}`).toSorted()).toEqual([
    'GET /field/v1/assignment: gateway',
    'GET /field/v1/certificate: gateway',
    'GET /field/v1/devices/:deviceId/seen: gateway',
    'POST /field/v1/enrolments: gateway',
    'POST /field/v1/renewals: gateway',
    'POST /field/v1/reports: gateway',
  ]);
});

function words(access: Access | undefined): string {
  if (access === undefined) return 'NOBODY SAYS';
  const { to, ...more } = access;
  return [
    to,
    ...Object.entries(more).map(([name, value]) => (value === true ? name : `${name} ${String(value)}`)),
  ].join(', ');
}
