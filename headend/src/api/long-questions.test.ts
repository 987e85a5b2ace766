import { expect, test } from 'vitest';
import type { Warehouse } from '../mdw/warehouse.ts';
import type { WarehouseRequest } from '../mdw/warehouse-request.ts';
import { withLongQuestionsInTurn } from './long-questions.ts';

const long: WarehouseRequest<number, number> = { name: 'long', repeatable: true, isLong: true };
const short: WarehouseRequest<number, number> = { name: 'short', repeatable: true };

test('of a hundred long questions two are asked at a time, some wait, the others are told so at once; short ones go beside', async () => {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  let [now, most] = [0, 0];
  const warehouse = withLongQuestionsInTurn({
    ask: async (request: WarehouseRequest<number, number>, which: number) => {
      asked.push(`${request.name} ${which}`);
      if (request.isLong !== true) return { ok: true, value: which };
      most = Math.max(most, (now += 1));
      await new Promise<void>((resolve) => void answers.push(resolve));
      now -= 1;
      if (which === 5) throw new Error('the worker died');
      return { ok: true, value: which };
    },
  } as unknown as Warehouse);
  const all = Array.from({ length: 100 }, async (_, which) => await warehouse.ask(long, which).catch(() => undefined));
  await new Promise(setImmediate);
  expect(asked).toEqual(['long 0', 'long 1']);
  expect(await warehouse.ask(short, 7)).toEqual({ ok: true, value: 7 });
  for (let turn = 0; turn < 40; turn += 1) {
    for (const answer of answers.splice(0)) answer();
    await new Promise(setImmediate);
  }
  const told = await Promise.all(all);
  expect(most).toBe(2);
  expect(told.filter((each) => each?.ok === true).length).toBe(31);
  expect(told.filter((each) => each?.ok === false && each.reason === 'busy').length).toBe(68);
  // One that fails gives its place to the next.
  expect(told[5]).toBeUndefined();
  expect(await Promise.race([warehouse.ask(long, 200), new Promise((done) => setImmediate(done, 'asked'))])).toBe(
    'asked',
  );
  expect(asked.at(-1)).toBe('long 200');
});
