import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startLine } from './line.ts';
import type { Line } from './line.ts';
import { until } from './until.ts';

describe('whoever is killed in the midst of a command', { timeout: 180_000 }, () => {
  let line: Line;
  beforeAll(async () => {
    line = await startLine();
    await line.inService();
    for (const id of ['gw-home.meter-1', 'gw-home.pv-1']) await line.api.live(id);
  }, 120_000);
  afterAll(async () => await line?.stop());

  test.each(['agent', 'head-end'] as const)(
    'kill -9 of the %s at each state of a command loses and repeats nothing',
    async (victim) => {
      const meter = line.site.devices['meter-1'];
      for (const state of ['requested', 'accepted', 'executing', 'confirmed'] as const) {
        const open = (await line.api.row('gw-home.meter-1'))?.switchState === 'open';
        meter.change({ slowSwitchS: state === 'executing' ? 3 : 0.4 });
        const before = line.writes['meter-1']?.length ?? 0;
        const command = await line.api.command('gw-home.meter-1', open ? 'connect' : 'disconnect');
        if (state !== 'requested')
          await until(`${state} or beyond`, async () =>
            (await line.api.get<{ transitions: { state: string }[] }>(`/api/commands/${command.id}`)).transitions.some(
              (each) => each.state === state,
            ),
          );
        const program = victim === 'agent' ? line.agents['gw-home'] : line.headEnd;
        await program.kill();
        await wait(300);
        program.start();
        const detail = await line.api.outcome(command.id, 90_000);
        const after = await until(
          'the meter live again',
          async () => {
            const row = await line.api.row('gw-home.meter-1').catch(() => undefined);
            return row?.liveness === 'live' && row.switchState !== 'moving' && row;
          },
          60_000,
        );
        const written = (line.writes['meter-1']?.length ?? 0) - before;
        expect(written, `${state}: written ${written} times`).toBeLessThanOrEqual(1);
        // Whatever the word is, it is true: confirmed means moved, and what was not written neither moved nor is said to have.
        // Killed between its note and the write, the agent cannot know whether it wrote, and says unconfirmed.
        const moved = after.switchState === (open ? 'closed' : 'open');
        if (detail.state === 'confirmed') expect(moved).toBe(true);
        if (written === 0) {
          expect(moved).toBe(false);
          expect(['refused', 'failed', 'expired', 'unconfirmed']).toContain(detail.state);
        }
        await line.api.live('gw-home.meter-1');
      }
      meter.change({ slowSwitchS: null });
      if ((await line.api.row('gw-home.meter-1'))?.switchState !== 'open') return;
      await line.api.offered('gw-home.meter-1', 'connect');
      const back = await line.api.command('gw-home.meter-1', 'connect');
      expect((await line.api.outcome(back.id)).state).toBe('confirmed');
    },
  );
});
