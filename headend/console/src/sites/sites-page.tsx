import { useId, useState } from 'react';
import type { JSX } from 'react';
import type { Verdict } from '@tiepoint/protocol';
import type { SiteRow } from '../../../src/api/site-contract.ts';
import { Mark } from '../design/marks.tsx';
import { AllowedButton, WhyNot } from '../design/why-not.tsx';
import { useOperator } from '../frame/operator.tsx';
import { formatRoute } from '../frame/route.ts';
import { useConsole, useQuery } from '../live/console-context.tsx';
import { mayAnywhere } from '../people/permitted.ts';
import { siteFields } from './record-fields.ts';
import { RecordForm } from './record-form.tsx';
import { SiteMark } from './site-mark.tsx';
import { useEvery } from './use-every.ts';

/** Every site: how far it is, and what is missing. */
export function SitesPage(): JSX.Element {
  const { api } = useConsole();
  const [text, setText] = useState('');
  const wanted = text.trim();
  const { value, say, reload } = useQuery(`sites ${wanted}`, (signal) => api.sites(wanted, signal), 'sites');
  const [entering, setEntering] = useState(false);
  const may = mayAnywhere(useOperator(), 'enter-sites');
  const whyId = useId();
  useEvery(5_000, reload);
  const { sites = [], total = 0, found = 0 } = value ?? {};
  return (
    <main className="page">
      <header className="page-header">
        <h1>Sites</h1>
        <p className="quiet-text">
          {total} entered{found > sites.length && `, the first ${sites.length} shown: use the filter`}. What is not in
          service is not commanded.
        </p>
      </header>
      <section className="tools">
        <label className="search">
          <span className="visually-hidden">Filter by name or feeder</span>
          <input
            className="input"
            type="search"
            placeholder="Filter by name or feeder"
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
        </label>
        <Entering may={may} whyId={whyId} onEnter={() => setEntering(true)} />
        <a className="button quiet" href="/api/exports/sites.csv" download>
          Export all
        </a>
      </section>
      <WhyNot may={may} id={whyId} />
      {value?.demonstration === true && (
        <p className="notice doubt">
          This head-end runs for demonstration: it takes commissioning reports of emulated devices, and shows them so.
        </p>
      )}
      {say !== undefined && <p className="notice warn">{say}</p>}
      {sites.length === 0 ? (
        <p className="quiet-text">
          {value === undefined ? 'Asking the head-end…' : `No site ${wanted === '' ? 'is entered yet' : 'matches'}.`}
        </p>
      ) : (
        <SitesTable sites={sites} />
      )}
      {entering && (
        <RecordForm
          title="Enter a site"
          fields={siteFields}
          record={{}}
          names={[{ name: 'id', label: 'Name', hint: 'a-z, 0-9 and -; it stays' }]}
          save={(record, { id = '' }) => api.putSite(id.trim(), record)}
          onDone={() => {
            setEntering(false);
            reload();
          }}
          onClose={() => setEntering(false)}
        />
      )}
    </main>
  );
}

type EnteringProps = { may: Verdict; whyId: string; onEnter: () => void };

function Entering({ may, whyId, onEnter }: EnteringProps): JSX.Element {
  return (
    <>
      <AllowedButton may={may} whyId={whyId} className="button" onClick={onEnter}>
        Enter a site…
      </AllowedButton>
      {may.ok ? (
        <a className="button" href={formatRoute({ page: 'import' })}>
          Import a file…
        </a>
      ) : (
        <AllowedButton may={may} whyId={whyId} className="button">
          Import a file…
        </AllowedButton>
      )}
    </>
  );
}

function SitesTable({ sites }: { sites: readonly SiteRow[] }): JSX.Element {
  return (
    <div className="table-frame">
      <table className="ledger">
        <thead>
          <tr>
            <th scope="col">Site</th>
            <th scope="col">State</th>
            <th scope="col">Feeder, transformer</th>
            <th scope="col" className="right">
              Devices
            </th>
            <th scope="col">What is missing</th>
          </tr>
        </thead>
        <tbody>
          {sites.map((site) => (
            <SiteLine key={site.id} site={site} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SiteLine({ site }: { site: SiteRow }): JSX.Element {
  const { id, title, address, feeder, transformer, devices, devicesBorn, missing, withoutContract } = site;
  const [first, ...more] = missing;
  return (
    <tr data-testid={`site-${id}`}>
      <td>
        <a href={formatRoute({ page: 'site', id })}>
          <strong>{title}</strong>
        </a>
        <div className="small quiet-text">{[id, address].filter((each) => each !== undefined).join(', ')}</div>
      </td>
      <td className="nowrap">
        <SiteMark site={site} />
      </td>
      <td>{[feeder, transformer].filter((each) => each !== undefined).join(', ')}</td>
      <td className="right nowrap" title={`${devicesBorn} of ${devices} have introduced themselves`}>
        {devicesBorn} / {devices}
      </td>
      <td>
        {first}
        {more.length > 0 && <span className="quiet-text"> and {more.length} more</span>}
        {withoutContract.length > 0 && (
          <div>
            <Mark shape="warn">no contract in force: {withoutContract.join(', ')}</Mark>
          </div>
        )}
      </td>
    </tr>
  );
}
