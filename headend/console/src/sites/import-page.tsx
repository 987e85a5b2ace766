import { useId, useState } from 'react';
import type { JSX } from 'react';
import type { FileFault, ImportDone, ImportPreview, ImportedRecord } from '../../../src/api/site-contract.ts';
import { Mark } from '../design/marks.tsx';
import { WhyNot } from '../design/why-not.tsx';
import { useOperator } from '../frame/operator.tsx';
import { formatRoute } from '../frame/route.ts';
import { useConsole } from '../live/console-context.tsx';
import { mayEverywhere } from '../people/permitted.ts';

const mostShown = 200;
type Chosen = { file: File; preview: ImportPreview };

/** A file of sites, devices and contracts: what it would change is shown first, with all its faults; then all of it or nothing. */
export function ImportPage(): JSX.Element {
  const { api } = useConsole();
  const [chosen, setChosen] = useState<Chosen>();
  const [done, setDone] = useState<ImportDone>();
  const [say, setSay] = useState<string>();
  const may = mayEverywhere(useOperator(), 'enter-sites');
  const whyId = useId();
  const look = async (file: File): Promise<void> => {
    setDone(undefined);
    const answer = await api.previewImport(file);
    setSay(answer.ok ? undefined : answer.say);
    setChosen(answer.ok ? { file, preview: answer.value } : undefined);
  };
  const take = async ({ file, preview }: Chosen): Promise<void> => {
    if (!preview.ok) return;
    const answer = await api.importFile(file, preview.digest);
    setSay(answer.ok ? undefined : answer.say);
    if (!answer.ok) return;
    setDone(answer.value);
    setChosen(undefined);
  };
  return (
    <main className="page">
      <header className="page-header">
        <h1>Import sites</h1>
        <p className="quiet-text">
          CSV of sites, devices and contracts, in one file or several. A column that is not there leaves things as they
          are.{' '}
          <a href="/api/exports/sites.csv" download>
            An export
          </a>{' '}
          shows the columns.
        </p>
      </header>
      <WhyNot may={may} id={whyId} />
      <section className="tools">
        <input
          className="input"
          type="file"
          disabled={!may.ok}
          aria-describedby={may.ok ? undefined : whyId}
          accept=".csv,text/csv"
          aria-label="File"
          data-testid="import-file"
          onChange={({ target }) => {
            const [file] = target.files ?? [];
            if (file !== undefined) void look(file);
          }}
        />
      </section>
      {say !== undefined && (
        <p className="notice urgent" role="alert">
          {say}
        </p>
      )}
      {done !== undefined && (
        <p className="notice" data-testid="import-done">
          Done: {countText(done.records)}. <a href={formatRoute({ page: 'sites' })}>To the sites</a>
        </p>
      )}
      {chosen?.preview.ok === false && <Faults faults={chosen.preview.faults} more={chosen.preview.more} />}
      {chosen?.preview.ok === true && <Preview preview={chosen.preview} onTake={() => void take(chosen)} />}
    </main>
  );
}

function Faults({ faults, more }: { faults: readonly FileFault[]; more: number }): JSX.Element {
  return (
    <>
      <p className="notice urgent" data-testid="import-faults">
        {faults.length + more} {faults.length + more === 1 ? 'fault' : 'faults'}: nothing of this file is taken until it
        has none.
      </p>
      <div className="table-frame">
        <table className="ledger">
          <thead>
            <tr>
              <th scope="col" className="right">
                Line
              </th>
              <th scope="col">Column</th>
              <th scope="col">What is wrong</th>
            </tr>
          </thead>
          <tbody>
            {faults.map(({ line, column, say }) => (
              <tr key={`${line} ${column ?? ''} ${say}`}>
                <td className="right">{line}</td>
                <td className="mono">{column}</td>
                <td>{say}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {more > 0 && <p className="quiet-text">And {more} more.</p>}
    </>
  );
}

function Preview({ preview, onTake }: { preview: ImportDone; onTake: () => void }): JSX.Element {
  const changed = preview.records.filter(({ change }) => change !== 'same');
  return (
    <>
      {preview.warnings.map((each) => (
        <p className="notice warn" key={each}>
          {each}
        </p>
      ))}
      <section className="tools">
        <strong data-testid="import-count">{countText(preview.records)}</strong>
        <button
          type="button"
          className="button primary"
          disabled={changed.length === 0}
          onClick={onTake}
          data-testid="import-take"
        >
          {changed.length === 0 ? 'Nothing would change' : 'Import all of it'}
        </button>
      </section>
      <div className="table-frame">
        <table className="ledger">
          <thead>
            <tr>
              <th scope="col" className="right">
                Line
              </th>
              <th scope="col">What</th>
              <th scope="col">Change</th>
              <th scope="col">Fields</th>
            </tr>
          </thead>
          <tbody>
            {changed.slice(0, mostShown).map(({ kind, id, line, change, fields }) => (
              <tr key={`${kind} ${id}`}>
                <td className="right">{line}</td>
                <td className="nowrap">
                  {kind} <strong>{id}</strong>
                </td>
                <td className="nowrap">
                  <Mark shape={change === 'new' ? 'done' : 'warn'}>{change}</Mark>
                </td>
                <td className="small">
                  {fields.map(({ column, from, to }) => (
                    <div key={column}>
                      <span className="mono">{column}</span>: {from !== undefined && <s>{from}</s>} {to ?? '(empty)'}
                    </div>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {changed.length > mostShown && <p className="quiet-text">And {changed.length - mostShown} more.</p>}
    </>
  );
}

function countText(records: readonly ImportedRecord[]): string {
  const count = (change: ImportedRecord['change']): number => records.filter((each) => each.change === change).length;
  return `${count('new')} new, ${count('changed')} changed, ${count('same')} as they are`;
}
