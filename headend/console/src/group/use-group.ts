import { useEffect, useRef, useState } from 'react';
import type { CommandView } from '../../../src/api/contract.ts';
import { randomKey } from '../command/random-key.ts';
import { useConsole } from '../live/console-context.tsx';
import { plannedOf } from './group-plan.ts';
import type { GroupPlan, Planned } from './group-plan.ts';

/** Asked at once, so that a large group is selected within the life of its first selection and no queue is filled. */
const atOnce = 6;

export type Given = {
  readonly id: string;
  readonly title: string;
  readonly command?: CommandView;
  readonly say?: string;
};

export type Group = {
  /** Undefined: still asking. */
  readonly planned: readonly Planned[] | undefined;
  readonly given: readonly Given[] | undefined;
  readonly select: () => void;
  readonly operate: (plan: GroupPlan, cause: string) => void;
  readonly giveUp: () => void;
};

/** Selects each device, then operates all that may be; what one of them is refused holds up no other. */
export function useGroup(ids: readonly string[]): Group {
  const { api, store } = useConsole();
  const [planned, setPlanned] = useState<readonly Planned[]>();
  const [given, setGiven] = useState<readonly Given[]>();
  const asked = useRef(false);
  const select = async (): Promise<void> => {
    setPlanned(undefined);
    const found = await each(ids, async (id) => {
      const answer = await api.select(id, { kind: 'disconnect' });
      return plannedOf({ id, title: store.row(id)?.title ?? id }, answer);
    });
    setPlanned(found);
  };
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    void select();
  });
  const operate = async ({ ready }: GroupPlan, cause: string): Promise<void> => {
    setGiven([]);
    const done = await each(ready, async ({ id, title, selection }): Promise<Given> => {
      const answer = await api.operate(selection.id, cause, randomKey());
      if (!answer.ok) return { id, title, say: answer.say };
      store.learnCommand(answer.value);
      return { id, title, command: answer.value };
    });
    setGiven(done);
  };
  return {
    planned,
    given,
    select: () => void select(),
    operate: (plan, cause) => void operate(plan, cause),
    giveUp: () => {
      if (given !== undefined) return;
      for (const { selection } of planned ?? []) if (selection !== undefined) void api.cancelSelection(selection.id);
    },
  };
}

/** In their order; some at once. */
async function each<T, U>(items: readonly T[], ask: (item: T) => Promise<U>): Promise<readonly U[]> {
  const answers: U[] = [];
  for (let from = 0; from < items.length; from += atOnce)
    answers.push(...(await Promise.all(items.slice(from, from + atOnce).map(ask))));
  return answers;
}
