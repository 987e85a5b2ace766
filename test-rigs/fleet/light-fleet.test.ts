import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestAuthority } from '@tiepoint/headend/authority/testing/test-authority.ts';
import { mosquittoIsMissing, startMosquitto } from '@tiepoint/headend/nms/link/mosquitto.ts';
import type { Mosquitto } from '@tiepoint/headend/nms/link/mosquitto.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeHeadEnd } from '../scenarios/fake-head-end.ts';
import { layIdentity } from '../scenarios/laid-identity.ts';
import { until } from '../scenarios/until.ts';
import { LightFleet } from './light-fleet.ts';
import type { LightMember } from './light-fleet.ts';

const hourMs = 3_600_000;
const each = 50;
const ids = ['gw-1', 'gw-2'] as const;

describe.skipIf(mosquittoIsMissing)('light meters behind a real mosquitto', { timeout: 60_000 }, () => {
  let directory: string;
  let mosquitto: Mosquitto;
  let headEnds: Map<string, FakeHeadEnd>;
  let members: LightMember[];
  let fleet: LightFleet | undefined;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'light-fleet-'));
    const authority = await TestAuthority.make();
    mosquitto = await startMosquitto(authority.server);
    [headEnds, members] = [new Map(), []];
    for (const id of ids) {
      const folder = join(directory, id);
      layIdentity(folder, await authority.gateway(id));
      const { signer } = headEnds.values().next().value ?? {};
      const headEnd = await FakeHeadEnd.start(
        mosquitto.url,
        id,
        authority.headEnd,
        signer === undefined ? {} : { signer },
      );
      headEnds.set(id, headEnd);
      const identity = join(folder, 'identity');
      writeFileSync(join(identity, 'trust.json'), JSON.stringify(headEnd.trust));
      members.push({ id, identity, serialNumbers: Array.from({ length: each }, (_, index) => `${id}-${index}`) });
    }
  });
  afterEach(async () => {
    await fleet?.stop();
    for (const headEnd of headEnds.values()) await headEnd.stop();
    await mosquitto.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const of = (id: string): FakeHeadEnd => headEnds.get(id) as FakeHeadEnd;
  async function started(...changed: [ConstructorParameters<typeof LightFleet>[2]?]): Promise<LightFleet> {
    const it = (fleet = new LightFleet(members, mosquitto.url, ...changed));
    await it.start();
    for (const id of ids) await until(`the births of ${id}`, () => of(id).all('birth').length >= each);
    return it;
  }

  test('introduce themselves, report, and answer what is signed with what is truly so', async () => {
    const it = await started({ heartbeatMs: 5_000 });
    expect(it.online).toBe(2);
    expect(of('gw-2').all('birth')[7]?.value).toMatchObject({
      kind: 'meter',
      serialNumber: 'gw-2-7',
      intervalS: 3_600,
    });
    const toMs = Math.floor(Date.now() / hourMs) * hourMs;
    const id = await of('gw-1').read({ wanted: 'intervals', deviceIds: ['m-9'], fromMs: toMs - 24 * hourMs, toMs });
    const block = await until('the intervals', () =>
      of('gw-1')
        .all('intervals')
        .find(({ value }) => value.requestId === id),
    );
    expect(block).toMatchObject({ deviceId: 'm-9', value: { final: true } });
    expect(block.value.intervals).toHaveLength(24);
    const { curve } = it.meter('gw-1', 'm-9');
    const sumWh = block.value.intervals.reduce((sum, { importedWh = 0 }) => sum + importedWh, 0);
    expect(sumWh).toBe(Math.round(curve.importedWh(toMs)) - Math.round(curve.importedWh(toMs - 24 * hourMs)));
    const present = await of('gw-2').read({ wanted: 'present' });
    const readings = await until('all readings', () => {
      const all = of('gw-2')
        .all('reading')
        .filter(({ value }) => value.requestId === present);
      return all.length === each && all;
    });
    for (const { deviceId, value } of readings)
      expect(value.activePowerW).toBe(it.meter('gw-2', deviceId).curve.powerW(value.timeMs));
    await until(
      'a status of each',
      () =>
        new Set(
          of('gw-1')
            .all('status')
            .map(({ deviceId }) => deviceId),
        ).size === each,
    );
    expect([...it.complaints.keys()]).toEqual([]);
  });

  test('some are silent, and some answers are lost, the same ones for the same seed', async () => {
    const it = await started({ silentShare: 0.1, lostShare: 0.05, heartbeatMs: 3_000 });
    const silent = Array.from({ length: each }, (_, index) => `m-${index + 1}`).filter(
      (id) => it.meter('gw-1', id).isSilent,
    );
    expect(silent.length).toBeGreaterThan(0);
    await of('gw-1').read({ wanted: 'present' });
    await until('an end of all', () => it.counts.answers + it.counts.lost >= each);
    await until('answers', () => of('gw-1').all('reading').length === it.counts.answers);
    const told = new Set(
      of('gw-1')
        .all('reading')
        .map(({ deviceId }) => deviceId),
    );
    expect(silent.filter((id) => told.has(id))).toEqual([]);
    expect(it.counts.lost).toBeGreaterThanOrEqual(silent.length);
    expect(it.counts.answers).toBeGreaterThan(0.7 * each);
    const again = new LightFleet(members, mosquitto.url, { silentShare: 0.1 });
    expect(silent.every((id) => again.meter('gw-1', id).isSilent)).toBe(true);
  });

  test('nobody makes them talk whose request is not signed', async () => {
    const it = await started();
    await of('gw-1').raw('tiepoint/v1/gw-1/reads', new Uint8Array(40));
    await until('the complaint', () => it.complaints.size > 0);
    expect(it.counts).toMatchObject({ requests: 0, answers: 0 });
  });
});
