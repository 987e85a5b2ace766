import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HealthResponse } from '@tiepoint/headend/api/contract.ts';
import { changesBetween } from '@tiepoint/headend/network/model/network-change.ts';
import type { Circuit, Network } from '@tiepoint/headend/network/model/network.ts';
import { emptyNetwork, NetworkDraft } from '@tiepoint/headend/network/model/network-draft.ts';
import { editRecord } from '@tiepoint/headend/network/network-register.ts';
import { SqliteStore } from '@tiepoint/headend/store/sqlite-store.ts';
import { freePort } from '@tiepoint/headend/nms/link/free-port.ts';
import { parse, stringify } from 'yaml';
import { Api } from '../scenarios/line.ts';
import { Program, readyLine } from '../scenarios/program.ts';
import { until } from '../scenarios/until.ts';
import { headendFile } from '../start/headend-file.ts';
import { enrolFleet } from './enrolled-fleet.ts';
import { LightFleet } from './light-fleet.ts';
import type { LightSettings } from './light-gateway.ts';

export type MeteredTown = {
  readonly api: Api;
  readonly fleet: LightFleet;
  /** The meter of each service point: where it is. */
  readonly meters: readonly { readonly gatewayId: string; readonly deviceId: string }[];
  stop(): Promise<void>;
};

export type TownPlan = {
  readonly meters: number;
  /** Behind each concentrator. */
  readonly each: number;
  readonly fleet?: Partial<LightSettings>;
  /** Settings of the head-end. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly log: (line: string) => void;
};

const metersPerTransformer = 10;

/** A head-end as a program of its own, one circuit whose segment serves all meters, and the meters behind concentrators, over real connections. */
export async function startMeteredTown({
  meters,
  each,
  fleet: changed,
  settings,
  log,
}: TownPlan): Promise<MeteredTown> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'town-'));
  const data = join(folder, 'data');
  const ids = Array.from({ length: Math.ceil(meters / each) }, (_, index) => `gw-${index}`);
  const serials = Array.from({ length: meters }, (_, index) => String(70_000_000 + index));
  layOneSegment(data, serials);
  const headEnd = await headEndProgram(folder, data, ids, settings);
  let fleet: LightFleet | undefined;
  const stop = async (): Promise<void> => {
    await fleet?.stop();
    await headEnd.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    headEnd.start();
    const ready = await until('the head-end listens', () => readyLine(headEnd.output), 60_000);
    const api = new Api(ready.httpsUrl, data);
    const { ask } = await api.operator();
    const members = await enrolFleet(ready, ask, ids, join(folder, 'identities'));
    log(`${ids.length} concentrators enrolled`);
    const equipped = members.map((member, index) => ({
      ...member,
      serialNumbers: serials.slice(index * each, (index + 1) * each),
    }));
    fleet = new LightFleet(equipped, ready.mqttUrl, changed);
    await fleet.start();
    await allIntroduced(api, meters);
    log(`${meters} meters introduced`);
    const places = serials.map((_, index) => ({
      gatewayId: ids[Math.floor(index / each)] ?? '',
      deviceId: `m-${(index % each) + 1}`,
    }));
    return { api, fleet, meters: places, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function allIntroduced(api: Api, meters: number): Promise<void> {
  await until(
    `${meters} meters introduced`,
    async () => {
      const health = await api.get<HealthResponse>('/api/health').catch(() => undefined);
      const known = Object.values(health?.devices ?? {}).reduce((total, count) => total + count, 0);
      return known >= meters;
    },
    120_000,
  );
}

function layOneSegment(data: string, serials: readonly string[]): void {
  const town = oneSegment(serials);
  const store = new SqliteStore(data);
  store.start();
  const who = { recordedAtMs: Date.now(), who: 'rig', cause: 'one segment' };
  store.network.append(editRecord(changesBetween(emptyNetwork(), town), Date.UTC(2020, 0, 1), who), {
    atMs: Date.now(),
    who: 'rig',
    identity: 'system',
    action: 'network-edited',
    say: 'one segment',
  });
  store.stop();
}

/** A breaker, a feeder, and transformers along it. */
function oneSegment(serials: readonly string[]): Network {
  const draft = new NetworkDraft({
    kind: 'Network',
    id: 'network',
    name: 'one segment',
    frequencyHz: 60,
    coordinates: 'none',
  });
  const live = ['A', 'B', 'C'] as const;
  const node = (id: string, nominalVoltageV: number): void =>
    draft.put({ kind: 'ConnectivityNode', id, name: id, nominalVoltageV });
  node('bus', 12_470);
  node('feeder', 12_470);
  draft.put({
    kind: 'EnergySource',
    id: 'source',
    name: 'source',
    terminals: [{ node: 'bus', phases: live }],
    nominalVoltageV: 12_470,
    voltagePu: 1,
    angleDeg: 0,
    r1Ohm: 0.1,
    x1Ohm: 1,
    r0Ohm: 0.1,
    x0Ohm: 1,
  });
  const terminals = ['bus', 'feeder'].map((each) => ({ node: each, phases: live }));
  const standing = { type: 'Breaker', normalOpen: false, openPhases: [] } as const;
  draft.put({ kind: 'Switch', id: 'breaker', name: 'breaker', terminals, ...standing });
  draft.put({
    kind: 'Circuit',
    id: 'circuit',
    name: 'circuit',
    head: { equipment: 'breaker', terminal: 1 },
  } satisfies Circuit);
  for (const [index, meter] of serials.entries()) {
    const at = Math.floor(index / metersPerTransformer);
    if (index % metersPerTransformer === 0) putTransformer(draft, at);
    draft.put({ kind: 'UsagePoint', id: `p${meter}`, name: meter, node: `house-${at}`, phases: ['s1', 's2'], meter });
  }
  return draft.network();
}

function putTransformer(draft: NetworkDraft, at: number): void {
  const house = `house-${at}`;
  draft.put({ kind: 'ConnectivityNode', id: house, name: house, nominalVoltageV: 240 });
  const phase = (['A', 'B', 'C'] as const)[at % 3] ?? 'A';
  const end = { connection: 'wye', grounded: true, ratedPowerVa: 100_000, resistancePu: 0.006 } as const;
  draft.put({
    kind: 'PowerTransformer',
    id: `t${at}`,
    name: `t${at}`,
    phaseCount: 1,
    terminals: [
      { node: 'feeder', phases: [phase] },
      { node: house, phases: ['s1'] },
      { node: house, phases: ['N', 's2'] },
    ],
    ends: [
      { ...end, ratedVoltageV: 7_200 },
      { ...end, ratedVoltageV: 120 },
      { ...end, ratedVoltageV: 120 },
    ],
    reactancePu: [0.02, 0.02, 0.013],
    noLoadLossPu: 0.002,
    magnetisingPu: 0.005,
    normalPowerVa: 100_000,
  });
}

async function headEndProgram(
  folder: string,
  data: string,
  ids: readonly string[],
  settings: Readonly<Record<string, unknown>> = {},
): Promise<Program> {
  const config = join(folder, 'headend.yaml');
  writeFileSync(config, stringify({ ...(parse(headendFile(ids, true)) as object), ...settings }));
  const [https, mqtt, field] = [await freePort(), await freePort(), await freePort()];
  const ports = ['--https-port', https, '--mqtt-port', mqtt, '--field-port', field].map(String);
  return new Program(['headend/src/main.ts', '--config', config, '--data', data, ...ports]);
}
