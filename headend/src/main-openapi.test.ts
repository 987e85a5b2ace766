import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { trusted } from './authority/testing/trusted.ts';
import { SignedIn } from './api/testing/signed-in.ts';
import { startHeadend } from './main-headend.ts';
import { parseSettings } from './main-settings.ts';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

test('OpenAPI tells every route', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'openapi-'));
  const settings = parseSettings(
    `{ data: ${folder}, https: { port: 0 }, broker: { port: 0 }, field: { port: 0 } }`,
    'test',
  );
  if (!settings.ok) throw new Error(settings.say.join());
  const headend = trusted(await startHeadend(settings.value, quiet));
  onTestFinished(async () => {
    await headend.stop();
    rmSync(folder, { recursive: true });
  });
  const document = (await (
    await SignedIn.administrator(headend.httpsUrl, folder)
  ).call('GET', '/api/openapi.json')) as {
    openapi: string;
    paths: Record<string, object>;
  };
  expect(document.openapi).toMatch(/^3\./);
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(routes.toSorted()).toEqual([
    'DELETE /api/account/passkeys/{id}',
    'DELETE /api/account/sessions/{id}',
    'DELETE /api/account/totp',
    'DELETE /api/approvals/{id}',
    'DELETE /api/contracts/{id}',
    'DELETE /api/devices/{id}/tag',
    'DELETE /api/enrolment-tokens/{id}',
    'DELETE /api/group-selections/{id}',
    'DELETE /api/intervals/profiles/{id}',
    'DELETE /api/modes/{id}',
    'DELETE /api/operators/{id}/sessions',
    'DELETE /api/orders/{id}',
    'DELETE /api/profiles/{id}',
    'DELETE /api/selections/{id}',
    'DELETE /api/session',
    'DELETE /api/sites/{id}',
    'DELETE /api/sites/{id}/retirement',
    'DELETE /api/tokens/{id}',
    'GET /api/account',
    'GET /api/approvals',
    'GET /api/audit',
    'GET /api/audit/head',
    'GET /api/audit/verification',
    'GET /api/command-keys',
    'GET /api/commands',
    'GET /api/commands/{id}',
    'GET /api/devices/{id}',
    'GET /api/devices/{id}/events',
    'GET /api/devices/{id}/history',
    'GET /api/events',
    'GET /api/exports/audit.jsonl',
    'GET /api/exports/intervals.parquet',
    'GET /api/exports/sites.csv',
    'GET /api/fleet',
    'GET /api/gateways',
    'GET /api/health',
    'GET /api/intervals',
    'GET /api/intervals/annual',
    'GET /api/intervals/completeness',
    'GET /api/intervals/edits',
    'GET /api/intervals/gaps',
    'GET /api/intervals/imports',
    'GET /api/intervals/meters',
    'GET /api/intervals/profiles',
    'GET /api/intervals/replaced',
    'GET /api/intervals/retention',
    'GET /api/intervals/status',
    'GET /api/load/ageing',
    'GET /api/load/clues',
    'GET /api/load/elements',
    'GET /api/load/elements/{kind}/{id}/duration',
    'GET /api/load/elements/{kind}/{id}/energy',
    'GET /api/load/elements/{kind}/{id}/hours',
    'GET /api/load/elements/{kind}/{id}/profile',
    'GET /api/load/status',
    'GET /api/load/transformers/{id}/ageing',
    'GET /api/modes',
    'GET /api/network',
    'GET /api/network/cim',
    'GET /api/network/circuits/{id}',
    'GET /api/network/findings',
    'GET /api/network/imports',
    'GET /api/network/map',
    'GET /api/night-read',
    'GET /api/operators',
    'GET /api/profiles',
    'GET /api/reads',
    'GET /api/reads/{id}',
    'GET /api/reports/{id}',
    'GET /api/reports/{id}/page',
    'GET /api/roles',
    'GET /api/session',
    'GET /api/session/oidc',
    'GET /api/session/oidc/callback',
    'GET /api/sign-in',
    'GET /api/sites',
    'GET /api/sites/{id}',
    'GET /api/stream',
    'GET /api/tokens',
    'POST /api/account/passkeys',
    'POST /api/account/passkeys/options',
    'POST /api/account/recovery-codes',
    'POST /api/account/totp',
    'POST /api/approvals',
    'POST /api/approvals/{id}/decision',
    'POST /api/approvals/{id}/known',
    'POST /api/approvals/{id}/objection',
    'POST /api/audit/verification',
    'POST /api/command-keys/rotation',
    'POST /api/commands',
    'POST /api/devices/{id}/selections',
    'POST /api/devices/{id}/tag/removal',
    'POST /api/gateways/{id}/enrolment-tokens',
    'POST /api/gateways/{id}/revocation',
    'POST /api/group-commands',
    'POST /api/group-selections',
    'POST /api/imports',
    'POST /api/imports/preview',
    'POST /api/intervals/edits',
    'POST /api/intervals/edits/{id}/withdrawal',
    'POST /api/intervals/estimates',
    'POST /api/intervals/imports',
    'POST /api/load/runs',
    'POST /api/modes',
    'POST /api/network/imports',
    'POST /api/network/switches/{id}/operations',
    'POST /api/night-read',
    'POST /api/operators',
    'POST /api/operators/{id}/reset',
    'POST /api/reads',
    'POST /api/session',
    'POST /api/session/passkey',
    'POST /api/session/passkey/options',
    'POST /api/tokens',
    'PUT /api/account/password',
    'PUT /api/account/totp',
    'PUT /api/contracts/{id}',
    'PUT /api/devices/{id}/tag',
    'PUT /api/gateways/{id}/configuration',
    'PUT /api/intervals/annual',
    'PUT /api/intervals/profiles',
    'PUT /api/intervals/retention',
    'PUT /api/operators/{id}',
    'PUT /api/orders/{id}',
    'PUT /api/profiles/{id}',
    'PUT /api/sites/{id}',
    'PUT /api/sites/{id}/retirement',
  ]);
});
