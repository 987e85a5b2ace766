import type { JSX } from 'react';
import type { FileFinding } from '../../../src/api/interval-contract.ts';
import { Mark } from '../design/marks.tsx';
import type { Refusal } from '../live/asking.ts';

/** What became of a file: a sentence, and what is to be known of its lines. */
export type FileOutcome = { readonly ok: boolean; readonly say: string; readonly findings: readonly FileFinding[] };

export const refusedFile = ({ say, faults = [] }: Refusal): FileOutcome => ({
  ok: false,
  say,
  findings: faults.map((fault) => ({ severity: 'error', ...fault })),
});

const shapes = { error: 'urgent', warning: 'warn', note: 'doubt' } as const;

export function FileFindings({ outcome: { ok, say, findings } }: { outcome: FileOutcome }): JSX.Element {
  const hasRows = findings.some(({ row }) => row !== undefined);
  const several = findings.some(({ file }) => file !== undefined);
  return (
    <>
      <p className={ok ? 'notice' : 'notice urgent'} role="alert" data-testid="file-say">
        {say}
      </p>
      {findings.length > 0 && (
        <div className="table-frame" data-testid="file-findings">
          <table className="ledger">
            <thead>
              <tr>
                {several && <th scope="col">File</th>}
                <th scope="col" className="right">
                  {hasRows ? 'Row' : 'Line'}
                </th>
                <th scope="col">How bad</th>
                <th scope="col">What</th>
              </tr>
            </thead>
            <tbody>
              {findings.map(({ file = '', line, row: at = line, severity, say: what }) => (
                <tr key={`${file} ${at ?? 0} ${what}`}>
                  {several && <td className="mono">{file}</td>}
                  <td className="right">{at}</td>
                  <td className="nowrap">
                    <Mark shape={shapes[severity]}>{severity}</Mark>
                  </td>
                  <td>{what}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
