import type { JSX } from 'react';
import type { FleetRow } from '../../../src/api/contract.ts';
import { Quantity, Unknown, Word } from '../design/shown-value.tsx';
import type { Freshness } from '../live/freshness.ts';
import { words } from '../words/labels.ts';
import { durationText } from '../words/time.ts';

/** What this source could still give, and for how long. */
export function AasPanel({ row, freshness }: { row: FleetRow; freshness: Freshness }): JSX.Element {
  const hold = row.holdTimeS === undefined ? undefined : durationText(row.holdTimeS * 1000);
  return (
    <section className="panel" aria-labelledby="aas-title">
      <header>
        <h2 id="aas-title">As alternative source</h2>
        <span className="quiet-text small">beyond what it generates now</span>
      </header>
      <dl className="aas">
        <div>
          <dt>Available capacity</dt>
          <dd>
            <Quantity value={row.availableCapacityPct} unit="%" freshness={freshness} />
            <Gauge valuePct={freshness === 'live' ? row.availableCapacityPct : undefined} />
          </dd>
        </div>
        <div>
          <dt>Available current</dt>
          <dd>
            <Quantity value={row.availableCurrentA} unit="A" freshness={freshness} />
          </dd>
        </div>
        <div>
          <dt>Can hold this output for</dt>
          <dd>
            <Word value={hold} freshness={freshness} />
          </dd>
        </div>
        <div>
          <dt>State of charge</dt>
          <dd>
            {row.capabilities.includes('storage') ? (
              <>
                <Quantity value={row.stateOfChargePct} unit="%" freshness={freshness} />
                <Gauge valuePct={freshness === 'live' ? row.stateOfChargePct : undefined} />
              </>
            ) : (
              <span className="quiet-text small">no storage</span>
            )}
          </dd>
        </div>
        <div>
          <dt>Operating</dt>
          <dd>
            <Word value={row.operatingState} freshness={freshness} />
          </dd>
        </div>
        <div>
          <dt>Synchroniser</dt>
          <dd>
            {row.capabilities.includes('synchroniser') ? (
              <Word
                value={row.synchroniser === undefined ? undefined : words(row.synchroniser)}
                freshness={freshness}
              />
            ) : (
              <span className="quiet-text small">none</span>
            )}
          </dd>
        </div>
      </dl>
    </section>
  );
}

function Gauge({ valuePct }: { valuePct: number | undefined }): JSX.Element {
  if (valuePct === undefined) {
    return (
      <span className="gauge unknown">
        <span className="visually-hidden">
          <Unknown />
        </span>
      </span>
    );
  }
  return (
    <span className="gauge" aria-hidden="true">
      <span style={{ width: `${Math.max(0, Math.min(100, valuePct))}%` }} />
    </span>
  );
}
