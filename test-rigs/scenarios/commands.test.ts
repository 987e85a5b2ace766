import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import type { CommandView, FleetRow, SelectionView } from '@tiepoint/headend/api/contract.ts';
import { startLine } from './line.ts';
import type { Line } from './line.ts';
import { until } from './until.ts';

/** The whole line: API, head-end, broker, agents, emulated devices. One line serves all stories; each leaves it as it was. */
describe('commands from the API to the device and back', { timeout: 180_000 }, () => {
  let line: Line;
  beforeAll(async () => {
    line = await startLine();
    await line.inService();
    for (const id of [
      'gw-home.meter-1',
      'gw-home.pv-1',
      'gw-site.battery-1',
      'gw-site.genset-1',
      'gw-site.meter-2',
      'gw-site.relay-1',
    ])
      await line.api.live(id);
  }, 120_000);
  afterAll(async () => await line?.stop());

  const confirmed = async (
    id: string,
    kind: Parameters<Line['api']['command']>[1],
    parameters?: Parameters<Line['api']['command']>[2],
    withinMs?: number,
  ): Promise<void> => {
    // What was measured for the last command reaches the twin with the next status, a moment later.
    await line.api.offered(id, kind);
    const command = await line.api.command(id, kind, parameters);
    const detail = await line.api.outcome(command.id, withinMs);
    expect(detail, JSON.stringify(detail)).toMatchObject({ state: 'confirmed' });
    expect(detail.measured.length).toBeGreaterThan(0);
    expect(detail.measured.map(({ met }) => met)).toEqual(detail.measured.map(() => 'yes'));
  };
  const tells = async (id: string, what: string, is: (row: FleetRow) => boolean): Promise<FleetRow> =>
    await until(
      `${id}: ${what}`,
      async () => {
        const row = await line.api.row(id);
        return row !== undefined && row.liveness === 'live' && is(row) && row;
      },
      60_000,
    );

  test('the meter opens and closes, and the PV behind it goes and comes with it', async () => {
    await tells('gw-home.pv-1', 'generates', ({ activePowerW }) => (activePowerW ?? 0) > 500);
    await confirmed('gw-home.meter-1', 'disconnect');
    const open = await tells('gw-home.meter-1', 'is open', ({ switchState }) => switchState === 'open');
    expect(open).toMatchObject({ currentA: 0, loadSideVoltage: 'absent' });
    await tells('gw-home.pv-1', 'is off', ({ activePowerW }) => activePowerW === 0);
    await confirmed('gw-home.meter-1', 'connect');
    await tells(
      'gw-home.meter-1',
      'is closed',
      ({ switchState, loadSideVoltage }) => switchState === 'closed' && loadSideVoltage === 'present',
    );
    await tells('gw-home.pv-1', 'generates again', ({ activePowerW }) => (activePowerW ?? 0) > 100);
  });

  test('an AAS under 200 kW is disconnected by the switch of its meter, which the system chooses', async () => {
    const { writes } = line;
    const before = [writes['pv-1']?.length, writes['meter-1']?.length];
    const selection = await line.api.post<SelectionView>('/api/devices/gw-home.pv-1/selections', {
      kind: 'disconnect',
    });
    expect(selection.route).toMatchObject({ by: 'meter-switch', id: 'gw-home.meter-1' });
    const command = await line.api.post<CommandView>('/api/commands', { selectionId: selection.id });
    expect(await line.api.outcome(command.id)).toMatchObject({ state: 'confirmed' });
    expect([writes['pv-1']?.length, (writes['meter-1']?.length ?? 0) - 1]).toEqual(before);
    await tells('gw-home.meter-1', 'is open', ({ switchState }) => switchState === 'open');
    await confirmed('gw-home.meter-1', 'connect');
  });

  test('the generator starts, synchronises and closes, and is disconnected and stopped', async () => {
    await confirmed('gw-site.genset-1', 'start-generation', undefined, 120_000);
    await tells('gw-site.genset-1', 'runs', ({ operatingState }) => operatingState === 'running');
    await confirmed('gw-site.genset-1', 'activate-synchronization', undefined, 150_000);
    await tells(
      'gw-site.genset-1',
      'gives power',
      ({ breakerState, activePowerW }) => breakerState === 'closed' && (activePowerW ?? 0) > 1_000,
    );
    await confirmed('gw-site.genset-1', 'disconnect', undefined, 90_000);
    await tells('gw-site.genset-1', 'is open', ({ breakerState }) => breakerState === 'open');
    await confirmed('gw-site.genset-1', 'stop-generation', undefined, 150_000);
  });

  test('the battery is limited, disconnected and connected', async () => {
    await confirmed('gw-site.battery-1', 'limit-power', { limitPct: 50 });
    await confirmed('gw-site.battery-1', 'limit-power', { limitPct: 100 });
    await confirmed('gw-site.battery-1', 'disconnect');
    await confirmed('gw-site.battery-1', 'connect', undefined, 90_000);
  });

  test('a relay goes on and off', async () => {
    await confirmed('gw-site.relay-1', 'switch-relay', { relay: 2, to: 'on' });
    await tells('gw-site.relay-1', 'is on', ({ relay2 }) => relay2 === 'on');
    await confirmed('gw-site.relay-1', 'switch-relay', { relay: 2, to: 'off' });
  });

  test('a switch that takes the order and does not move ends unconfirmed, with what was measured', async () => {
    line.site.devices['meter-1'].change({ stuckSwitch: true });
    onTestFailed(() => void line.site.devices['meter-1'].change({ stuckSwitch: null }));
    const command = await line.api.command('gw-home.meter-1', 'disconnect');
    const detail = await line.api.outcome(command.id);
    expect(detail).toMatchObject({ state: 'unconfirmed', reason: 'not-moved' });
    expect(detail.measured.find(({ point }) => point === 'switchState')).toMatchObject({ word: 'closed', met: 'no' });
    line.site.devices['meter-1'].change({ stuckSwitch: null });
    await tells('gw-home.meter-1', 'still closed', ({ switchState }) => switchState === 'closed');
  });

  test('LOCAL is refused before anything is sent, and by the agent where the head-end does not know yet', async () => {
    const meter = line.site.devices['meter-1'];
    const selection = await line.api.post<SelectionView>('/api/devices/gw-home.meter-1/selections', {
      kind: 'disconnect',
    });
    const writes = line.writes['meter-1']?.length;
    meter.change({ local: true });
    onTestFailed(() => void meter.change({ local: null }));
    const answer = await line.api.post<CommandView>('/api/commands', { selectionId: selection.id }).then(
      async ({ id }) => (await line.api.outcome(id)).reason,
      (error: unknown) => String(error),
    );
    expect(answer).toMatch(/local/);
    await tells('gw-home.meter-1', 'is in LOCAL', ({ control }) => control === 'local');
    await expect(line.api.command('gw-home.meter-1', 'disconnect')).rejects.toThrow(/local/);
    expect(line.writes['meter-1']?.length).toBe(writes);
    meter.change({ local: null });
    await tells('gw-home.meter-1', 'is in REMOTE', ({ control }) => control === 'remote');
  });

  test('asking twice with one key gives one command', async () => {
    const selection = await line.api.post<SelectionView>('/api/devices/gw-site.relay-1/selections', {
      kind: 'switch-relay',
      parameters: { relay: 1, to: 'on' },
    });
    const key = crypto.randomUUID();
    const answers = await Promise.all(
      [1, 2, 3].map(async () => await line.api.post<CommandView>('/api/commands', { selectionId: selection.id }, key)),
    );
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    await line.api.outcome(answers[0]?.id ?? '');
    await confirmed('gw-site.relay-1', 'switch-relay', { relay: 1, to: 'off' });
  });
});
