import type { CommandState, Liveness } from '@tiepoint/protocol';
import type { JSX, ReactNode } from 'react';
import { livenessTitles, livenessWords } from '../words/labels.ts';

/** The shapes of the console. Each says by form what its colour says, too: circle is well, triangle a warning, diamond urgent. */
export type Shape = 'well' | 'warn' | 'urgent' | 'doubt' | 'absent' | 'busy' | 'done' | 'stopped';

export function Mark({
  shape,
  children,
  title,
}: {
  shape: Shape;
  children?: ReactNode;
  title?: string | undefined;
}): JSX.Element {
  return (
    <span className="mark" title={title}>
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        {shapes[shape]}
      </svg>
      {children}
    </span>
  );
}

const stroke = { fill: 'none', strokeWidth: 1.8, strokeLinecap: 'round', strokeLinejoin: 'round' } as const;

const shapes: Readonly<Record<Shape, JSX.Element>> = {
  well: <circle cx="8" cy="8" r="4" fill="var(--fill)" />,
  warn: (
    <>
      <path
        d="M8 1.2 15.4 14.6H.6Z"
        fill="var(--warn)"
        stroke="var(--warn-line)"
        strokeWidth="1"
        strokeLinejoin="round"
      />
      <path d="M8 5.6v4M8 12.1v.2" stroke="var(--warn-ink)" {...stroke} />
    </>
  ),
  urgent: (
    <>
      <path d="M8 .6 15.4 8 8 15.4.6 8Z" fill="var(--urgent)" />
      <path d="m5.8 5.8 4.4 4.4m0-4.4-4.4 4.4" stroke="var(--urgent-ink)" {...stroke} />
    </>
  ),
  doubt: (
    <>
      <rect x="1" y="1" width="14" height="14" rx="3" fill="var(--doubt)" />
      <path
        d="M5.9 6.1a2.1 2.1 0 1 1 3.1 1.9c-.7.4-1 .8-1 1.5M8 12v.2"
        stroke="var(--doubt-ink)"
        {...stroke}
        strokeWidth={1.6}
      />
    </>
  ),
  absent: <circle cx="8" cy="8" r="5" stroke="var(--ink-3)" {...stroke} strokeWidth={1.5} strokeDasharray="2.2 3" />,
  busy: (
    <>
      <circle cx="8" cy="8" r="6" stroke="var(--line)" {...stroke} />
      <path d="M8 2a6 6 0 0 1 6 6" stroke="var(--act)" {...stroke} strokeWidth={2.2} className="turning" />
    </>
  ),
  done: <path d="m3 8.6 3.3 3.3L13 4.8" stroke="var(--ink)" {...stroke} strokeWidth={2.2} />,
  stopped: (
    <>
      <circle cx="8" cy="8" r="6" stroke="var(--ink-2)" {...stroke} />
      <path d="M4.5 8h7" stroke="var(--ink-2)" {...stroke} />
    </>
  ),
};

const livenessShapes: Readonly<Record<Liveness, Shape>> = {
  live: 'well',
  late: 'warn',
  lost: 'urgent',
  never: 'absent',
  'held-back': 'stopped',
};

/** `linked`: is the head-end heard? Without it nobody knows whether a device is still live. */
export function LivenessMark({
  liveness,
  linked,
  children,
}: {
  liveness: Liveness;
  linked: boolean;
  children?: ReactNode;
}): JSX.Element {
  return (
    <Mark
      shape={linked ? livenessShapes[liveness] : 'absent'}
      title={
        linked ? livenessTitles[liveness] : 'Not known now: no connection to the head-end. This is what it said last'
      }
    >
      <span className={`liveness-word ${linked ? liveness : 'never'}`}>
        <span data-testid="liveness" className={linked ? undefined : 'stale'}>
          {livenessWords[liveness]}
        </span>
        {children}
      </span>
    </Mark>
  );
}

const stateShapes: Readonly<Record<CommandState, Shape>> = {
  requested: 'busy',
  sent: 'busy',
  unknown: 'doubt',
  accepted: 'busy',
  executing: 'busy',
  confirmed: 'done',
  refused: 'stopped',
  expired: 'stopped',
  failed: 'urgent',
  unconfirmed: 'doubt',
};

type CommandMarkProps = { state: CommandState; title?: string; children: ReactNode };

export function CommandMark({ state, title, children }: CommandMarkProps): JSX.Element {
  return (
    <Mark shape={stateShapes[state]} title={title}>
      {children}
    </Mark>
  );
}

type ContactState = 'open' | 'closed' | 'moving' | 'failed' | 'unknown';

/** A switch or breaker: filled is closed, hollow is open, half is moving, crossed is failed, dashed is not known. */
export function ContactMark({ state }: { state: ContactState }): JSX.Element {
  return (
    <svg width="15" height="15" viewBox="0 0 16 16" aria-hidden="true">
      <rect
        x="2"
        y="2"
        width="12"
        height="12"
        fill={state === 'closed' ? 'var(--ink-2)' : state === 'failed' ? 'var(--urgent)' : 'none'}
        stroke={state === 'failed' ? 'var(--urgent)' : 'var(--ink-2)'}
        strokeWidth="2"
        strokeDasharray={state === 'unknown' ? '2.5 2.5' : undefined}
      />
      {state === 'moving' && <path d="M2 14V2h12Z" fill="var(--ink-2)" />}
      {state === 'failed' && <path d="m5 5 6 6m0-6-6 6" stroke="var(--urgent-ink)" strokeWidth="2" />}
    </svg>
  );
}
