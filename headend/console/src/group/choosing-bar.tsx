import { useState } from 'react';
import type { JSX } from 'react';
import { no, yes } from '@tiepoint/protocol';
import type { Verdict } from '@tiepoint/protocol';
import { AllowedButton } from '../design/why-not.tsx';
import { useOperator } from '../frame/operator.tsx';
import { useLink } from '../live/console-context.tsx';
import { mayAnywhere } from '../people/permitted.ts';
import { GroupDialog } from './group-dialog.tsx';
import type { Chosen } from './use-chosen.ts';

/** The head-end takes no larger group. */
const mostInGroup = 100;

/** What can be done with those that are chosen. `shown`: the rows that the filter leaves. */
export function ChoosingBar({ chosen, shown }: { chosen: Chosen; shown: readonly string[] }): JSX.Element | null {
  const [open, setOpen] = useState<readonly string[]>();
  const count = chosen.ids?.size ?? 0;
  const may = useMayDisconnect(count);
  if (chosen.ids === undefined) return null;
  const rest = shown.filter((id) => chosen.ids?.has(id) !== true);
  const room = mostInGroup - count;
  return (
    <section className="choosing-bar" aria-label="Chosen devices">
      <strong aria-live="polite">{count} chosen</strong>
      <button
        type="button"
        className="button"
        disabled={rest.length === 0 || rest.length > room}
        onClick={() => chosen.choose(rest)}
      >
        Choose all {shown.length} shown
      </button>
      <AllowedButton
        may={may}
        className="button"
        data-testid="group-disconnect"
        onClick={() => setOpen([...(chosen.ids ?? [])])}
      >
        Disconnect…
      </AllowedButton>
      <button type="button" className="button quiet" onClick={chosen.end}>
        Done
      </button>
      {open !== undefined && <GroupDialog ids={open} onClose={() => setOpen(undefined)} />}
    </section>
  );
}

function useMayDisconnect(count: number): Verdict {
  const link = useLink();
  const right = mayAnywhere(useOperator(), 'disconnect');
  if (!right.ok) return right;
  if (link.state !== 'up') return no('link-down', 'No connection to the head-end: nothing can be commanded from here.');
  if (count === 0) return no('invalid', 'Choose devices in the table.');
  if (count > mostInGroup) return no('invalid', `${mostInGroup} at once are enough: choose fewer.`);
  return yes;
}
