import type { Result } from '@tiepoint/protocol';
import type { Warehouse } from '../mdw/warehouse.ts';
import type { AskOptions, WarehouseRequest } from '../mdw/warehouse-request.ts';

/** The warehouse answers some at once; what gateways send, and the night's read, have to get their turn beside what people ask. */
const atOnce = 2;
const mostWaiting = 30;

const busy = {
  ok: false,
  reason: 'busy',
  say: `The warehouse has ${atOnce + mostWaiting} long questions to answer already: ask again in a minute.`,
} as const;

/** The warehouse as the API asks it: of long questions two at a time, in the order in which they came, and no more than it comes to in a while. */
export function withLongQuestionsInTurn(warehouse: Warehouse): Warehouse {
  let asking = 0;
  const waiting: (() => void)[] = [];
  const turn = async (): Promise<void> => {
    if (asking >= atOnce) await new Promise<void>((resolve) => void waiting.push(resolve));
    else asking += 1;
  };
  const done = (): void => {
    const next = waiting.shift();
    if (next === undefined) asking -= 1;
    else next();
  };
  const ask = async <Ask, Answer>(
    request: WarehouseRequest<Ask, Answer>,
    what: Ask,
    options?: AskOptions,
  ): Promise<Result<Answer>> => {
    if (request.isLong !== true) return await warehouse.ask(request, what, options);
    if (waiting.length >= mostWaiting) return busy;
    await turn();
    try {
      return await warehouse.ask(request, what, options);
    } finally {
      done();
    }
  };
  return {
    ask,
    numberMeters: async (meters) => await warehouse.numberMeters(meters),
    land: async (rows) => await warehouse.land(rows),
    landRegisters: async (rows) => await warehouse.landRegisters(rows),
  };
}
