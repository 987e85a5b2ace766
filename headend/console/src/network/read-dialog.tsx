import { useEffect, useState } from 'react';
import type { JSX } from 'react';
import type { ReadDetail } from '../../../src/api/read-contract.ts';
import { Dialog } from '../design/dialog.tsx';
import { SaidAgainst } from '../design/form.tsx';
import { Mark } from '../design/marks.tsx';
import { Unknown } from '../design/shown-value.tsx';
import { useConsole } from '../live/console-context.tsx';
import { showQuantity } from '../words/quantity.ts';
import { meterStateWords } from './words.ts';

const everyMs = 500;

export type Place = {
  readonly kind: 'circuit' | 'segment' | 'transformer' | 'switch';
  readonly id: string;
  readonly title: string;
};

/** The load of a place, read now: the figure grows with every answer, and says how sure it is. */
export function ReadDialog({ place, onClose }: { place: Place; onClose: () => void }): JSX.Element {
  const { read, say } = useRead(place);
  return (
    <Dialog title={`Load of ${place.title} now`} testId="read-dialog" onClose={onClose}>
      <div className="select-form">
        <SaidAgainst say={say} />
        {read === undefined ? (
          say === undefined && <Mark shape="busy">Asking its meters…</Mark>
        ) : (
          <Figure read={read} />
        )}
        <footer>
          <button type="button" className="button primary" onClick={onClose}>
            Close
          </button>
        </footer>
      </div>
    </Dialog>
  );
}

function useRead({ kind, id }: Place): { read: ReadDetail | undefined; say: string | undefined } {
  const { network } = useConsole();
  const [state, setState] = useState<{ read?: ReadDetail; say?: string }>({});
  useEffect(() => {
    let [isOver, timer] = [false, 0];
    const follow = async (readId: string): Promise<void> => {
      const answer = await network.read(readId);
      if (isOver) return;
      // What was known stays on the screen while the head-end cannot be asked.
      setState((before) => (answer.ok ? { read: answer.value } : { ...before, say: answer.say }));
      if (!answer.ok || answer.value.state === 'running') timer = window.setTimeout(() => void follow(readId), everyMs);
    };
    void network.startRead({ kind, id }).then((started) => {
      if (isOver) return;
      if (started.ok) void follow(started.value.id);
      else setState({ say: started.say });
    });
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [network, kind, id]);
  return { read: state.read, say: state.say };
}

function Figure({ read }: { read: ReadDetail }): JSX.Element {
  const { figure, counts, state, currentA } = read;
  const asked = Object.values(counts).reduce((total, count) => total + count, 0);
  const isExact = figure !== undefined && figure.answered === figure.asked;
  return (
    <>
      <p className="read-figure" data-testid="read-figure">
        {figure === undefined ? <Unknown /> : <Power value={figure.activePowerW} />}
        {currentA !== undefined && (
          <span className="read-current">
            {currentA.toFixed(1)}
            <span className="unit">A</span>
          </span>
        )}
      </p>
      {figure !== undefined && (
        <p className="small">
          {isExact ? (
            'Measured at every meter.'
          ) : (
            <>
              Between <Power value={figure.lowW} /> and <Power value={figure.highW} /> in 8 of 10 cases;{' '}
              <Power value={figure.measuredW} /> of it measured.
            </>
          )}
        </p>
      )}
      <progress max={asked} value={counts.answered} aria-label="Meters that answered" />
      <p data-testid="read-state">
        <Mark shape={state === 'running' ? 'busy' : counts.answered === asked ? 'done' : 'warn'}>
          {`${counts.answered} of ${asked} answered${state === 'running' ? `, ${counts.asked} awaited` : ''}`}
        </Mark>
        {state === 'done' && read.doneMs !== undefined && (
          <span className="quiet-text apart">after {(read.doneMs / 1_000).toFixed(1)} s</span>
        )}
      </p>
      {state === 'done' && read.silent.length > 0 && (
        <details>
          <summary>{asked - counts.answered} estimated</summary>
          <ul className="read-silent small">
            {read.silent.map(({ name, state: how, why }) => (
              <li key={name}>
                <span className="mono">{name}</span> {meterStateWords[how]}
                {why !== undefined && `: ${why}`}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Power({ value }: { value: number }): JSX.Element {
  const { text, unit } = showQuantity(value, 'W');
  return (
    <span className="nowrap">
      {text}
      <span className="unit">{unit}</span>
    </span>
  );
}
