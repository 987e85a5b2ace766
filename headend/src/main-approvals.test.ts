import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeviceBirth } from '@tiepoint/protocol';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ApprovalsResponse, ApprovalView, GroupOutcome, GroupSelectionView } from './api/approval-contract.ts';
import type { AuditResponse, CommandDetail, CommandView, DeviceDetail, SelectionView } from './api/contract.ts';
import type { BearerTokenIssued } from './api/operator-contract.ts';
import { rawRequest, reasonOf } from './api/testing/raw-request.ts';
import { Crew } from './api/testing/signed-in.ts';
import type { SignedIn } from './api/testing/signed-in.ts';
import { trusted } from './authority/testing/trusted.ts';
import { startHeadend } from './main-headend.ts';
import type { RunningHeadend } from './main-headend.ts';
import { parseSettings } from './main-settings.ts';
import { enrolGateway } from './nms/testing/field-client.ts';
import { FakeAgent, meterBirth, pvBirth } from './nms/testing/fake-agent.ts';
import { putInService } from './nms/testing/put-in-service.ts';
import { setAudit } from './store/testing/failing-audit.ts';

const meters = Array.from({ length: 6 }, (_, index) => `meter-${index + 1}`);
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const closed = { switchState: 'closed', loadSideVoltage: 'present', control: 'none', health: 'ok' } as const;

let folder: string;
let headend: RunningHeadend;
let agent: FakeAgent;
let aheadMs = 0;
let crew: Crew;
let ada: SignedIn;
let bob: SignedIn;

/** A generator with a synchroniser, running and armed before a bus that may be live. */
const generatorBirth: DeviceBirth = {
  ...pvBirth,
  capabilities: ['generation', 'breaker', 'synchroniser'],
  commands: ['connect', 'disconnect', 'activate-synchronization'],
};
const armed = {
  control: 'none',
  health: 'ok',
  operatingState: 'running',
  breakerState: 'open',
  connection: 'disconnected',
  synchroniser: 'enabled',
} as const;
const generator = 'site-1.pv-generator';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'approvals-'));
  const settings = parseSettings(
    `{ data: ${folder}, https: { port: 0 }, broker: { port: 0 }, field: { port: 0 }, demonstration: true, gateways: [{ id: site-1 }],
       operators: { secondFactor: optional, groupSize: 3 } }`,
    'test',
  );
  if (!settings.ok) throw new Error(settings.say.join());
  headend = trusted(await startHeadend(settings.value, quiet, () => Date.now() + aheadMs));
  crew = new Crew(() => headend.httpsUrl, folder);
  [ada, bob] = [await crew.as('ada'), await crew.as('bob')];
  const tls = await enrolGateway(headend, ada.ask, 'site-1');
  agent = new FakeAgent(headend.mqttUrl, 'site-1', 1, tls);
  await agent.start();
  const ids = [...meters, 'pv-generator'];
  await agent.born(ids);
  for (const id of meters) await agent.deviceBorn(id, { ...meterBirth });
  await agent.deviceBorn('pv-generator', { ...generatorBirth, switchedBy: undefined });
  for (const id of meters) await agent.meter(id, closed);
  await agent.aas('pv-generator', armed);
  await putInService(ada, headend.fieldUrl, { gatewayId: 'site-1', tls, deviceIds: ids });
  await vi.waitUntil(async () => (await offers(generator)).ok, { timeout: 5_000 });
}, 30_000);

afterAll(async () => {
  await agent.stop();
  await headend.stop();
  rmSync(folder, { recursive: true });
});

const offers = async (id: string): Promise<{ ok: boolean }> => {
  const { commands } = await ada.call<DeviceDetail>('GET', `/api/devices/${id}`);
  return commands.find(({ kind }) => kind === 'activate-synchronization')?.may ?? { ok: false };
};
const select = async (who: SignedIn, id: string, kind: string): Promise<SelectionView> =>
  await who.call<SelectionView>('POST', `/api/devices/${id}/selections`, { kind });
const operate = async (who: SignedIn, selectionId: string): Promise<CommandView> =>
  await who.call<CommandView>('POST', '/api/commands', { selectionId }, { 'idempotency-key': randomUUID() });
const askFor = async (who: SignedIn, selectionId: string): Promise<ApprovalView> =>
  await who.call<ApprovalView>('POST', '/api/approvals', { selectionId, cause: 'island back to the grid' });
const decide = async (who: SignedIn, id: string, approve = true): Promise<ApprovalView> =>
  await who.call<ApprovalView>('POST', `/api/approvals/${id}/decision`, { approve, cause: 'seen' });
const ended = async (commandId: string, deviceId: string): Promise<void> =>
  await agent.ack(deviceId, { commandId, state: 'refused', reason: 'local', ordinal: 0 });

describe('a command that takes two', () => {
  test('is not operated by one; a second approves it, and both are in the signed command and the audit', async () => {
    const selection = await select(ada, generator, 'activate-synchronization');
    expect(selection.approval).toMatchObject({ needed: true });
    await expect(operate(ada, selection.id)).rejects.toThrow('approval-needed');
    const asked = await askFor(ada, selection.id);
    expect(asked).toMatchObject({ state: 'awaiting', requestedBy: 'ada', devices: [{ id: generator }] });
    // It stays selected meanwhile, and nobody else takes it.
    await expect(select(bob, generator, 'disconnect')).rejects.toThrow('busy');
    await expect(decide(ada, asked.id)).rejects.toThrow('wrong-operator');
    const { approvals } = await bob.call<ApprovalsResponse>('GET', '/api/approvals');
    expect(approvals.find(({ id }) => id === asked.id)).toMatchObject({ state: 'awaiting', may: { ok: true } });
    const decided = await decide(bob, asked.id);
    expect(decided).toMatchObject({ state: 'approved', decidedBy: 'bob', outcomes: [{ ok: true }] });
    await vi.waitFor(() => expect(agent.commands.at(-1)).toMatchObject({ operator: 'ada', approver: 'bob' }));
    const id = agent.commands.at(-1)?.id ?? '';
    expect(await ada.call<CommandDetail>('GET', `/api/commands/${id}`)).toMatchObject({ approver: 'bob' });
    const audit = await ada.call<AuditResponse>('GET', `/api/audit?subject=${generator}`);
    const told = audit.rows.map(({ action, who, say }) => `${action} ${who}: ${say}`);
    expect(told).toContainEqual('operate ada: Synchronize and close requested, approved by bob');
    expect(told).toContainEqual(expect.stringMatching(/^approval-given bob: Approved Synchronize and close/));
    expect(told).toContainEqual(expect.stringMatching(/^operate-refused ada: .*approval-needed/));
    await expect(decide(bob, asked.id)).rejects.toThrow('approved already');
    await ended(id, 'pv-generator');
  });

  test.each([
    { what: 'refuses', act: async (id: string) => void (await decide(bob, id, false)), state: 'refused' },
    {
      what: 'takes it back',
      act: async (id: string) => await ada.call<void>('DELETE', `/api/approvals/${id}`),
      state: 'withdrawn',
    },
    {
      what: 'lets the time pass',
      act: async () => {
        aheadMs = 6 * 60_000;
      },
      state: 'expired',
    },
  ])('is not done where one $what', async ({ act, state }) => {
    const before = agent.commands.length;
    const asked = await askFor(ada, (await select(ada, generator, 'activate-synchronization')).id);
    await act(asked.id);
    await vi.waitFor(
      async () => {
        const { approvals } = await bob.call<ApprovalsResponse>('GET', '/api/approvals');
        expect(approvals.find(({ id }) => id === asked.id)).toMatchObject({ state, may: { ok: false } });
      },
      { timeout: 3_000 },
    );
    await expect(decide(bob, asked.id)).rejects.toThrow(state);
    aheadMs = 0;
    expect(agent.commands).toHaveLength(before);
  });

  test('is refused at the last check where the device, or a right of either, is no longer so', async () => {
    const before = agent.commands.length;
    const admin = await crew.administrator();
    const carl = await admin.invite('carl', 'switching-operator');
    const dora = await admin.invite('dora', 'switching-operator');
    const byDevice = await askFor(ada, (await select(ada, generator, 'activate-synchronization')).id);
    await bob.call('PUT', `/api/devices/${generator}/tag`, { cause: 'crew' });
    expect(await decide(bob, byDevice.id)).toMatchObject({
      state: 'failed',
      outcomes: [{ ok: false, reason: 'tagged' }],
    });
    await bob.call('DELETE', `/api/devices/${generator}/tag`);
    const byFirst = await askFor(carl, (await select(carl, generator, 'activate-synchronization')).id);
    await admin.call('PUT', '/api/operators/carl', { grants: [{ role: 'viewer', areas: 'all' }] });
    expect(await decide(bob, byFirst.id)).toMatchObject({
      state: 'failed',
      outcomes: [{ ok: false, reason: 'not-permitted' }],
    });
    const bySecond = await askFor(ada, (await select(ada, generator, 'activate-synchronization')).id);
    await admin.call('PUT', '/api/operators/dora', { grants: [{ role: 'dr-operator', areas: 'all' }] });
    const doraNow = await dora.again();
    await expect(decide(doraNow, bySecond.id)).rejects.toThrow('not-permitted');
    await ada.call('DELETE', `/api/approvals/${bySecond.id}`);
    expect(agent.commands).toHaveLength(before);
  });

  test('no program approves', async () => {
    const asked = await askFor(ada, (await select(ada, generator, 'activate-synchronization')).id);
    const { token } = await bob.call<BearerTokenIssued>('POST', '/api/tokens', {
      title: 'x',
      grants: [{ role: 'switching-operator', areas: 'all' }],
      validDays: 1,
    });
    const answer = await rawRequest(`${headend.httpsUrl}/api/approvals/${asked.id}/decision`, {
      method: 'POST',
      body: { approve: true },
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await reasonOf(answer)).toBe('not-permitted');
    await ada.call('DELETE', `/api/approvals/${asked.id}`);
  });
});

test('what cannot be audited is neither asked for nor decided', async () => {
  const asked = await askFor(ada, (await select(ada, generator, 'activate-synchronization')).id);
  const group = await ada.call<GroupSelectionView>('POST', '/api/group-selections', {
    kind: 'disconnect',
    deviceIds: ['site-1.meter-6'],
  });
  const before = agent.commands.length;
  setAudit(folder, true);
  const key = { 'idempotency-key': randomUUID() };
  const tries: (() => Promise<unknown>)[] = [
    () => decide(bob, asked.id),
    () => decide(bob, asked.id, false),
    () => ada.call('DELETE', `/api/approvals/${asked.id}`),
    () => ada.call('POST', '/api/group-commands', { selectionId: group.id }, key),
    () => ada.call('DELETE', `/api/group-selections/${group.id}`),
    () => ada.call('POST', '/api/group-selections', { kind: 'disconnect', deviceIds: ['site-1.meter-5'] }),
    () => select(bob, 'site-1.meter-5', 'disconnect'),
  ];
  for (const attempt of tries) await expect(attempt()).rejects.toThrow('503 not-recorded');
  setAudit(folder, false);
  const { approvals } = await bob.call<ApprovalsResponse>('GET', '/api/approvals');
  expect(approvals.find(({ id }) => id === asked.id)).toMatchObject({ state: 'awaiting' });
  expect(agent.commands).toHaveLength(before);
  await ada.call('DELETE', `/api/approvals/${asked.id}`);
});

describe('a group', () => {
  const group = async (who: SignedIn, ids: readonly string[]): Promise<GroupSelectionView> =>
    await who.call<GroupSelectionView>('POST', '/api/group-selections', {
      kind: 'disconnect',
      deviceIds: ids.map((id) => `site-1.${id}`),
    });

  test('what is left out is told before; each of the rest has a command and an outcome of its own', async () => {
    await agent.meter('meter-2', { ...closed, switchState: 'open' });
    await bob.call('PUT', '/api/devices/site-1.meter-3/tag', { cause: 'crew' });
    await vi.waitFor(async () => {
      const shown = await group(ada, ['meter-1', 'meter-2', 'meter-3', 'none']);
      expect(shown.left.map(({ id, reason }) => `${id} ${reason}`)).toEqual([
        'site-1.meter-2 already-so',
        'site-1.meter-3 tagged',
        'site-1.none unknown-device',
      ]);
      expect(shown).toMatchObject({ devices: [{ id: 'site-1.meter-1' }], approval: { needed: false } });
    });
    const chosen = await group(ada, ['meter-1', 'meter-4']);
    const key = { 'idempotency-key': randomUUID() };
    // Between selecting and operating somebody else tags one of them: that one is refused, and holds up no other.
    await bob.call('PUT', '/api/devices/site-1.meter-4/tag', { cause: 'crew' });
    const body = { selectionId: chosen.id, cause: 'overload' };
    const { outcomes } = await ada.call<GroupOutcome>('POST', '/api/group-commands', body, key);
    expect(outcomes).toMatchObject([
      { id: 'site-1.meter-1', ok: true, command: { state: 'requested' } },
      { id: 'site-1.meter-4', ok: false, reason: 'tagged' },
    ]);
    const again = await ada.call<GroupOutcome>('POST', '/api/group-commands', body, key);
    expect(again.outcomes[0]).toMatchObject({ ok: true, command: { id: commandOf(outcomes, 0) } });
    await vi.waitFor(() => expect(agent.commands.at(-1)?.deviceId).toBe('meter-1'));
    await ended(commandOf(outcomes, 0), 'meter-1');
    for (const id of ['meter-3', 'meter-4']) await bob.call('DELETE', `/api/devices/site-1.${id}/tag`);
    await agent.meter('meter-2', closed);
  });

  test('of a critical customer nobody is in it', async () => {
    await ada.call('PUT', '/api/sites/home', { title: 'Home', critical: 'dialysis at home' });
    const { left, devices } = await group(bob, ['meter-1']);
    expect([devices, left.map(({ reason }) => reason)]).toEqual([[], ['critical-customer']]);
    await ada.call('PUT', '/api/sites/home', { title: 'Home' });
  });

  test('above the limit it takes two, once; so do single ones that add up to it', async () => {
    const shown = await group(bob, ['meter-1', 'meter-2', 'meter-3', 'meter-4']);
    expect(shown.approval).toMatchObject({ needed: true });
    const operated = bob.call('POST', '/api/group-commands', { selectionId: shown.id }, { 'idempotency-key': 'g' });
    await expect(operated).rejects.toThrow('approval-needed');
    for (const { id } of shown.devices) expect((await select(bob, id, 'disconnect')).approval.needed).toBe(false);
    const anew = await group(bob, ['meter-1', 'meter-2', 'meter-3', 'meter-4']);
    const decided = await decide(ada, (await askFor(bob, anew.id)).id);
    expect(decided.state).toBe('approved');
    expect(decided.outcomes.map(({ ok }) => ok)).toEqual([true, true, true, true]);
    for (const [index, { id }] of decided.outcomes.entries())
      await ended(commandOf(decided.outcomes, index), id.slice('site-1.'.length));
    // One by one, beyond the limit: ada has disconnected meter-1 already.
    for (const id of ['meter-2', 'meter-3']) {
      const command = await operate(ada, (await select(ada, `site-1.${id}`, 'disconnect')).id);
      await ended(command.id, id);
    }
    const fourth = await select(ada, 'site-1.meter-5', 'disconnect');
    expect(fourth.approval).toMatchObject({ needed: true, say: expect.stringContaining('With 4 devices') });
    await expect(operate(ada, fourth.id)).rejects.toThrow('approval-needed');
  });
});

function commandOf(outcomes: GroupOutcome['outcomes'], index: number): string {
  const outcome = outcomes[index];
  if (outcome?.ok !== true) throw new Error(`no command at ${index}`);
  return outcome.command.id;
}
