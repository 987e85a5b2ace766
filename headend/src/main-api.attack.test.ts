import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { GatewaysResponse } from './api/contract.ts';
import { startHeadend } from './main-headend.ts';
import type { RunningHeadend } from './main-headend.ts';
import { parseSettings } from './main-settings.ts';
import { FakeAgent, meterBirth, pvBirth } from './nms/testing/fake-agent.ts';

let folder: string;
let headend: RunningHeadend;
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'api-attack-'));
  const settings = parseSettings(`{ data: ${folder}/data, http: { port: 0 }, broker: { port: 0 } }`, 'test');
  if (!settings.ok) throw new Error(settings.say.join());
  headend = await startHeadend(settings.value, quiet);
});

afterEach(async () => {
  await headend.stop();
  rmSync(folder, { recursive: true });
});

async function site(): Promise<FakeAgent> {
  const agent = new FakeAgent(headend.mqttUrl, 'site-1', 1);
  await agent.start();
  await agent.born(['meter-1', 'pv-1']);
  await agent.deviceBorn('meter-1', { ...meterBirth, periodMs: 1_000 });
  await agent.deviceBorn('pv-1', pvBirth);
  await agent.meter('meter-1', { switchState: 'closed', control: 'none', activePowerW: 1 });
  await agent.aas('pv-1', { health: 'ok', control: 'none', activePowerW: 1_000 });
  return agent;
}

test.each([
  { kind: 'limit-power', parameters: { limitPct: null } },
  { kind: 'limit-power', parameters: { limitPct: false } },
])('what is no number is refused, not taken for one: $parameters', async (body) => {
  const agent = await site();
  const url = `${headend.httpUrl}/api/devices/site-1.pv-1/selections`;
  await vi.waitFor(async () => expect((await fetch(url.replace('/selections', ''))).status).toBe(200));
  const headers = { 'x-operator': 'ada', 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(answer.status).toBe(400);
  await agent.stop();
});

test('HEAD of the live stream ends by itself and keeps no place', async () => {
  const ended = await new Promise<boolean>((resolve) => {
    const asked = request(`${headend.httpUrl}/api/stream`, { method: 'HEAD' }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(true));
    });
    asked.setTimeout(2_000, () => {
      asked.destroy();
      resolve(false);
    });
    asked.once('error', () => resolve(false));
    asked.end();
  });
  expect(ended).toBe(true);
});

test('a gateway that left the broker without a word is not shown on line', { timeout: 10_000 }, async () => {
  const agent = await site();
  const state = async (): Promise<string | undefined> => {
    const { gateways } = (await (await fetch(`${headend.httpUrl}/api/gateways`)).json()) as GatewaysResponse;
    return gateways[0]?.state;
  };
  await vi.waitFor(async () => expect(await state()).toBe('online'));
  await agent.stop(); // a clean DISCONNECT, so that the broker keeps the will to itself
  await vi.waitFor(async () => expect(await state()).toBe('offline'), { timeout: 6_000 });
});

test('a switch is not closed onto a device that is tagged behind it', async () => {
  const agent = await site();
  const at = `${headend.httpUrl}/api/devices`;
  await agent.meter('meter-1', { switchState: 'open', loadSideVoltage: 'absent', control: 'remote', activePowerW: 0 });
  await vi.waitFor(async () => expect(await (await fetch(`${at}/site-1.meter-1`)).text()).toContain('"open"'));
  const json = (name: string): Record<string, string> => ({ 'x-operator': name, 'content-type': 'application/json' });
  const tag = { method: 'PUT', headers: json('bert'), body: '{"cause":"crew at the inverter"}' };
  expect((await fetch(`${at}/site-1.pv-1/tag`, tag)).status).toBe(200);
  const connect = { method: 'POST', headers: json('ada'), body: '{"kind":"connect"}' };
  const selected = await (await fetch(`${at}/site-1.meter-1/selections`, connect)).json();
  expect(selected).toMatchObject({ verdict: { ok: false, reason: 'tagged' } });
  await agent.stop();
});
