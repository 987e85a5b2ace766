import { useId, useState } from 'react';
import type { JSX } from 'react';
import type { GatewayBirth } from '@tiepoint/protocol';
import type { GatewayRow } from '../../../src/api/contract.ts';
import { Mark } from '../design/marks.tsx';
import { Time, Unknown } from '../design/shown-value.tsx';
import { AllowedButton, WhyNot } from '../design/why-not.tsx';
import { useOperator } from '../frame/operator.tsx';
import { formatRoute } from '../frame/route.ts';
import { useConsole, useNow, useStore } from '../live/console-context.tsx';
import { deathTitle } from '../words/labels.ts';
import { mayIn } from '../people/permitted.ts';
import { latestTimeQuality } from './time-quality.ts';
import { CommandKeyPanel } from './command-key-panel.tsx';
import { ConfigurationForm } from './configuration-form.tsx';

const order = { offline: 0, never: 1, online: 2 } as const;
/** A gateway's clock further off than this is told; less is the way there. */
const tellOffsetMs = 2_000;
/** More cards at once would be slow to draw; the filter finds the others. */
const mostShown = 200;

/** Every gateway: its session, firmware, clock, and the configuration that it runs. */
export function GatewaysPage(): JSX.Element {
  const gateways = useStore('gateways', (store) => store.gateways());
  const [text, setText] = useState('');
  const [editing, setEditing] = useState<{ gatewayId: string; deviceId: string }>();
  const wanted = text.trim().toLowerCase();
  const found = gateways.filter(({ id, title }) => `${id} ${title}`.toLowerCase().includes(wanted));
  const sorted = found.toSorted((a, b) => order[a.state] - order[b.state] || a.id.localeCompare(b.id));
  const edited = gateways.find(({ id }) => id === editing?.gatewayId);
  return (
    <main className="page">
      <header className="page-header">
        <h1>Gateways</h1>
        <p className="quiet-text">
          {gateways.length} known{sorted.length > mostShown && `, the first ${mostShown} shown: use the filter`}.
          Offline first.
        </p>
      </header>
      <section className="tools">
        <input
          className="input"
          type="search"
          placeholder="Filter by name"
          aria-label="Filter by name"
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
      </section>
      <CommandKeyPanel />
      <div className="gateway-list">
        {sorted.slice(0, mostShown).map((gateway) => (
          <GatewayCard
            key={gateway.id}
            gateway={gateway}
            onEdit={(deviceId) => setEditing({ gatewayId: gateway.id, deviceId })}
          />
        ))}
        {sorted.length === 0 && (
          <p className="quiet-text">No gateway {wanted === '' ? 'has connected yet' : 'matches'}.</p>
        )}
      </div>
      {edited !== undefined && editing !== undefined && (
        <ConfigurationForm gateway={edited} deviceId={editing.deviceId} onClose={() => setEditing(undefined)} />
      )}
    </main>
  );
}

function GatewayCard({ gateway, onEdit }: { gateway: GatewayRow; onEdit: (deviceId: string) => void }): JSX.Element {
  const { state, birth } = gateway;
  const may = mayIn(useOperator(), 'configure', gateway.area);
  const whyId = useId();
  const missing = new Set(gateway.missing.map(({ deviceId }) => deviceId));
  const introduced = gateway.deviceIds.filter((deviceId) => !missing.has(deviceId));
  return (
    <article className="panel gateway" data-testid={`gateway-${gateway.id}`}>
      <header>
        <h3>
          {gateway.title} {gateway.title !== gateway.id && <span className="quiet-text small">{gateway.id}</span>}
        </h3>
        <Mark shape={state === 'online' ? 'well' : state === 'offline' ? 'urgent' : 'absent'}>
          <strong>{state === 'never' ? 'never connected' : state}</strong>
        </Mark>
        {birth?.readOnly === true && <span className="badge plain">READ-ONLY</span>}
      </header>
      <GatewayFacts gateway={gateway} />
      <ul className="device-chips">
        {gateway.missing.map(({ deviceId, say }) => (
          <li key={deviceId}>
            <Mark shape="warn">
              <strong>{deviceId}</strong>
            </Mark>
            <span className="small missing">
              never reported{say === undefined ? ': its gateway has not told why' : `. ${say}`}
            </span>
          </li>
        ))}
        {introduced.map((deviceId) => (
          <li key={deviceId}>
            <a href={formatRoute({ page: 'device', id: `${gateway.id}.${deviceId}` })}>{deviceId}</a>
            <AllowedButton may={may} whyId={whyId} className="button small" onClick={() => onEdit(deviceId)}>
              Reporting…
            </AllowedButton>
          </li>
        ))}
      </ul>
      {introduced.length > 0 && <WhyNot may={may} id={whyId} />}
    </article>
  );
}

function CertificateFact({ gateway: { certificate, revoked } }: { gateway: GatewayRow }): JSX.Element | undefined {
  const nowMs = useNow();
  if (revoked !== undefined)
    return (
      <>
        <dt>Certificate</dt>
        <dd>
          <Mark shape="urgent">
            <strong>revoked</strong>
          </Mark>{' '}
          by {revoked.by} on <Time atMs={revoked.atMs} nowMs={nowMs} />: {revoked.cause}
        </dd>
      </>
    );
  if (certificate === undefined) return undefined;
  return (
    <>
      <dt>Certificate</dt>
      <dd>
        until <Time atMs={certificate.notAfterMs} nowMs={nowMs} />
      </dd>
    </>
  );
}

function GatewayFacts({ gateway }: { gateway: GatewayRow }): JSX.Element {
  const { id, state, deviceIds, birth, bornAtMs, diedAtMs, deathCause, clockOffsetMs, tags, configuration } = gateway;
  const nowMs = useNow();
  const { store } = useConsole();
  const rows = deviceIds.flatMap((deviceId) => store.row(`${id}.${deviceId}`) ?? []);
  const quality = latestTimeQuality(rows);
  const isOff = clockOffsetMs !== undefined && Math.abs(clockOffsetMs) > tellOffsetMs;
  return (
    <dl className="facts">
      <dt>Session</dt>
      <dd>
        {birth === undefined ? <Unknown /> : <span className="mono">{birth.session.toString(16)}</span>}
        {bornAtMs !== undefined && (
          <>
            {' since '}
            <Time atMs={bornAtMs} nowMs={nowMs} />
          </>
        )}
      </dd>
      {state === 'offline' && (
        <>
          <dt>Gone</dt>
          <dd>
            {diedAtMs === undefined ? <Unknown /> : <Time atMs={diedAtMs} nowMs={nowMs} />}
            {deathCause !== undefined && `, ${deathTitle(deathCause)}`}
          </dd>
        </>
      )}
      <CertificateFact gateway={gateway} />
      <dt>Firmware</dt>
      <dd>{birth?.firmware ?? <Unknown />}</dd>
      {(quality !== undefined || isOff) && (
        <>
          <dt>Clock</dt>
          <dd>
            {quality}
            {isOff && (
              <span className={quality === undefined ? '' : 'apart'}>
                <Mark shape="warn">{`${(Math.abs(clockOffsetMs) / 1000).toFixed(1)} s ${clockOffsetMs > 0 ? 'ahead' : 'behind'}`}</Mark>
              </span>
            )}
          </dd>
        </>
      )}
      {birth !== undefined && <ObeyingFacts birth={birth} tags={tags} />}
      <dt>Configuration</dt>
      <dd>
        {configuration.state === 'none' && 'the gateway’s own file'}
        {configuration.state === 'applied' && `revision ${configuration.appliedRevision ?? '—'} applied`}
        {configuration.state === 'pending' && (
          <Mark shape="warn">{`revision ${configuration.wantedRevision ?? '—'} not applied yet (runs ${configuration.appliedRevision ?? 'its file'})`}</Mark>
        )}
      </dd>
    </dl>
  );
}

/** Why it takes no commands, or not all that it should know of. Nothing where all is well. */
function ObeyingFacts({ birth, tags }: Pick<GatewayRow, 'tags'> & { birth: GatewayBirth }): JSX.Element | null {
  const { trustRevision, tagsRevision } = birth;
  if (trustRevision !== undefined && tags === 'told') return null;
  const [about, say] =
    trustRevision === undefined
      ? ['Trusted keys', 'none: it takes no commands. Enrol it again']
      : [
          'Tags',
          tagsRevision === undefined ? 'not heard yet: it takes no commands' : 'it does not have the latest yet',
        ];
  return (
    <>
      <dt>{about}</dt>
      <dd>
        <Mark shape="warn">{say}</Mark>
      </dd>
    </>
  );
}
