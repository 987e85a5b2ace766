import type { JSX } from 'react';
import type { ReportView } from '../../../src/api/site-contract.ts';
import { Mark } from '../design/marks.tsx';
import { Time } from '../design/shown-value.tsx';
import { useNow } from '../live/console-context.tsx';
import { words } from '../words/labels.ts';

/** Commissioning reports of a site, newest first; each is shown apart, for it was made elsewhere. */
export function ReportList({ reports }: { reports: readonly ReportView[] }): JSX.Element {
  const nowMs = useNow();
  return (
    <section className="panel">
      <header>
        <h2>Commissioning reports</h2>
      </header>
      {reports.length === 0 ? (
        <p className="quiet-text small">
          None yet. On the gateway, <span className="mono">tiepoint-agent commission</span> makes one and delivers it.
        </p>
      ) : (
        <ul className="site-reports">
          {reports.map((report) => (
            <li key={report.id} data-testid="site-report">
              <Time atMs={report.receivedAtMs} nowMs={nowMs} />
              <Mark shape={report.accepted ? 'done' : 'warn'}>
                <strong>{words(report.verdict)}</strong>
              </Mark>
              <span>
                {report.gatewayId}, by {report.technician}
                {report.emulated && <span className="badge doubt">EMULATED</span>}
                <div className="small quiet-text">{report.say}</div>
              </span>
              <span className="nowrap">
                <a href={`/api/reports/${encodeURIComponent(report.id)}/page`} target="_blank" rel="noreferrer">
                  View
                </a>{' '}
                <a href={`/api/reports/${encodeURIComponent(report.id)}/page?download=true`}>HTML</a>{' '}
                <a href={`/api/reports/${encodeURIComponent(report.id)}?download=true`}>JSON</a>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
