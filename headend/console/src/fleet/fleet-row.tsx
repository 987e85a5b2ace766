/* oxlint-disable jsx-a11y/prefer-tag-over-role -- rows are placed by transform in a scrolled frame, which table elements cannot be */
import { memo } from 'react';
import type { JSX } from 'react';
import type { CommandKind } from '@tiepoint/protocol';
import type { FleetRow } from '../../../src/api/contract.ts';
import { Quantity, Stale, Unknown, Word } from '../design/shown-value.tsx';
import { ContactMark, LivenessMark, Mark } from '../design/marks.tsx';
import { formatRoute } from '../frame/route.ts';
import { useLink, useNow, useRow } from '../live/console-context.tsx';
import { freshnessOf } from '../live/freshness.ts';
import type { Freshness } from '../live/freshness.ts';
import { alarmTitle, commandTitles, controlText, kindLabels, kindTitle } from '../words/labels.ts';
import { fixed } from '../words/quantity.ts';
import { durationText, shortDurationText, timeText } from '../words/time.ts';
import { attentionOf } from './attention.ts';
import { contactOf } from './contact.ts';
import { PowerBar } from './power-bar.tsx';

type Placed = {
  id: string;
  index: number;
  topPx: number;
  /** Undefined: nothing is chosen from the table now. */
  chosen: boolean | undefined;
  onChoose: (id: string) => void;
};

/** One device. Draws itself again when its own row changes, and its age each second; the table around it does not. */
export const FleetTableRow = memo(function FleetTableRow({
  id,
  index,
  topPx,
  chosen,
  onChoose,
}: Placed): JSX.Element | null {
  const row = useRow(id);
  const link = useLink();
  if (row === undefined) return null;
  const freshness = freshnessOf(row, link);
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={`fleet-row ${freshness !== 'unlinked' && attentionOf(row) < 2 ? 'urgent' : ''} ${freshness === 'live' ? '' : 'stale-row'}`}
      style={{ transform: `translateY(${topPx}px)` }}
      data-testid={`row-${row.deviceId}`}
      data-index={index}
    >
      <div role="cell" className="first">
        {chosen !== undefined && (
          <input
            type="checkbox"
            className="choose"
            aria-label={`Choose ${row.title}`}
            data-testid={`choose-${row.deviceId}`}
            checked={chosen}
            onChange={() => onChoose(id)}
          />
        )}
        <LivenessMark liveness={row.liveness} linked={link.state === 'up'} />
      </div>
      <div role="cell" className="name">
        <div className="cut">
          <a href={formatRoute({ page: 'device', id })} title={`${row.title} (${row.id})`}>
            {row.title}
          </a>
          {row.unconfirmedKind !== undefined && <UnconfirmedMark kind={row.unconfirmedKind} />}
        </div>
        <Flags row={row} />
      </div>
      <div role="cell" className="cut" title={row.gatewayId}>
        {row.gatewayId}
      </div>
      <div role="cell" title={kindTitle(row)}>
        {kindLabels[row.kind]}
      </div>
      <div role="cell">
        <Health row={row} freshness={freshness} />
      </div>
      <States row={row} freshness={freshness} />
      <Measures row={row} freshness={freshness} />
      <div role="cell" className="right">
        <Age row={row} />
      </div>
    </div>
  );
});

function UnconfirmedMark({ kind }: { kind: CommandKind }): JSX.Element {
  const title = `${commandTitles[kind]} ended unconfirmed: nobody knows whether it acted. The mark goes when a command here is confirmed, or with a tag`;
  return (
    <div className="unconfirmed cut" title={title}>
      <Mark shape="warn">unconfirmed: {commandTitles[kind]}</Mark>
    </div>
  );
}

function Flags({ row }: { row: FleetRow }): JSX.Element {
  return (
    <>
      {row.activeCommandKind !== undefined && (
        <span
          className="badge plain"
          title={`Command under way: ${commandTitles[row.activeCommandKind]}, ${row.activeCommandState ?? ''}`}
        >
          {commandTitles[row.activeCommandKind]}…
        </span>
      )}
      {row.tagOwner !== undefined && (
        <span className="badge strong" title={`Tagged by ${row.tagOwner}: ${row.tagCause ?? ''}`}>
          TAG
        </span>
      )}
      {row.readOnly && (
        <span className="badge plain" title="Its gateway is read-only: it cannot write to any device">
          READ-ONLY
        </span>
      )}
    </>
  );
}

function Health({ row, freshness }: { row: FleetRow; freshness: Freshness }): JSX.Element {
  const alarms = (row.alarms ?? []).map(alarmTitle);
  if (row.health === undefined && alarms.length === 0) return <Unknown />;
  if (row.health === 'ok' && alarms.length === 0) return <Word value="ok" freshness={freshness} />;
  const text = alarms[0] ?? row.health ?? '';
  const more = alarms.length > 1 ? ` +${alarms.length - 1}` : '';
  return (
    <Mark shape={row.health === 'fault' ? 'urgent' : 'warn'} title={[row.health, ...alarms].filter(Boolean).join(', ')}>
      <span className="cut">
        <Stale freshness={freshness}>
          {text}
          {more}
        </Stale>
      </span>
    </Mark>
  );
}

function States({ row, freshness }: { row: FleetRow; freshness: Freshness }): JSX.Element {
  const contact = contactOf(row);
  const hasContact = row.capabilities.includes('service-switch') || row.capabilities.includes('breaker');
  const relays = [row.relay1, row.relay2, row.relay3, row.relay4];
  return (
    <>
      <div role="cell" className="state">
        {hasContact && <ContactMark state={contact ?? 'unknown'} />}
        {row.kind === 'aas' ? (
          <Word value={row.operatingState} freshness={freshness} />
        ) : row.kind === 'meter' ? (
          hasContact && <Word value={contact} freshness={freshness} />
        ) : (
          <Word
            value={
              relays.every((relay) => relay === undefined) ? undefined : relays.map((relay) => relay ?? '—').join(' ')
            }
            freshness={freshness}
          />
        )}
      </div>
      <div role="cell">
        {row.kind === 'aas' ? (
          <Word value={row.connection} freshness={freshness} />
        ) : (
          <span className="quiet-text" title="Does not apply" />
        )}
      </div>
      <div role="cell">
        {row.control === 'local' ? (
          <span className="badge strong">LOCAL</span>
        ) : (
          <Control row={row} freshness={freshness} />
        )}
      </div>
    </>
  );
}

function Control({ row, freshness }: { row: FleetRow; freshness: Freshness }): JSX.Element {
  if (row.control !== 'none') return <Word value={controlText(row.control)} freshness={freshness} />;
  return (
    <span className="no-switch" title="It has no LOCAL/REMOTE switch">
      <Stale freshness={freshness}>
        no LOCAL/
        <wbr />
        REMOTE
      </Stale>
    </span>
  );
}

function Measures({ row, freshness }: { row: FleetRow; freshness: Freshness }): JSX.Element {
  const shown = (value: number | undefined, unit: string, decimals: number, scale = 1): JSX.Element => (
    <Quantity
      value={value}
      unit={unit}
      freshness={freshness}
      {...(value === undefined ? {} : { shown: { text: fixed(value / scale, decimals), unit } })}
    />
  );
  if (row.kind === 'load-control') return <Inapplicable cells={5} />;
  return (
    <>
      <div role="cell" className="right power">
        <PowerBar
          powerW={freshness === 'live' ? row.activePowerW : undefined}
          ratedW={row.ratedPowerW}
          twoWay={row.capabilities.includes('storage')}
        />
        <span>{shown(row.activePowerW, 'kW', 2, 1000)}</span>
      </div>
      <div role="cell" className="right">
        {shown(row.currentA, 'A', 1)}
      </div>
      <div role="cell" className="right">
        {shown(row.voltageV, 'V', 1)}
      </div>
      <div role="cell" className="right">
        {shown(row.frequencyHz, 'Hz', 2)}
      </div>
      <div role="cell" className="right">
        {row.kind === 'aas' && shown(row.availableCapacityPct, '%', 0)}
      </div>
    </>
  );
}

/** A relay measures nothing: an empty cell, not a value that is unknown. */
function Inapplicable({ cells }: { cells: number }): JSX.Element {
  return (
    <>
      {Array.from({ length: cells }, (_, place) => (
        <div key={place} role="cell" />
      ))}
    </>
  );
}

function Age({ row }: { row: FleetRow }): JSX.Element {
  const nowMs = useNow();
  if (row.measuredAtMs === undefined) return <Unknown />;
  const ageMs = nowMs - row.measuredAtMs;
  return (
    <span
      className={row.stale ? 'old' : 'quiet-text'}
      title={`${durationText(ageMs)}, received ${timeText(row.measuredAtMs, nowMs)}`}
    >
      {shortDurationText(ageMs)}
    </span>
  );
}
