import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { DeviceDetail, ErrorBody } from './api/contract.ts';
import type { ModeOrderView, ModesResponse } from './api/mode-contract.ts';
import { SitesUnderTest } from './main-sites.fixture.ts';
import type { FakeAgent } from './nms/testing/fake-agent.ts';

let sites: SitesUnderTest;
let agent: FakeAgent;
beforeAll(async () => {
  sites = new SitesUnderTest();
  await sites.start();
  await sites.imported();
  agent = await sites.agentOf(await sites.enrolled());
  await sites.born(agent);
}, 60_000);
afterAll(async () => await sites.end());

const order = (changes: object = {}): object => ({
  mode: 'safe',
  areas: 'all',
  untilMs: Date.now() + 3_600_000,
  cause: 'exercise',
  ...changes,
});
const mayDisconnect = async (): Promise<string> => {
  const { commands } = (await sites.call<DeviceDetail>('GET', '/api/devices/gw-1.meter-1')).body;
  const may = commands.find(({ kind }) => kind === 'disconnect')?.may;
  return may?.ok === false ? may.reason : 'something else';
};

test('a mode is ordered, reaches the gateway, forbids commands, is told as heard, and ends', async () => {
  const ordered = await sites.call<ModeOrderView>('POST', '/api/modes', { json: order() });
  expect(ordered.status).toBe(201);
  expect(ordered.body).toMatchObject({ state: 'in-force', operator: 'ada', gateways: { covered: 1, told: 0 } });
  const told = await vi.waitFor(() => {
    expect(agent.modes.at(-1)).toMatchObject({ mode: 'safe', operator: 'ada', cause: 'exercise' });
    return agent.modes.at(-1);
  });
  expect(await mayDisconnect()).toBe('safe-mode');
  await agent.born(['meter-1', 'pv-1'], { modeRevision: told?.revision });
  const listed = async (): Promise<ModeOrderView | undefined> =>
    (await sites.call<ModesResponse>('GET', '/api/modes')).body.modes[0];
  await vi.waitFor(async () => expect((await listed())?.gateways).toEqual({ covered: 1, told: 1 }));
  const ended = await sites.call<ModeOrderView>('DELETE', `/api/modes/${ordered.body.id}`);
  expect(ended.body).toMatchObject({ state: 'ended', ended: { by: 'ada' } });
  await vi.waitFor(() => expect(agent.modes.at(-1)?.mode).toBe('normal'));
  expect(await mayDisconnect()).not.toBe('safe-mode');
  expect((await sites.call('DELETE', `/api/modes/${ordered.body.id}`)).status).toBe(400);
});

test('it is in force over a restart', async () => {
  await sites.call('POST', '/api/modes', { json: order({ mode: 'storm', areas: ['north'] }) });
  await sites.stop();
  await sites.start();
  const { modes } = (await sites.call<ModesResponse>('GET', '/api/modes')).body;
  expect(modes[0]).toMatchObject({ mode: 'storm', areas: ['north'], state: 'in-force', gateways: { covered: 0 } });
});

test.each([
  ['no mode', { mode: 'calm' }],
  ['normal, which is no order', { mode: 'normal' }],
  ['no area', { areas: [] }],
  ['over already', { untilMs: 1 }],
  ['without a cause', { cause: '  ' }],
])('%s is refused', async (_, changes) => {
  const answer = await sites.call<ErrorBody>('POST', '/api/modes', { json: order(changes) });
  expect(answer.status).toBe(400);
});

test('one that is not there is told', async () => {
  expect((await sites.call('DELETE', '/api/modes/none')).status).toBe(404);
});
