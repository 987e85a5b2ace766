import { useState } from 'react';
import type { JSX } from 'react';
import type { Verdict } from '@tiepoint/protocol';
import type { SiteDetail } from '../../../src/api/site-contract.ts';
import { Time } from '../design/shown-value.tsx';
import { AllowedButton, WhyNot } from '../design/why-not.tsx';
import { formatRoute } from '../frame/route.ts';
import { useConsole, useNow, useQuery } from '../live/console-context.tsx';
import { words } from '../words/labels.ts';
import { deviceFields, siteFields } from './record-fields.ts';
import { RecordForm } from './record-form.tsx';
import { ReportList } from './report-list.tsx';
import { SiteDevices } from './site-devices.tsx';
import { SiteGateways } from './site-gateways.tsx';
import { SiteMark } from './site-mark.tsx';
import { useMayEnter, whyEnterId } from './may-enter.ts';
import { useEvery } from './use-every.ts';

/** One site: what is missing, devices as ordered and as born, contracts, gateways, reports, history. */
export function SitePage({ id }: { id: string }): JSX.Element {
  const { api } = useConsole();
  const { value, say, reload } = useQuery(`site ${id}`, (signal) => api.site(id, signal));
  useEvery(3_000, reload);
  if (value === undefined)
    return (
      <main className="page">
        <h1>{id}</h1>
        <p className="quiet-text">{say ?? 'Asking the head-end…'}</p>
      </main>
    );
  return (
    <main className="page">
      {say !== undefined && <p className="notice warn">{say}</p>}
      <SiteHead detail={value} onChanged={reload} />
      <SiteGateways detail={value} onChanged={reload} />
      <SiteDevices detail={value} onChanged={reload} />
      <ReportList reports={value.reports} />
      <SiteHistory id={id} />
    </main>
  );
}

function SiteHead({ detail: { site }, onChanged }: { detail: SiteDetail; onChanged: () => void }): JSX.Element {
  const [form, setForm] = useState<'site' | 'device'>();
  const may = useMayEnter(site.area);
  const open = (which: 'site' | 'device') => (): void => setForm(which);
  const done = (): void => {
    setForm(undefined);
    onChanged();
  };
  const area = site.area === undefined ? 'of no area' : `area ${site.area}`;
  const place = [area, site.address, coordinates(site)].filter((each) => each !== undefined);
  return (
    <>
      <header className="page-header">
        <h1>{site.title}</h1>
        <SiteMark site={site} />
        <p className="quiet-text">
          {[site.id, ...place, site.feeder, site.transformer].filter((each) => each !== undefined).join(' · ')}
        </p>
      </header>
      {site.emulated && site.state === 'in-service' && (
        <p className="notice doubt" data-testid="emulated">
          In service by a report of emulated devices: nothing was measured on a site.
        </p>
      )}
      {site.missing.length > 0 && (
        <section className="notice warn" data-testid="missing">
          <strong>What is missing</strong>
          <ul>
            {site.missing.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </section>
      )}
      <section className="tools">
        <AllowedButton may={may} whyId={whyEnterId} className="button" onClick={open('site')}>
          Change the site…
        </AllowedButton>
        <AllowedButton may={may} whyId={whyEnterId} className="button" onClick={open('device')}>
          Enter a device…
        </AllowedButton>
        <Retirement may={may} retired={site.state === 'retired'} id={site.id} onChanged={onChanged} />
      </section>
      <WhyNot may={may} id={whyEnterId} />
      {form !== undefined && <EntryForm form={form} site={site} onDone={done} onClose={() => setForm(undefined)} />}
    </>
  );
}

type EntryProps = { form: 'site' | 'device'; site: SiteDetail['site']; onDone: () => void; onClose: () => void };

function EntryForm({ form, site, onDone, onClose }: EntryProps): JSX.Element {
  const { api } = useConsole();
  if (form === 'site')
    return (
      <RecordForm
        title={`Change ${site.title}`}
        fields={siteFields}
        record={site}
        save={(record) => api.putSite(site.id, record)}
        onDone={onDone}
        onClose={onClose}
      />
    );
  return (
    <RecordForm
      title={`Enter a device at ${site.title}`}
      fields={deviceFields}
      record={{}}
      names={[
        { name: 'gateway', label: 'Gateway', hint: 'the name that it will go by' },
        { name: 'device', label: 'Device', hint: 'a-z, 0-9 and -; it stays' },
      ]}
      save={(record, { gateway = '', device = '' }) =>
        api.putOrder(`${gateway.trim()}.${device.trim()}`, { ...record, siteId: site.id })
      }
      onDone={onDone}
      onClose={onClose}
    />
  );
}

function coordinates({ latitude, longitude }: { latitude?: number; longitude?: number }): string | undefined {
  return latitude === undefined || longitude === undefined
    ? undefined
    : `${latitude.toFixed(4)}°, ${longitude.toFixed(4)}°`;
}

type RetirementProps = { may: Verdict; retired: boolean; id: string; onChanged: () => void };

function Retirement({ may, retired, id, onChanged }: RetirementProps): JSX.Element {
  const { api } = useConsole();
  const [asking, setAsking] = useState(false);
  if (retired)
    return (
      <AllowedButton
        may={may}
        whyId={whyEnterId}
        className="button"
        onClick={() => void api.reinstateSite(id).then(onChanged)}
      >
        Reinstate
      </AllowedButton>
    );
  return (
    <>
      <AllowedButton may={may} whyId={whyEnterId} className="button quiet" onClick={() => setAsking(true)}>
        Retire…
      </AllowedButton>
      {asking && (
        <RecordForm
          title={`Retire ${id}: nothing there is commanded any more`}
          fields={[{ name: 'cause', label: 'Reason', kind: 'text', required: true }]}
          record={{}}
          save={(record) => api.retireSite(id, String(record['cause']))}
          onDone={() => {
            setAsking(false);
            onChanged();
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

/** Who entered, enrolled, commissioned and changed what. */
function SiteHistory({ id }: { id: string }): JSX.Element {
  const { api } = useConsole();
  const nowMs = useNow();
  const subject = `site:${id}`;
  const { value, say, reload } = useQuery(subject, (signal) => api.audit({ subject, limit: 20 }, signal));
  useEvery(5_000, reload);
  const rows = value?.rows ?? [];
  return (
    <section className="panel">
      <header>
        <h2>History</h2>
        <a className="small" href={formatRoute({ page: 'audit', subject })}>
          all of it
        </a>
      </header>
      {rows.length === 0 && <p className="quiet-text small">{say ?? 'Nothing recorded.'}</p>}
      <ul className="site-history">
        {rows.map((row) => (
          <li key={row.seq}>
            <Time atMs={row.atMs} nowMs={nowMs} />
            <span>
              <strong>{words(row.action)}</strong> by {row.who}
            </span>
            <span>{row.say.length > 400 ? `${row.say.slice(0, 400)}…` : row.say}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
