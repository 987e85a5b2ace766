import { useEffect } from 'react';
import type { JSX } from 'react';
import type { DeviceDetail, FleetRow } from '../../../src/api/contract.ts';
import { CommandPanel } from '../command/command-panel.tsx';
import { useConsole, useLink, useNow, useQuery, useRow } from '../live/console-context.tsx';
import { freshnessOf } from '../live/freshness.ts';
import { EventList } from '../records/event-list.tsx';
import { deathTitle, saidByGateway } from '../words/labels.ts';
import { durationText } from '../words/time.ts';
import { AasPanel } from './aas-panel.tsx';
import { DeviceHeader, IdentityPanel } from './identity.tsx';
import { OneLineDiagram } from './one-line.tsx';
import { Plots } from './plots.tsx';
import { TagPanel } from './tag-panel.tsx';
import { MainTiles, StatusPanel } from './value-tiles.tsx';

/** One device: what it is, what it measures, what can be commanded, what happened. */
export function DevicePage({ id }: { id: string }): JSX.Element {
  const row = useRow(id);
  const { detail, say, reload } = useDetail(id, row);
  const link = useLink();
  const shown = row ?? detail?.row;
  if (shown === undefined) {
    return (
      <main className="page">
        <p className={say === undefined ? 'quiet-text' : 'notice warn'}>{say ?? `Asking the head-end for ${id}…`}</p>
        <p>
          <a href="#/">Back to the fleet</a>
        </p>
      </main>
    );
  }
  const freshness = freshnessOf(shown, link);
  const measures = shown.kind !== 'load-control';
  return (
    <main className="page device-page">
      <DeviceHeader row={shown} detail={detail} />
      {say !== undefined && link.state === 'up' && <p className="notice warn">{say}</p>}
      <SilenceNotice row={shown} />
      <div className="device-columns">
        <div className="device-live">
          {measures && <MainTiles row={shown} freshness={freshness} />}
          <section className="panel" aria-label="One-line diagram">
            <OneLineDiagram row={shown} status={detail?.status ?? []} freshness={freshness} />
          </section>
        </div>
        <div className="device-side">
          {detail !== undefined && <CommandPanel key={id} row={shown} detail={detail} onChanged={reload} />}
          {detail !== undefined && <TagPanel row={shown} detail={detail} onChanged={reload} />}
          <IdentityPanel row={shown} detail={detail} />
        </div>
        <div className="device-more">
          {shown.kind === 'aas' && <AasPanel row={shown} freshness={freshness} />}
          {measures && <Plots key={id} row={shown} line={detail?.line} />}
          <StatusPanel detail={detail} freshness={freshness} />
          <DeviceEvents id={id} />
        </div>
      </div>
    </main>
  );
}

/** The detail is asked again when the row changes, so that buttons and reasons follow what was measured; at least every 10 s. */
function useDetail(
  id: string,
  row: FleetRow | undefined,
): { detail: DeviceDetail | undefined; say: string | undefined; reload: () => void } {
  const { api } = useConsole();
  const turn = Math.floor(useNow() / 10_000);
  const { value, say, reload } = useQuery(id, (signal) => api.device(id, signal));
  useEffect(() => {
    const timer = setTimeout(reload, 150);
    return () => clearTimeout(timer);
  }, [row, turn, reload]);
  return { detail: value, say, reload };
}

function SilenceNotice({ row }: { row: FleetRow }): JSX.Element | null {
  const nowMs = useNow();
  if (row.liveness === 'live') return null;
  const age = row.measuredAtMs === undefined ? undefined : durationText(nowMs - row.measuredAtMs);
  const cause = row.deathCause === undefined ? '' : causeSay(row.deathCause);
  if (row.liveness === 'never')
    return <p className="notice">This device has not reported yet: nothing is known of it.{cause}</p>;
  if (row.liveness === 'held-back')
    return (
      <p className="notice">
        <strong>Held back</strong> by a fleet mode (storm or safe): its gateway keeps its reports and sends them
        afterwards.{' '}
        {age === undefined ? 'No values are known.' : `The values below are ${age} old and not what is so now.`}
      </p>
    );
  return (
    <p className={`notice ${row.liveness === 'lost' ? 'urgent' : 'warn'}`}>
      <strong>{row.liveness === 'lost' ? 'Lost.' : 'Late.'}</strong>{' '}
      {age === undefined ? 'No values are known.' : `The values below are ${age} old and not what is so now.`}
      {cause}
    </p>
  );
}

function causeSay(cause: string): string {
  const title = deathTitle(cause);
  return saidByGateway(cause) ? ` Its gateway says: ${title}.` : ` ${title.charAt(0).toUpperCase()}${title.slice(1)}.`;
}

function DeviceEvents({ id }: { id: string }): JSX.Element {
  const { api } = useConsole();
  return (
    <section className="panel" aria-labelledby="device-events">
      <header>
        <h2 id="device-events">Events of this device</h2>
      </header>
      <EventList
        of={id}
        ask={(page, signal) => api.deviceEvents(id, page, signal)}
        isMine={(event) => event.id === id}
        withSubject={false}
      />
    </section>
  );
}
