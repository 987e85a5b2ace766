import type { JSX, ReactNode } from 'react';
import type { DeviceDetail, FleetRow, StatusPoint } from '../../../src/api/contract.ts';
import { Quantity, Time, Word } from '../design/shown-value.tsx';
import { PowerBar } from '../fleet/power-bar.tsx';
import { useNow } from '../live/console-context.tsx';
import type { Freshness } from '../live/freshness.ts';
import { alarmTitle, controlText, pointTitle, words } from '../words/labels.ts';
import { durationText } from '../words/time.ts';

/** The values that an operator reads from across the desk. */
export function MainTiles({ row, freshness }: { row: FleetRow; freshness: Freshness }): JSX.Element {
  const nowMs = useNow();
  const age = row.measuredAtMs === undefined ? undefined : durationText(nowMs - row.measuredAtMs);
  const stale = { freshness, age };
  return (
    <section className="tiles" aria-label="Live values">
      <Tile title={row.kind === 'meter' ? 'Power (import +)' : 'Power (generation +)'}>
        <span>
          <Quantity value={row.activePowerW} unit="W" {...stale} />
        </span>
        <PowerBar
          powerW={freshness === 'live' ? row.activePowerW : undefined}
          ratedW={row.ratedPowerW}
          twoWay={row.capabilities.includes('storage')}
        />
      </Tile>
      <Tile title="Voltage">
        <span>
          <Quantity value={row.voltageV} unit="V" {...stale} />
        </span>
      </Tile>
      <Tile title="Current">
        <span>
          <Quantity value={row.currentA} unit="A" {...stale} />
        </span>
      </Tile>
      <Tile title="Frequency">
        <span>
          <Quantity value={row.frequencyHz} unit="Hz" {...stale} />
        </span>
      </Tile>
    </section>
  );
}

function Tile({ title, children }: { title: string; children: ReactNode }): JSX.Element {
  return (
    <div className="tile">
      <h3>{title}</h3>
      <div className="tile-value">{children}</div>
    </div>
  );
}

/** All that the last status told, point by point. */
export function StatusPanel({
  detail,
  freshness,
}: {
  detail: DeviceDetail | undefined;
  freshness: Freshness;
}): JSX.Element | null {
  const nowMs = useNow();
  if (detail === undefined) return null;
  const { statusTimeMs, timeQuality, row } = detail;
  const age = row.measuredAtMs === undefined ? undefined : durationText(nowMs - row.measuredAtMs);
  return (
    <section className="panel" aria-labelledby="status-title">
      <header>
        <h2 id="status-title">Last status</h2>
        <span className="quiet-text small">
          {age === undefined ? 'none yet' : `received ${age} ago`}
          {statusTimeMs !== undefined && (
            <>
              , measured at <Time atMs={statusTimeMs} nowMs={nowMs} /> by the gateway’s clock (
              {timeQuality === undefined || timeQuality === 'unknown' ? 'quality not known' : timeQuality})
            </>
          )}
        </span>
      </header>
      {detail.status.length === 0 ? (
        <p className="quiet-text">No status has come.</p>
      ) : (
        <dl className="status-grid">
          {detail.status.map((point) => (
            <div key={point.point}>
              <dt>{pointTitle(point.point)}</dt>
              <dd>
                <StatusValue point={point} freshness={freshness} age={age} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

function StatusValue({
  point,
  ...stale
}: {
  point: StatusPoint;
  freshness: Freshness;
  age: string | undefined;
}): JSX.Element {
  if (point.words !== undefined)
    return (
      <Word
        value={
          point.words.length === 0 ? 'none' : point.words.map(point.point === 'alarms' ? alarmTitle : words).join(', ')
        }
        {...stale}
      />
    );
  if (point.point === 'control') return <Word value={controlText(point.word as 'none')} {...stale} />;
  if (point.word !== undefined) return <Word value={words(point.word)} {...stale} />;
  if (point.unit === 's' && point.value !== undefined)
    return <Word value={durationText(point.value * 1000)} {...stale} />;
  return (
    <Quantity
      value={point.value}
      unit={point.unit ?? ''}
      {...stale}
      {...(point.unit === undefined && point.value !== undefined
        ? { shown: { text: String(point.value), unit: '' } }
        : {})}
    />
  );
}
