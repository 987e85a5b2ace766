import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { ApprovalsResponse, ApprovalView } from './api/approval-contract.ts';
import type { AuditResponse, DeviceDetail, EventsResponse } from './api/contract.ts';
import type { BearerTokenIssued, Grant, Role } from './api/operator-contract.ts';
import { rawRequest, reasonOf } from './api/testing/raw-request.ts';
import { Crew } from './api/testing/signed-in.ts';
import type { SignedIn } from './api/testing/signed-in.ts';
import { trusted } from './authority/testing/trusted.ts';
import { startHeadend } from './main-headend.ts';
import type { RunningHeadend } from './main-headend.ts';
import { parseSettings } from './main-settings.ts';
import { enrolGateway } from './nms/testing/field-client.ts';
import { FakeAgent, meterBirth } from './nms/testing/fake-agent.ts';
import { putInService } from './nms/testing/put-in-service.ts';
import { setAudit } from './store/testing/failing-audit.ts';

// The tag of somebody who is away: olga tagged the meter and is not there; bob asks, cleo approves.
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const device = 'site-1.meter-1';
const said = { verified: 'The gate has her as gone', tried: 'Called twice, and her foreman' };

let folder: string;
let headend: RunningHeadend;
let agent: FakeAgent;
let aheadMs = 0;
let invited = 0;
let crew: Crew;
let olga: SignedIn;
let bob: SignedIn;
let cleo: SignedIn;

const start = async (): Promise<void> => {
  const settings = parseSettings(
    `{ data: ${folder}, https: { port: 0 }, broker: { port: 0 }, field: { port: 0 }, demonstration: true, gateways: [{ id: site-1 }] }`,
    'test',
  );
  if (!settings.ok) throw new Error(settings.say.join());
  headend = trusted(await startHeadend(settings.value, quiet, () => Date.now() + aheadMs));
};

const restart = async (): Promise<void> => {
  await headend.stop();
  await start();
  [olga, bob, cleo] = [olga, bob, cleo].map((each) => each.at(headend.httpsUrl)) as [SignedIn, SignedIn, SignedIn];
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tag-removal-'));
  await start();
  crew = new Crew(() => headend.httpsUrl, folder);
  [olga, bob, cleo] = [await crew.as('olga'), await crew.as('bob'), await crew.as('cleo')];
  const tls = await enrolGateway(headend, bob.ask, 'site-1');
  agent = new FakeAgent(headend.mqttUrl, 'site-1', 1, tls);
  await agent.start();
  await agent.born(['meter-1', 'meter-2']);
  for (const id of ['meter-1', 'meter-2']) await agent.deviceBorn(id, { ...meterBirth });
  await putInService(bob, headend.fieldUrl, { gatewayId: 'site-1', tls, deviceIds: ['meter-1', 'meter-2'] });
}, 30_000);

afterAll(async () => {
  agent.cut();
  await headend.stop();
  rmSync(folder, { recursive: true });
});

beforeEach(async () => await tag());
afterEach(async () => {
  aheadMs = 0;
  await olga.call('DELETE', `/api/devices/${device}/tag`);
});

const invite = async (...granted: readonly (Role | Grant)[]): Promise<SignedIn> => {
  invited += 1;
  return await (await crew.administrator()).invite(`guest-${invited}`, ...granted);
};
const tag = async (cause = 'crew at the meter'): Promise<void> =>
  void (await olga.call('PUT', `/api/devices/${device}/tag`, { cause }));
const tagged = async (): Promise<string | undefined> =>
  (await bob.call<DeviceDetail>('GET', `/api/devices/${device}`)).tag?.owner;
const ask = async (who: SignedIn): Promise<ApprovalView> =>
  await who.call<ApprovalView>('POST', `/api/devices/${device}/tag/removal`, said);
const decide = async (who: SignedIn, { id }: ApprovalView, approve = true): Promise<ApprovalView> =>
  await who.call<ApprovalView>('POST', `/api/approvals/${id}/decision`, { approve, cause: 'I asked at the gate, too' });
const withdraw = async (who: SignedIn, { id }: ApprovalView): Promise<void> =>
  await who.call('DELETE', `/api/approvals/${id}`);
const toldOf = async (subject: string): Promise<readonly string[]> => {
  const { rows } = await bob.call<AuditResponse>('GET', `/api/audit?subject=${subject}`);
  return rows.map(({ action, who, why, say }) => `${action} ${who}: ${say}${why === undefined ? '' : ` [${why}]`}`);
};

test('one asks, a second approves: the tag is lifted at the head-end and at the gateway, and both are told with the reason', async () => {
  const asked = await ask(bob);
  expect(asked).toMatchObject({
    state: 'awaiting',
    kind: 'tag-removal',
    title: 'Remove tag of olga',
    requestedBy: 'bob',
    tagOwner: 'olga',
    cause: expect.stringMatching(/The gate has her as gone.*Called twice, and her foreman/),
    devices: [{ id: device, impact: { say: [expect.stringContaining('crew at the meter'), expect.anything()] } }],
  });
  expect(await tagged()).toBe('olga');
  await vi.waitFor(() => expect(agent.tagLists.at(-1)?.tags).toMatchObject([{ deviceId: 'meter-1', owner: 'olga' }]));
  const { approvals } = await cleo.call<ApprovalsResponse>('GET', '/api/approvals');
  expect(approvals[0]).toMatchObject({ id: asked.id, may: { ok: true } });
  expect(await decide(cleo, asked)).toMatchObject({ state: 'approved', decidedBy: 'cleo', outcomes: [] });
  expect(await tagged()).toBeUndefined();
  await vi.waitFor(() => expect(agent.tagLists.at(-1)?.tags).toEqual([]));
  const told = await toldOf(device);
  expect(told).toContainEqual(
    expect.stringMatching(
      /^tag-removed bob: Tag of olga removed, approved by cleo \(it said: crew at the meter\) \[.*The gate has her as gone.*Called twice/,
    ),
  );
  expect(told).toContainEqual(expect.stringMatching(/^approval-given cleo: Approved the removal of the tag of olga/));
  await vi.waitFor(async () => {
    const { events } = await olga.call<EventsResponse>('GET', `/api/devices/${device}/events?limit=20`);
    const event = events.find(({ kind }) => kind === 'tag-removed');
    expect(event?.say).toMatch(/^Tag of olga \(crew at the meter\) removed by bob, approved by cleo\. .*Called twice/);
  });
  await expect(decide(cleo, asked)).rejects.toThrow('approved already');
});

test('nobody is two: not the owner, neither as the first nor as the second, and not the same person twice', async () => {
  await expect(ask(olga)).rejects.toThrow('403 wrong-operator: This is your own tag');
  const asked = await ask(bob);
  await expect(ask(cleo)).rejects.toThrow('409 conflict');
  await expect(decide(bob, asked)).rejects.toThrow('wrong-operator');
  await expect(decide(await bob.again(), asked)).rejects.toThrow('wrong-operator');
  await expect(decide(olga, asked)).rejects.toThrow('wrong-operator: This is your own tag');
  await expect(withdraw(cleo, asked)).rejects.toThrow('wrong-operator');
  expect(await tagged()).toBe('olga');
  await withdraw(bob, asked);
});

test.each([
  { what: 'by a role', grant: 'dispatcher' as const },
  { what: 'by a role that commands', grant: 'dr-operator' as const },
  { what: 'for another area', grant: { role: 'engineer' as const, areas: ['elsewhere'] } },
])('who may not, $what, neither asks nor approves', async ({ grant }) => {
  const other = await invite('viewer', grant);
  await expect(ask(other)).rejects.toThrow('403 not-permitted');
  const asked = await ask(bob);
  await expect(decide(other, asked)).rejects.toThrow('403 not-permitted');
  expect(await tagged()).toBe('olga');
  await withdraw(bob, asked);
});

test('no program asks or approves', async () => {
  const asked = await ask(bob);
  const { token } = await cleo.call<BearerTokenIssued>('POST', '/api/tokens', {
    title: 'x',
    grants: [{ role: 'engineer', areas: 'all' }],
    validDays: 1,
  });
  for (const [path, body] of [
    [`/api/approvals/${asked.id}/decision`, { approve: true }],
    [`/api/devices/${device}/tag/removal`, said],
  ] as const) {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await rawRequest(headend.httpsUrl + path, { method: 'POST', body, headers });
    expect(await reasonOf(answer)).toBe('not-permitted');
  }
  await withdraw(bob, asked);
});

test('both things are to be said, and there is to be a tag', async () => {
  const path = `/api/devices/${device}/tag/removal`;
  await expect(bob.call('POST', path, { verified: 'gone' })).rejects.toThrow('400 invalid');
  await expect(bob.call('POST', path, { ...said, tried: '  ' })).rejects.toThrow('400 invalid');
  await expect(bob.call('POST', '/api/devices/site-1.meter-2/tag/removal', said)).rejects.toThrow(
    '409 conflict: site-1.meter-2 is not tagged.',
  );
});

test.each([
  { what: 'refuses', act: async (asked: ApprovalView) => void (await decide(cleo, asked, false)), state: 'refused' },
  { what: 'takes it back', act: async (asked: ApprovalView) => await withdraw(bob, asked), state: 'withdrawn' },
  {
    what: 'lets the time pass',
    act: async () => {
      aheadMs = 6 * 60_000;
    },
    state: 'expired',
  },
])('the tag stays where one $what', async ({ act, state }) => {
  const asked = await ask(bob);
  await act(asked);
  await expect(decide(cleo, asked)).rejects.toThrow(state);
  expect(await tagged()).toBe('olga');
});

test.each([
  { what: 'lifted', by: async () => await olga.call('DELETE', `/api/devices/${device}/tag`), after: undefined },
  { what: 'changed', by: async () => await tag('still here'), after: 'olga' },
  {
    what: 'lifted and set again',
    by: async () => {
      await olga.call('DELETE', `/api/devices/${device}/tag`);
      await tag();
    },
    after: 'olga',
  },
])('where the owner $what it meanwhile, nothing else is lifted', async ({ by, after }) => {
  const asked = await ask(bob);
  await by();
  // Nobody has to decide what is settled.
  await expect(decide(cleo, asked)).rejects.toThrow('failed already');
  const { approvals } = await cleo.call<ApprovalsResponse>('GET', '/api/approvals');
  const settled = approvals.find(({ id }) => id === asked.id);
  expect(settled).toMatchObject({ state: 'failed', say: expect.stringContaining('can be reached') });
  expect(settled?.decidedBy).toBeUndefined();
  expect(await tagged()).toBe(after);
});

test('the right of the first is judged again', async () => {
  const admin = await crew.administrator();
  const carl = await invite('engineer');
  const asked = await ask(carl);
  await admin.call('PUT', `/api/operators/${carl.name}`, { grants: [{ role: 'viewer', areas: 'all' }] });
  expect(await decide(cleo, asked)).toMatchObject({ state: 'failed', say: expect.stringContaining('may not remove') });
  expect(await tagged()).toBe('olga');
});

test('an owner who is there objects, whatever their areas are by now', async () => {
  const admin = await crew.administrator();
  const asked = await ask(bob);
  const object = async (who: SignedIn): Promise<ApprovalView> =>
    await who.call<ApprovalView>('POST', `/api/approvals/${asked.id}/objection`, { cause: 'I am at the meter' });
  const grants = (areas: Grant['areas']) => ({ grants: [{ role: 'engineer', areas }] });
  await expect(object(cleo)).rejects.toThrow('404 not-found');
  await admin.call('PUT', '/api/operators/olga', grants(['elsewhere']));
  const again = await olga.again();
  const { approvals } = await again.call<ApprovalsResponse>('GET', '/api/approvals');
  expect(approvals[0]).toMatchObject({ id: asked.id, tagOwner: 'olga' });
  expect(await object(again)).toMatchObject({ state: 'refused', decidedBy: 'olga', say: 'I am at the meter' });
  await expect(decide(cleo, asked)).rejects.toThrow('refused already');
  expect(await tagged()).toBe('olga');
  expect(await toldOf(device)).toContainEqual(expect.stringMatching(/^approval-refused olga: .*I am at the meter/));
  await admin.call('PUT', '/api/operators/olga', grants('all'));
  olga = await olga.again();
});

test('the owner is told until they say that they know, over a restart and whatever is asked for meanwhile', async () => {
  const asked = await ask(bob);
  await decide(cleo, asked);
  await restart();
  for (let more = 0; more < 101; more += 1) {
    await tag();
    await withdraw(bob, await ask(bob));
  }
  const told = async (): Promise<unknown> =>
    (await olga.call<ApprovalsResponse>('GET', '/api/approvals')).approvals.find(({ id }) => id === asked.id);
  const { tagOwner, requestedBy, cause } = asked;
  const of = { id: asked.id, state: 'approved', decidedBy: 'cleo', tagOwner, requestedBy, cause, title: asked.title };
  expect(await told()).toMatchObject(of);
  await expect(bob.call('POST', `/api/approvals/${asked.id}/known`)).rejects.toThrow('404 not-found');
  await olga.call('POST', `/api/approvals/${asked.id}/known`);
  expect(await told()).toBeUndefined();
  expect(await toldOf(device)).toContainEqual('tag-removal-known olga: olga knows that their tag was removed');
  await restart();
  expect(await told()).toBeUndefined();
});

test('what cannot be audited is neither asked for nor approved', async () => {
  setAudit(folder, true);
  await expect(ask(bob)).rejects.toThrow('503 not-recorded');
  setAudit(folder, false);
  const asked = await ask(bob);
  setAudit(folder, true);
  await expect(decide(cleo, asked)).rejects.toThrow('503 not-recorded');
  const object = olga.call('POST', `/api/approvals/${asked.id}/objection`, { cause: 'I am there' });
  await expect(object).rejects.toThrow('503 not-recorded');
  expect(await tagged()).toBe('olga');
  setAudit(folder, false);
  await decide(cleo, asked);
  setAudit(folder, true);
  await expect(olga.call('POST', `/api/approvals/${asked.id}/known`)).rejects.toThrow('503 not-recorded');
  setAudit(folder, false);
  await olga.call('POST', `/api/approvals/${asked.id}/known`);
});

test('after a restart of the head-end it is asked for anew, and the tag stays', async () => {
  const asked = await ask(bob);
  await restart();
  await expect(decide(cleo, asked)).rejects.toThrow('404 not-found');
  expect(await tagged()).toBe('olga');
  const anew = await ask(bob);
  expect(await decide(cleo, anew)).toMatchObject({ state: 'approved' });
  expect(await tagged()).toBeUndefined();
});
