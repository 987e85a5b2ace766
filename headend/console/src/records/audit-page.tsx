import { useState } from 'react';
import type { JSX } from 'react';
import type { AuditRow } from '../../../src/api/contract.ts';
import { Time } from '../design/shown-value.tsx';
import { useOperator } from '../frame/operator.tsx';
import { formatRoute } from '../frame/route.ts';
import { useConsole, useNow, useQuery } from '../live/console-context.tsx';
import { mayEverywhere } from '../people/permitted.ts';
import { words } from '../words/labels.ts';
import { auditActions } from './audit-actions.ts';
import { AuditVerification } from './audit-verification.tsx';

const pageSize = 100;
const identityTitles: Readonly<Record<AuditRow['identity'], string>> = {
  account: 'A person who signed in',
  token: 'A program, by its bearer token; or a technician, by an enrolment token',
  system: 'The head-end itself',
  agent: 'A gateway’s word',
};

/** Who did what, when and why. */
export function AuditPage({ subject }: { subject: string | undefined }): JSX.Element {
  const { api } = useConsole();
  const [asked, setAsked] = useState(everything);
  const [before, setBefore] = useState<readonly number[]>([]);
  const beforeSeq = before.at(-1);
  const mayExport = mayEverywhere(useOperator(), 'read-audit');
  const { operator, action, until } = asked;
  const { value, say, reload } = useQuery(
    `${subject ?? ''}|${operator}|${action}|${until}|${beforeSeq ?? ''}`,
    (signal) =>
      api.audit(
        {
          limit: pageSize,
          subject,
          operator: given(operator),
          action: given(action),
          untilMs: until === '' ? undefined : new Date(until).getTime(),
          beforeSeq,
        },
        signal,
      ),
  );
  return (
    <main className="page">
      <header className="page-header">
        <h1>Audit{subject !== undefined && `: ${subject}`}</h1>
        <p className="quiet-text">Every selection, command, transition, tag and configuration: who, when, why.</p>
      </header>
      <section className="tools">
        <Filter asked={asked} onAsked={(next) => (setAsked(next), setBefore([]))} />
        {subject !== undefined && (
          <a className="button" href={formatRoute({ page: 'audit' })}>
            All devices
          </a>
        )}
        <button type="button" className="button" onClick={reload}>
          Renew
        </button>
        {mayExport.ok && (
          <a className="button quiet" href="/api/exports/audit.jsonl" download>
            Export all
          </a>
        )}
      </section>
      {mayExport.ok && <ChainHead />}
      {mayExport.ok && <AuditVerification onRow={(seq) => (setAsked(everything), setBefore([seq + 1]))} />}
      {say !== undefined && <p className="notice warn">{say}</p>}
      {(value !== undefined || say === undefined) && (
        <AuditTable rows={value?.rows ?? []} isAnswered={value !== undefined} />
      )}
      <Paging before={before} next={value?.nextBeforeSeq} onBefore={setBefore} />
    </main>
  );
}

/** As it is typed; empty: all. */
type Asked = { operator: string; action: string; until: string };
const everything: Asked = { operator: '', action: '', until: '' };
const given = (text: string): string | undefined => (text.trim() === '' ? undefined : text.trim());

function Filter({ asked, onAsked }: { asked: Asked; onAsked: (asked: Asked) => void }): JSX.Element {
  const { operator, action, until } = asked;
  return (
    <>
      <label className="field">
        <span>Operator</span>
        <input
          className="input"
          value={operator}
          onChange={({ target }) => onAsked({ ...asked, operator: target.value })}
          placeholder="everyone"
        />
      </label>
      <label className="field">
        <span>Action</span>
        <select
          className="input"
          value={action}
          data-testid="audit-action"
          onChange={({ target }) => onAsked({ ...asked, action: target.value })}
        >
          <option value="">all</option>
          {auditActions.map((each) => (
            <option key={each} value={each}>
              {words(each)}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        <span>Until</span>
        <input
          className="input"
          type="datetime-local"
          value={until}
          onChange={({ target }) => onAsked({ ...asked, until: target.value })}
        />
      </label>
    </>
  );
}

type PagingProps = {
  before: readonly number[];
  next: number | undefined;
  onBefore: (before: readonly number[]) => void;
};

function Paging({ before, next, onBefore }: PagingProps): JSX.Element {
  return (
    <footer className="tools">
      <button
        type="button"
        className="button"
        disabled={before.length === 0}
        onClick={() => onBefore(before.slice(0, -1))}
      >
        Newer
      </button>
      <button
        type="button"
        className="button"
        disabled={next === undefined}
        onClick={() => next !== undefined && onBefore([...before, next])}
      >
        Older
      </button>
    </footer>
  );
}

/** What shows later whether a row before this one was changed, for whoever keeps it elsewhere. */
function ChainHead(): JSX.Element | null {
  const { api } = useConsole();
  const nowMs = useNow();
  const { value, say } = useQuery('audit head', (signal) => api.auditHead(signal));
  if (value === undefined) return say === undefined ? null : <p className="notice warn">{say}</p>;
  const { seq, hash, signed } = value;
  return (
    <details className="chain">
      <summary>
        {seq.toLocaleString('en')} rows, chained by hashes
        {signed === undefined ? (
          '; none signed yet'
        ) : (
          <>
            ; signed up to row {signed.seq.toLocaleString('en')} at <Time atMs={signed.atMs} nowMs={nowMs} />
          </>
        )}
      </summary>
      <p className="small">
        Keep this where nobody who administers this machine can change it. Later,{' '}
        <code>headend audit verify --head …</code> with it tells whether a row up to here was changed, cut off or
        written anew.
      </p>
      <pre className="copy-line">
        {seq}:{hash}
      </pre>
    </details>
  );
}

function AuditTable({ rows, isAnswered }: { rows: readonly AuditRow[]; isAnswered: boolean }): JSX.Element {
  const nowMs = useNow();
  if (rows.length === 0)
    return <p className="quiet-text">{isAnswered ? 'Nothing recorded.' : 'Asking the head-end…'}</p>;
  return (
    <div className="table-frame">
      <table className="ledger audit">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Who</th>
            <th scope="col">Action</th>
            <th scope="col">On</th>
            <th scope="col">What</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.seq}>
              <td className="nowrap">
                <Time atMs={row.atMs} nowMs={nowMs} />
              </td>
              <td>
                {row.who}{' '}
                <span className="quiet-text small" title={identityTitles[row.identity]}>
                  ({row.identity})
                </span>
              </td>
              <td className="nowrap">{words(row.action)}</td>
              <td className="nowrap">{row.subject !== undefined && <Subject subject={row.subject} />}</td>
              <td className="what">{row.say}</td>
              <td>{row.why}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Subject({ subject }: { subject: string }): JSX.Element {
  const account = /^account:(.+)$/.exec(subject)?.[1];
  if (account !== undefined)
    return (
      <>
        <span className="quiet-text">account</span> {account}
      </>
    );
  const site = /^site:(.+)$/.exec(subject)?.[1];
  if (site !== undefined) return <a href={formatRoute({ page: 'site', id: site })}>{site}</a>;
  return subject.includes('.') ? <a href={formatRoute({ page: 'device', id: subject })}>{subject}</a> : <>{subject}</>;
}
