import type { JSX, ReactNode } from 'react';
import type { DeviceDetail, FleetRow } from '../../../src/api/contract.ts';
import { LivenessMark, Mark } from '../design/marks.tsx';
import { Time, Unknown } from '../design/shown-value.tsx';
import { formatRoute } from '../frame/route.ts';
import { useLink, useNow } from '../live/console-context.tsx';
import { alarmTitle, kindTitle } from '../words/labels.ts';
import { ratingText } from '../words/quantity.ts';
import { durationText } from '../words/time.ts';

export function DeviceHeader({ row, detail }: { row: FleetRow; detail: DeviceDetail | undefined }): JSX.Element {
  const linked = useLink().state === 'up';
  const birth = detail?.birth;
  const made = [birth?.manufacturer, birth?.model].filter(Boolean).join(' ');
  return (
    <header className="device-header">
      <nav aria-label="Path" className="small">
        <a href="#/">Fleet</a> <span className="quiet-text">/ {row.gatewayId} /</span>
      </nav>
      <div className={linked ? 'title-line' : 'title-line not-live'}>
        <h1>{row.title}</h1>
        <LivenessMark liveness={row.liveness} linked={linked}>
          <AgeOf row={row} />
        </LivenessMark>
        <AlarmMark row={row} />
        {row.control === 'local' && <span className="badge strong">LOCAL</span>}
        {row.tagOwner !== undefined && <span className="badge strong">TAG: {row.tagOwner}</span>}
        {row.readOnly && <span className="badge plain">READ-ONLY</span>}
      </div>
      <p className="quiet-text">
        {kindTitle(row)}
        {made !== '' && `. ${made}`}
        {row.ratedPowerW !== undefined && `, rated ${ratingText(row.ratedPowerW, 'W')}`}
      </p>
    </header>
  );
}

function AgeOf({ row }: { row: FleetRow }): JSX.Element | null {
  const nowMs = useNow();
  if (row.measuredAtMs === undefined) return null;
  return <span className="quiet-text">, {durationText(nowMs - row.measuredAtMs)} ago</span>;
}

function AlarmMark({ row }: { row: FleetRow }): JSX.Element | null {
  const alarms = (row.alarms ?? []).map(alarmTitle);
  if ((row.health === undefined || row.health === 'ok') && alarms.length === 0) return null;
  return (
    <Mark shape={row.health === 'fault' ? 'urgent' : 'warn'}>
      <strong>{[row.health, ...alarms].filter((one) => one !== undefined && one !== 'ok').join(', ')}</strong>
    </Mark>
  );
}

/** What the device said of itself at birth, and how its messages come in. */
export function IdentityPanel({ row, detail }: { row: FleetRow; detail: DeviceDetail | undefined }): JSX.Element {
  const birth = detail?.birth;
  const line = detail?.line;
  const nowMs = useNow();
  return (
    <section className="panel" aria-labelledby="identity-title">
      <header>
        <h2 id="identity-title">Identity and line</h2>
      </header>
      <dl className="facts">
        <Fact name="Make">{birth?.manufacturer}</Fact>
        <Fact name="Model">{birth?.model}</Fact>
        <Fact name="Serial">{birth?.serialNumber}</Fact>
        <Fact name="Firmware">{birth?.deviceFirmware}</Fact>
        <Fact name="Profile">{row.profile}</Fact>
        <Fact name="Gateway">{row.gatewayId}</Fact>
        <Fact name="Device">{row.deviceId}</Fact>
        <Fact name="Rated">{limitsOf(birth)}</Fact>
        {row.switchedBy !== undefined && (
          <Fact name="Switched by">
            <a href={formatRoute({ page: 'device', id: row.switchedBy })}>{row.switchedBy}</a>
          </Fact>
        )}
        <Fact name="Reports">{reportingOf(birth)}</Fact>
        <Fact name="Born">
          {detail?.bornAtMs === undefined ? undefined : <Time atMs={detail.bornAtMs} nowMs={nowMs} />}
        </Fact>
        <Fact name="Session">
          {line?.session === undefined ? undefined : <span className="mono">{line.session.toString(16)}</span>}
        </Fact>
        <Fact name="Messages">
          {line === undefined
            ? undefined
            : `${line.statuses} statuses, ${line.events} events, ${line.lostMessages} lost, ${line.duplicates} double`}
        </Fact>
        <Fact name="Clock">
          {detail?.timeQuality === undefined || detail.timeQuality === 'unknown' ? undefined : detail.timeQuality}
        </Fact>
        {line?.missedCycles !== undefined && <Fact name="Missed cycles">{line.missedCycles}</Fact>}
      </dl>
      <p className="small">
        <a href={formatRoute({ page: 'audit', subject: row.id })}>Audit log of this device</a>
      </p>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }): JSX.Element {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children === undefined || children === '' ? <Unknown /> : children}</dd>
    </>
  );
}

function limitsOf(birth: DeviceDetail['birth']): string | undefined {
  if (birth === undefined) return undefined;
  const { ratedPowerW, ratedCurrentA, switchRatingA, storageCapacityWh } = birth.limits;
  const said = [
    ratedPowerW === undefined ? undefined : ratingText(ratedPowerW, 'W'),
    ratedCurrentA === undefined ? undefined : ratingText(ratedCurrentA, 'A'),
    switchRatingA === undefined ? undefined : `switch ${ratingText(switchRatingA, 'A')}`,
    storageCapacityWh === undefined ? undefined : ratingText(storageCapacityWh, 'Wh'),
  ].filter((one) => one !== undefined);
  return said.length === 0 ? undefined : said.join(', ');
}

function reportingOf(birth: DeviceDetail['birth']): string | undefined {
  if (birth === undefined) return undefined;
  if (birth.reporting === 'periodic') return `every ${durationText(birth.periodMs)}`;
  return birth.heartbeatMs === undefined
    ? 'by exception'
    : `by exception, at least every ${durationText(birth.heartbeatMs)}`;
}
