import type { JSX } from 'react';
import type { CommandParameters } from '@tiepoint/protocol';
import { Mark, CommandMark } from '../design/marks.tsx';
import { Time } from '../design/shown-value.tsx';
import { useLink, useNow } from '../live/console-context.tsx';
import type { CommandTrack } from '../live/frame-reducer.ts';
import { commandStateTitles } from '../words/labels.ts';
import { durationText, stepText } from '../words/time.ts';
import { MeasuredTable } from './measured-table.tsx';
import { outcomeOf } from './outcome.ts';
import type { Tone } from './outcome.ts';
import { stepsOf } from './steps.ts';
import type { Step } from './steps.ts';

const noticeOf: Readonly<Record<Tone, string>> = {
  busy: '',
  calm: '',
  plain: 'warn',
  urgent: 'urgent',
  doubt: 'doubt',
};

/** How far a command is, and in the end what was measured. */
export function CommandProgress({ track }: { track: CommandTrack }): JSX.Element {
  const nowMs = useNow();
  const link = useLink();
  const { view } = track;
  const { tone, headline, next } = outcomeOf(view);
  return (
    <article className="progress" aria-live="polite" aria-label={`Command ${view.title}`}>
      <header>
        <h3>
          {view.title}
          <ParameterText parameters={view.parameters} />
        </h3>
        <CommandMark state={view.state}>
          <strong data-testid="command-state" title={commandStateTitles[view.state]}>
            {view.state}
          </strong>
        </CommandMark>
      </header>
      <p className="quiet-text small">
        {view.operator}
        {view.approver !== undefined && `, approved by ${view.approver}`},{' '}
        <Time atMs={view.requestedAtMs} nowMs={nowMs} />, {view.route.say}
        {view.cause !== undefined && <>. Reason: “{view.cause}”</>}
      </p>
      <Steps steps={stepsOf(track)} elapsedMs={view.final ? undefined : nowMs - view.updatedAtMs} />
      {link.state !== 'up' && !view.final && (
        <p className="notice warn">
          No connection to the head-end: the command goes on without this screen. Its state here is not live.
        </p>
      )}
      <div className={`notice outcome ${noticeOf[tone]}`}>
        <p>
          <strong>{headline}</strong>
        </p>
        {view.say !== undefined && <p>{view.say}</p>}
        {next !== undefined && <p>{next}</p>}
      </div>
      {view.measured.length > 0 && <MeasuredTable measured={view.measured} atMs={view.updatedAtMs} nowMs={nowMs} />}
      {view.deviceMs !== undefined && (
        <p className="quiet-text small">Of this, {stepText(view.deviceMs)} on the wire and at the device.</p>
      )}
    </article>
  );
}

export function ParameterText({
  parameters: { limitPct, relay, to },
}: {
  parameters: CommandParameters;
}): JSX.Element | null {
  const text = [limitPct === undefined ? '' : `to ${limitPct} %`, relay === undefined ? '' : `${relay} ${to ?? ''}`]
    .join(' ')
    .trim();
  return text === '' ? null : <> {text}</>;
}

function Steps({ steps, elapsedMs }: { steps: readonly Step[]; elapsedMs: number | undefined }): JSX.Element {
  return (
    <ol className="steps">
      {steps.map(({ state, is, sinceMs, atMs }) => (
        <li
          key={state}
          className={is}
          aria-current={is === 'now' ? 'step' : undefined}
          title={commandStateTitles[state]}
        >
          <StepMark state={state} is={is} />
          <span className="step-name">{state}</span>
          <span className="step-time">
            {sinceMs !== undefined && (
              <span title={`${stepText(sinceMs)} after the step before`}>
                +{stepText(sinceMs)} <span className="since">after the step before</span>
              </span>
            )}
            {sinceMs === undefined && atMs !== undefined && is !== 'ahead' && 'start'}
            {is === 'unseen' && 'not seen'}
            {is === 'now' && elapsedMs !== undefined && elapsedMs > 1_000 && (
              <span className="since">{durationText(elapsedMs)} so far</span>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}

function StepMark({ state, is }: Pick<Step, 'state' | 'is'>): JSX.Element {
  if (is === 'now') return <CommandMark state={state}>{''}</CommandMark>;
  if (is === 'past') return <Mark shape="done" />;
  return <Mark shape="absent" />;
}
