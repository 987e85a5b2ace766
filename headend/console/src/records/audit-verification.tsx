import { useState } from 'react';
import type { JSX } from 'react';
import type { AuditVerification as Look } from '../../../src/api/contract.ts';
import { Mark } from '../design/marks.tsx';
import { Time } from '../design/shown-value.tsx';
import { AllowedButton } from '../design/why-not.tsx';
import { useOperator } from '../frame/operator.tsx';
import { useConsole, useNow, useQuery } from '../live/console-context.tsx';
import { mayEverywhere } from '../people/permitted.ts';

type Props = {
  /** Shows this row of the audit. */
  onRow: (seq: number) => void;
};

/** Has every row looked at, tells how far that is, and what does not fit. */
export function AuditVerification({ onRow }: Props): JSX.Element {
  const { api } = useConsole();
  const nowMs = useNow();
  const may = mayEverywhere(useOperator(), 'verify-audit');
  const [running, setRunning] = useState(false);
  const [refused, setRefused] = useState<string>();
  const { value, say, reload } = useQuery(
    `audit verification ${running ? nowMs : ''}`,
    async (signal) => {
      const answer = await api.auditVerification(signal);
      if (answer.ok) setRunning(answer.value.state === 'running');
      return answer;
    },
    'audit verification',
  );
  const begin = async (): Promise<void> => {
    const answer = await api.verifyAudit();
    setRefused(answer.ok ? undefined : answer.say);
    setRunning(answer.ok);
    reload();
  };
  return (
    <section className="chain" data-testid="audit-verification">
      <div className="tools">
        <AllowedButton
          may={may}
          className="button"
          disabled={running}
          onClick={() => void begin()}
          data-testid="audit-verify"
        >
          Verify every row
        </AllowedButton>
        {value?.state === 'done' && (
          <>
            <a className="button quiet" href="/api/audit/verification" download="audit-verification.json">
              Save the finding
            </a>
            <button type="button" className="button quiet" onClick={() => print()}>
              Print
            </button>
          </>
        )}
      </div>
      {(refused ?? say) !== undefined && <p className="notice warn">{refused ?? say}</p>}
      {value !== undefined && <Finding look={value} nowMs={nowMs} onRow={onRow} />}
    </section>
  );
}

function Finding({ look, nowMs, onRow }: { look: Look; nowMs: number; onRow: Props['onRow'] }): JSX.Element | null {
  if (look.state === 'none') return null;
  const { rows, of, by, beganAtMs } = look;
  const asked = (
    <>
      asked by {by} at <Time atMs={beganAtMs} nowMs={nowMs} />
    </>
  );
  if (look.state === 'running')
    return (
      <output>
        <progress max={Math.max(1, of)} value={rows} aria-label="Rows looked at" /> {rows.toLocaleString('en')} of{' '}
        {of.toLocaleString('en')} rows, {asked}
      </output>
    );
  const { verdict } = look;
  if (verdict.ok)
    return (
      <output>
        {rows.toLocaleString('en')} rows, each as it was written; {verdict.signed} signed{' '}
        {verdict.signed === 1 ? 'head fits' : 'heads fit'}; {asked}.
      </output>
    );
  const { seq } = verdict;
  return (
    <div className="notice urgent" role="alert">
      <p>
        <Mark shape="urgent">
          <strong>The audit does not fit{seq !== undefined && ` from row ${seq} on`}.</strong>
        </Mark>{' '}
        {verdict.say} {rows.toLocaleString('en')} rows before it fit; {asked}.
      </p>
      {seq !== undefined && (
        <button type="button" className="button" onClick={() => onRow(seq)}>
          Show the rows up to {seq}
        </button>
      )}
    </div>
  );
}
