import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { Status } from '@tiepoint/protocol';
import { mosquittoIsMissing, startMosquitto } from '@tiepoint/headend/nms/link/mosquitto.ts';
import { startAgentBench } from './bench-agent.ts';
import type { AgentBench } from './bench-agent.ts';
import { until } from './until.ts';

/** An agent process, a broker and a device each; no story shares them with another. */
describe.skipIf(mosquittoIsMissing)('an agent behind a real mosquitto', { timeout: 60_000 }, () => {
  let bench: AgentBench | undefined;
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') process.stderr.write(bench?.agent.output.slice(-4_000) ?? '');
    await bench?.stop();
    bench = undefined;
  });

  async function start(...options: Parameters<typeof startAgentBench>): Promise<AgentBench> {
    bench = await startAgentBench(...options);
    return bench;
  }

  const lastStatus = ({ headEnd }: AgentBench): Status | undefined => headEnd.all('status').at(-1)?.value;
  const live = async (it: AgentBench): Promise<Status> =>
    await until('a status with a judged clock', () => {
      const status = lastStatus(it);
      return status?.timeQuality === 'synchronised' && status;
    });

  test('introduces itself, reports on its rhythm without gaps, and says goodbye', async () => {
    const it = await start();
    const { headEnd } = it;
    await until('six statuses', () => headEnd.all('status').length >= 6);
    const [gateway] = headEnd.all('gateway-birth');
    const [birth] = headEnd.all('birth');
    expect(gateway?.value).toMatchObject({ deviceIds: ['meter-1'], readOnly: false, protocolVersion: 1 });
    expect(birth?.value).toMatchObject({
      kind: 'meter',
      capabilities: ['service-switch', 'meter'],
      commands: ['connect', 'disconnect'],
      limits: { switchRatingA: 200 },
    });
    const statuses = headEnd.all('status').map(({ value }) => value);
    expect(new Set(statuses.map(({ session }) => session))).toEqual(new Set([gateway?.value.session]));
    const sequences = [
      ...statuses.map(({ seq }) => seq),
      ...headEnd.all('event').map(({ value }) => value.seq),
    ].toSorted((a, b) => a - b);
    expect(sequences).toEqual(sequences.map((_, i) => (birth?.value.nextSeq ?? -1) + i));
    // On a fixed phase: the k-th report comes k periods after the first, give or take a poll that came late.
    const phases = statuses.slice(1).map(({ timeMs }) => timeMs % 1_000);
    expect(Math.max(...phases) - Math.min(...phases)).toBeLessThan(300);
    expect(await it.agent.stop()).toBe(0);
    await until('the goodbye', () => headEnd.all('gateway-death').some(({ value }) => value.cause === 'stopped'));
  });

  test('opens and closes the switch, measured; the switch moves once each time', async () => {
    const it = await start();
    await live(it);
    const opened = await it.headEnd.outcome((await it.headEnd.send({ deviceId: 'meter-1', kind: 'disconnect' })).id);
    expect(opened).toMatchObject({ state: 'confirmed' });
    expect(opened.measured?.map(({ point, met }) => [point, met])).toEqual([
      ['switchState', 'yes'],
      ['currentA', 'yes'],
      ['loadSideVoltage', 'yes'],
    ]);
    await until('the event', () =>
      it.headEnd.all('event').some(({ value }) => value.kind === 'switch-changed' && value.to === 'open'),
    );
    await until('an open switch in the status', () => {
      const s = lastStatus(it);
      return s?.kind === 'meter' && s.switchState === 'open' && s.currentA === 0;
    });
    const closed = await it.headEnd.outcome((await it.headEnd.send({ deviceId: 'meter-1', kind: 'connect' })).id);
    expect(closed).toMatchObject({ state: 'confirmed' });
    expect(it.writes.map(({ words }) => words)).toEqual([[2], [1]]);
    expect(it.headEnd.acknowledgements(closed.commandId).map(({ state }) => state)).toEqual([
      'accepted',
      'executing',
      'confirmed',
    ]);
  });

  test('a repeated command does nothing and answers as before', async () => {
    const it = await start();
    await live(it);
    const command = await it.headEnd.send({ deviceId: 'meter-1', kind: 'disconnect' });
    await it.headEnd.outcome(command.id);
    const before = it.headEnd.acknowledgements(command.id).length;
    for (let i = 0; i < 3; i++) await it.headEnd.send(command);
    const answers = await until(
      'three answers',
      () =>
        it.headEnd.acknowledgements(command.id).length >= before + 3 &&
        it.headEnd.acknowledgements(command.id).slice(before),
    );
    expect(answers.map(({ state }) => state)).toEqual(['confirmed', 'confirmed', 'confirmed']);
    expect(it.writes).toHaveLength(1);
  });

  test.each([
    {
      say: 'expired',
      fields: () => ({ issuedAtMs: Date.now() - 60_000, expiresAtMs: Date.now() - 30_000 }),
      state: 'expired',
      reason: 'expired',
    },
    {
      say: 'from the future',
      fields: () => ({ issuedAtMs: Date.now() + 20_000, expiresAtMs: Date.now() + 40_000 }),
      state: 'refused',
      reason: 'clock',
    },
    {
      say: 'living for hours',
      fields: () => ({ expiresAtMs: Date.now() + 7_200_000 }),
      state: 'refused',
      reason: 'invalid',
    },
  ])('a command that is $say does nothing', async ({ fields, state, reason }) => {
    const it = await start();
    await live(it);
    const command = await it.headEnd.send({ deviceId: 'meter-1', kind: 'disconnect', ...fields() });
    expect(await it.headEnd.outcome(command.id)).toMatchObject({ state, reason });
    expect(it.writes).toEqual([]);
  });

  test.each([
    { say: 'LOCAL', fault: { local: true }, state: 'refused', reason: 'local', writes: 0 },
    {
      say: 'a switch that takes the order and does not move',
      fault: { stuckSwitch: true },
      state: 'unconfirmed',
      reason: 'not-moved',
      writes: 1,
    },
    {
      say: 'a device that refuses the write',
      fault: { refuseWrites: 2 },
      state: 'failed',
      reason: 'device-refused',
      writes: 1,
    },
    {
      say: 'a device without current reading',
      fault: { unknownPoints: ['currentA'] },
      state: 'unconfirmed',
      reason: 'measurement-failed',
      writes: 1,
    },
  ])('$say ends $state', async ({ fault, state, reason, writes }) => {
    const it = await start();
    await live(it);
    expect(it.meter.change(fault)).toMatchObject({ ok: true });
    const command = await it.headEnd.send({ deviceId: 'meter-1', kind: 'disconnect' });
    const outcome = await it.headEnd.outcome(command.id, 30_000);
    expect(outcome).toMatchObject({ state, reason });
    // Both hooks see a refused write; what counts is that there was no second one.
    expect(it.writes.length).toBeLessThanOrEqual(writes);
    if (state === 'unconfirmed') expect(outcome.measured?.length).toBeGreaterThan(0);
  });

  test('back-feed on the load side forbids closing', async () => {
    const it = await start();
    await live(it);
    await it.headEnd.outcome((await it.headEnd.send({ deviceId: 'meter-1', kind: 'disconnect' })).id);
    it.meter.change({ backFeed: true });
    await until('voltage behind the open switch', () => {
      const s = lastStatus(it);
      return s?.kind === 'meter' && s.loadSideVoltage === 'present';
    });
    const command = await it.headEnd.send({ deviceId: 'meter-1', kind: 'connect' });
    expect(await it.headEnd.outcome(command.id)).toMatchObject({ state: 'refused', reason: 'load-side-live' });
    expect(it.writes).toHaveLength(1);
  });

  test('killed while executing, it measures after the restart, writes nothing again and tells', async () => {
    const it = await start();
    await live(it);
    it.meter.change({ slowSwitchS: 3 });
    const command = await it.headEnd.send({ deviceId: 'meter-1', kind: 'disconnect' });
    await until(
      'executing',
      () =>
        it.headEnd.acknowledgements(command.id).some(({ state }) => state === 'executing') && it.writes.length === 1,
    );
    await it.agent.kill();
    await until('the will', () => it.headEnd.all('gateway-death').some(({ value }) => value.cause === 'line-lost'));
    it.agent.start();
    const outcome = await it.headEnd.outcome(command.id, 30_000);
    expect(outcome.state).toBe('confirmed');
    expect(outcome.say).toContain('restarted');
    expect(it.writes).toHaveLength(1);
    // The command comes again, late: nothing happens.
    await it.headEnd.send(command);
    await wait(500);
    expect(it.writes).toHaveLength(1);
  });

  test('disconnect ends a connect that is still being proved, and is measured itself', async () => {
    const it = await start();
    await live(it);
    await it.headEnd.outcome((await it.headEnd.send({ deviceId: 'meter-1', kind: 'disconnect' })).id);
    it.meter.change({ slowSwitchS: 4 });
    const connect = await it.headEnd.send({ deviceId: 'meter-1', kind: 'connect' });
    await until('the order to close', () => it.writes.length === 2);
    it.meter.change({ slowSwitchS: null });
    const disconnect = await it.headEnd.send({ deviceId: 'meter-1', kind: 'disconnect' });
    expect(await it.headEnd.outcome(connect.id)).toMatchObject({ state: 'unconfirmed', reason: 'interrupted' });
    expect(await it.headEnd.outcome(disconnect.id)).toMatchObject({ state: 'confirmed' });
    expect(it.writes.map(({ words }) => words)).toEqual([[2], [1], [2]]);
  });

  test('one impossible inquiry or a command for another device harms nobody', async () => {
    const it = await start();
    await live(it);
    await it.headEnd.inquire({ commands: [{ id: 'x', deviceId: 'a/b' }] });
    const stray = await it.headEnd.send({ deviceId: 'meter-2', kind: 'disconnect', seq: 9e15 }, 'meter-1');
    expect(await it.headEnd.outcome(stray.id)).toMatchObject({ state: 'refused', reason: 'invalid' });
    const command = await it.headEnd.send({ deviceId: 'meter-1', kind: 'disconnect' });
    expect(await it.headEnd.outcome(command.id)).toMatchObject({ state: 'confirmed' });
  });

  test('what happened while the line was down comes as history, newest first, and nothing is lost', async () => {
    const it = await start();
    await live(it);
    const { port } = it.mosquitto;
    const before = it.headEnd.all('status').length;
    await it.mosquitto.stop();
    await wait(4_500);
    it.meter.change({ local: true });
    await wait(1_000);
    const again = await startMosquitto(it.authority.server, { port });
    try {
      await until('history', () => it.headEnd.all('history').length > 0, 30_000);
      await until('live again', () => it.headEnd.all('status').length > before + 2, 30_000);
      await wait(2_500);
      const entries = it.headEnd.all('history').flatMap((each) => each.entries);
      const statusSequences = [
        ...it.headEnd.all('status').map(({ value }) => value.seq),
        ...entries.flatMap((entry) => (entry.of === 'status' ? [entry.status.seq] : [])),
      ];
      const eventSequences = [
        ...it.headEnd.all('event').map(({ value }) => value.seq),
        ...entries.flatMap((entry) => (entry.of === 'event' ? [entry.event.seq] : [])),
      ];
      const all = new Set([...statusSequences, ...eventSequences]);
      const last = Math.max(...all);
      expect([...Array.from({ length: last + 1 }).keys()].filter((seq) => !all.has(seq))).toEqual([]);
      const times = (it.headEnd.all('history')[0]?.entries ?? []).map((entry) =>
        entry.of === 'status' ? entry.status.timeMs : entry.event.timeMs,
      );
      expect(times).toEqual(times.toSorted((a, b) => b - a));
      expect(entries.some((entry) => entry.of === 'event' && entry.event.kind === 'control-changed')).toBe(true);
    } finally {
      await again.stop();
    }
  });

  test('a clock that was never compared, or is off, refuses', async () => {
    const unknown = await start({ clockErrorMs: null });
    await until('a status', () => lastStatus(unknown));
    const first = await unknown.headEnd.send({ deviceId: 'meter-1', kind: 'disconnect' });
    expect(await unknown.headEnd.outcome(first.id)).toMatchObject({ state: 'refused', reason: 'clock' });
    await unknown.stop();
    const off = await start({ clockErrorMs: 10_000 });
    await until('a status', () => lastStatus(off)?.timeQuality === 'unsynchronised');
    const second = await off.headEnd.send({ deviceId: 'meter-1', kind: 'disconnect' });
    expect(await off.headEnd.outcome(second.id)).toMatchObject({ state: 'refused', reason: 'clock' });
    expect([...unknown.writes, ...off.writes]).toEqual([]);
  });

  test('a read-only gateway refuses and never writes', async () => {
    const it = await start({ settings: { gateway: { readOnly: true } } });
    await live(it);
    expect(it.headEnd.all('birth')[0]?.value.readOnly).toBe(true);
    const command = await it.headEnd.send({ deviceId: 'meter-1', kind: 'disconnect' });
    expect(await it.headEnd.outcome(command.id)).toMatchObject({ state: 'refused', reason: 'read-only' });
    expect(it.writes).toEqual([]);
  });

  test('a device that falls silent is told dead, and is born again when it answers', async () => {
    const it = await start();
    await live(it);
    it.meter.change({ dead: true });
    await until('its death', () => it.headEnd.all('death').some(({ value }) => value.cause === 'bus-unreachable'));
    const births = it.headEnd.all('birth').length;
    it.meter.change({ dead: null });
    await until('its birth', () => it.headEnd.all('birth').length > births, 30_000);
    const statuses = it.headEnd.all('status').length;
    await until('a status', () => it.headEnd.all('status').length > statuses);
  });

  test('a configuration from the head-end changes the rhythm and survives a restart', async () => {
    const it = await start();
    await live(it);
    await it.headEnd.configure({
      revision: 3,
      devices: [{ deviceId: 'meter-1', periodMs: 2_000, reporting: 'by-exception', heartbeatMs: 60_000 }],
    });
    await until('the birth of revision 3', () =>
      it.headEnd.all('gateway-birth').some(({ value }) => value.configurationRevision === 3),
    );
    await until('the new period', () => it.headEnd.all('birth').at(-1)?.value.periodMs === 2_000);
    await it.agent.kill();
    const births = it.headEnd.all('birth').length;
    it.agent.start();
    await until('the birth after the restart', () => it.headEnd.all('birth').length > births);
    expect(it.headEnd.all('birth').at(-1)?.value).toMatchObject({ periodMs: 2_000, reporting: 'by-exception' });
  });

  test('asked for commands, it tells what became of them, also of those it never had', async () => {
    const it = await start();
    await live(it);
    const command = await it.headEnd.send({ deviceId: 'meter-1', kind: 'disconnect' });
    await it.headEnd.outcome(command.id);
    const before = it.headEnd.acknowledgements(command.id).length;
    await it.headEnd.inquire({
      commands: [
        { id: command.id, deviceId: 'meter-1' },
        { id: 'never-came', deviceId: 'meter-1', issuedAtMs: Date.now() },
      ],
    });
    await until('the answer', () => it.headEnd.acknowledgements(command.id).length > before);
    expect(await it.headEnd.outcome('never-came')).toMatchObject({ state: 'refused', reason: 'unknown-to-agent' });
  });

  test('garbage on every topic it listens to does nothing', async () => {
    const it = await start();
    await live(it);
    for (const payload of [
      new Uint8Array(0),
      Uint8Array.of(0xff),
      Uint8Array.of(0x9a, 0xff, 0xff, 0xff, 0xff),
      new TextEncoder().encode('{"kind":"disconnect"}'),
    ]) {
      await it.headEnd.publish({ deviceId: 'meter-1' }, payload);
      await it.headEnd.publish({ deviceId: 'no-such-device' }, payload);
    }
    const count = it.headEnd.all('status').length;
    await until('statuses going on', () => it.headEnd.all('status').length > count + 1);
    expect(it.writes).toEqual([]);
  });
});
