import { useState } from 'react';
import type { JSX } from 'react';
import type { NightReadView } from '../../../src/api/read-contract.ts';
import { SaidAgainst } from '../design/form.tsx';
import { Mark } from '../design/marks.tsx';
import { Time } from '../design/shown-value.tsx';
import { AllowedButton } from '../design/why-not.tsx';
import { useOperator } from '../frame/operator.tsx';
import { useConsole, useNow, useQuery } from '../live/console-context.tsx';
import { mayEverywhere } from '../people/permitted.ts';
import { useEvery } from '../sites/use-every.ts';
import { fixed } from '../words/quantity.ts';

/** The night's read: how far it is, how the last one ended, when the next is. */
export function NightPanel(): JSX.Element | null {
  const { network } = useConsole();
  const nowMs = useNow();
  const { value, say, reload } = useQuery('night read', (signal) => network.nightRead(signal));
  const [against, setAgainst] = useState<string>();
  const may = mayEverywhere(useOperator(), 'read-meters');
  useEvery(2_000, reload);
  if (value === undefined) return say === undefined ? null : <p className="notice warn">The night’s read: {say}</p>;
  const { next, progress, waits } = value;
  const isRunning = progress?.state === 'running' || progress?.state === 'asking';
  const begin = async (): Promise<void> => {
    const answer = await network.beginNightRead();
    setAgainst(answer.ok ? undefined : answer.say);
    reload();
  };
  return (
    <section className="panel" data-testid="night-read" aria-labelledby="night-title">
      <header className="panel-tools">
        <h2 id="night-title">Night’s read</h2>
        <AllowedButton
          may={isRunning ? { ok: false, reason: 'busy', say: 'It is under way.' } : may}
          className="button small"
          data-testid="night-begin"
          onClick={() => void begin()}
        >
          Read now
        </AllowedButton>
      </header>
      <SaidAgainst say={against} />
      {waits !== undefined && (
        <p className="notice warn">
          <Mark shape="warn">It cannot begin: {waits}</Mark>
        </p>
      )}
      {progress === undefined ? (
        <p className="quiet-text">None was made since the head-end started.</p>
      ) : (
        <Progress progress={progress} />
      )}
      <p className="quiet-text small">
        {next.startMs <= nowMs ? 'The window is open until ' : 'The next begins '}
        <Time atMs={next.startMs <= nowMs ? next.endMs : next.startMs} nowMs={nowMs} />, for {next.day}.
      </p>
    </section>
  );
}

function Progress({ progress }: { progress: NonNullable<NightReadView['progress']> }): JSX.Element {
  const nowMs = useNow();
  const { day, state, meters, read, underWay, away, repeated, intervals, landingFails, endedAtMs } = progress;
  const share = meters === 0 ? 1 : read / meters;
  const open = meters - read;
  return (
    <>
      {(state === 'running' || state === 'asking') && (
        <progress value={state === 'asking' ? undefined : read} max={Math.max(1, meters)} aria-label="Meters read" />
      )}
      <p data-testid="night-progress">
        {state === 'asking' ? (
          <Mark shape="busy">Looking for what the warehouse lacks…</Mark>
        ) : meters === 0 ? (
          <Mark shape="done">Nothing lacked for {day}.</Mark>
        ) : (
          <>
            <strong>
              {fixed(read, 0)} of {fixed(meters, 0)} meters
            </strong>{' '}
            are read ({(100 * share).toFixed(share > 0.99 && share < 1 ? 2 : 1)} %) up to {day}, {fixed(intervals, 0)}{' '}
            intervals
            {endedAtMs !== undefined && (
              <>
                , ended <Time atMs={endedAtMs} nowMs={nowMs} />
              </>
            )}
            .
          </>
        )}
      </p>
      {state === 'running' && (
        <p className="small quiet-text">
          {fixed(underWay, 0)} under way
          {away > 0 && `, ${fixed(away, 0)} behind gateways that are not on line`}
          {repeated > 0 && `, ${fixed(repeated, 0)} asked again`}
        </p>
      )}
      {state === 'over' && open > 0 && (
        <p className="small">
          <Mark shape="warn">{fixed(open, 0)} were not read in time: they are asked again in the next night.</Mark>
        </p>
      )}
      {landingFails !== undefined && (
        <p className="notice warn">
          <Mark shape="warn">The warehouse takes nothing: {landingFails}</Mark> The gateways keep what they have.
        </p>
      )}
    </>
  );
}
