import type { JSX } from 'react';
import type { GroupMemberOutcome } from '../../../src/api/approval-contract.ts';
import { CommandMark, Mark } from '../design/marks.tsx';
import { formatRoute } from '../frame/route.ts';
import { useStore } from '../live/console-context.tsx';
import { countStates } from './count-states.ts';

/** What became of each device, followed as it goes on. */
export function OutcomeList({ outcomes }: { outcomes: readonly GroupMemberOutcome[] }): JSX.Element {
  const commands = useStore('commands', (store) => store.commands());
  const followed = outcomes.map((each) => {
    if (!each.ok) return { ...each, state: 'not-given' as const };
    const view = commands.get(each.command.id)?.view ?? each.command;
    return { id: each.id, title: each.title, state: view.state, say: view.say };
  });
  return (
    <>
      <p aria-live="polite">
        <strong data-testid="group-count">{countStates(followed.map(({ state }) => state))}</strong>
      </p>
      <ul className="group-plan" data-testid="group-outcomes">
        {followed.map(({ id, title, state, say }) => (
          <li key={id} className="group-outcome">
            <a href={formatRoute({ page: 'device', id })}>{title}</a>
            {state === 'not-given' ? (
              <Mark shape="stopped">not given</Mark>
            ) : (
              <CommandMark state={state}>{state}</CommandMark>
            )}
            {say !== undefined && <span className="small">{say}</span>}
          </li>
        ))}
      </ul>
    </>
  );
}
