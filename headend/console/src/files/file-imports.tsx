import type { JSX } from 'react';
import type { ImportView } from '../../../src/api/interval-contract.ts';
import { Mark } from '../design/marks.tsx';
import { Time } from '../design/shown-value.tsx';
import { useNow } from '../live/console-context.tsx';
import { fixed } from '../words/quantity.ts';

type Props = {
  imports: readonly ImportView[];
  /** What its numbers count. */
  counted: string;
};

export function FileImports({ imports, counted }: Props): JSX.Element | null {
  const nowMs = useNow();
  if (imports.length === 0) return null;
  return (
    <section className="panel flush" data-testid="imports" aria-labelledby="imports-title">
      <header className="panel-tools">
        <h2 id="imports-title">Imports since the head-end started</h2>
      </header>
      <table className="ledger">
        <tbody>
          {imports.map((each) => (
            <tr key={each.id}>
              <td className="nowrap">
                <Time atMs={each.startedAtMs} nowMs={nowMs} />
              </td>
              <td className="nowrap">{each.who}</td>
              <td className="wrap">
                <HowFar of={each} counted={counted} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function HowFar({ of, counted }: { of: ImportView; counted: string }): JSX.Element {
  const { file, state, done, total, say = '', dryRun } = of;
  switch (state) {
    case 'done':
      return <Mark shape="done">{`${dryRun ? 'checked: ' : ''}${say}`}</Mark>;
    case 'refused':
      return <Mark shape="warn">{say}</Mark>;
    case 'reading':
      return <Mark shape="busy">{`${file}: being read…`}</Mark>;
    case 'checking':
      return <Mark shape="busy">{`${file}: ${fixed(total, 0)} ${counted}, being checked…`}</Mark>;
    case 'landing':
      return (
        <>
          <Mark shape="busy">{`${file}: ${fixed(done, 0)} of ${fixed(total, 0)} ${counted}`}</Mark>{' '}
          <progress value={done} max={Math.max(1, total)} aria-label={`Imported ${counted}`} />
        </>
      );
  }
}
