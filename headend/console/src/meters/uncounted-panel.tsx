import { useState } from 'react';
import type { JSX } from 'react';
import type { AnnualResponse } from '../../../src/api/interval-contract.ts';
import { Check, TextField } from '../design/form.tsx';
import { AllowedButton } from '../design/why-not.tsx';
import { FileFindings, refusedFile } from '../files/file-findings.tsx';
import type { FileOutcome } from '../files/file-findings.tsx';
import { useOperator } from '../frame/operator.tsx';
import { formatRoute } from '../frame/route.ts';
import type { Answer } from '../live/asking.ts';
import { useConsole, useQuery } from '../live/console-context.tsx';
import { mayEverywhere } from '../people/permitted.ts';
import { fixed, quantityText } from '../words/quantity.ts';
import { ProfileList } from './profile-list.tsx';

/** Customers whose intervals nobody counts: what they take a year, spread by a load profile. */
export function UncountedPanel(): JSX.Element {
  const { meters } = useConsole();
  const [text, setText] = useState('');
  const [since, setSince] = useState('');
  const [newMeters, setNewMeters] = useState(false);
  const search = text.trim();
  const annual = useQuery(`annual ${search}`, (signal) => meters.annual(search, signal), 'annual');
  const profiles = useQuery('profiles', (signal) => meters.profiles(signal));
  const reload = (): void => {
    annual.reload();
    profiles.reload();
  };
  const say = annual.say ?? profiles.say;
  return (
    <>
      {say !== undefined && <p className="notice warn">{say}</p>}
      <section className="panel" aria-labelledby="annual-title">
        <h2 id="annual-title">What they take a year</h2>
        <p className="small quiet-text">
          CSV with the columns meter, annual_kwh and profile; without a profile, that of the customer’s kind in the
          network. Whoever has a meter that is read needs none of this.
        </p>
        <FileTaker
          id="annual"
          take={async (file, dryRun) =>
            await meters.putAnnual(file, { since: since === '' ? undefined : since, newMeters, dryRun })
          }
          onTaken={reload}
        >
          <label className="field">
            <span>Expected since</span>
            <input
              className="input"
              type="date"
              value={since}
              data-testid="annual-since"
              onChange={({ target }) => setSince(target.value)}
            />
            <small>unless set, since they were first heard of</small>
          </label>
          <Check checked={newMeters} onCheck={setNewMeters}>
            Meters that nobody knows are made
          </Check>
        </FileTaker>
        {annual.value !== undefined && (annual.value.total > 0 || search !== '') && (
          <>
            <TextField label="Filter by name" value={text} onValue={setText} />
            <Customers annual={annual.value} />
          </>
        )}
      </section>
      <section className="panel" aria-labelledby="profiles-title">
        <h2 id="profiles-title">Load profiles</h2>
        <p className="small quiet-text">
          CSV with the columns profile, hour (0 to 23), weekday, saturday and sunday: how much is taken in each hour, in
          any unit. One that has the name of another takes its place.
        </p>
        <FileTaker
          id="profiles"
          take={async (file, dryRun) => await meters.putProfiles(file, dryRun)}
          onTaken={reload}
        />
        {profiles.value !== undefined && <ProfileList profiles={profiles.value.profiles} onChanged={reload} />}
      </section>
    </>
  );
}

type TakerProps = {
  id: string;
  take: (file: File, dryRun: boolean) => Promise<Answer<Omit<FileOutcome, 'ok'>>>;
  onTaken: () => void;
  children?: JSX.Element | readonly JSX.Element[];
};

function FileTaker({ id, take, onTaken, children }: TakerProps): JSX.Element {
  const [file, setFile] = useState<File>();
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<FileOutcome>();
  const permitted = mayEverywhere(useOperator(), 'edit-intervals');
  const run = async (dryRun: boolean): Promise<void> => {
    if (file === undefined) return;
    setBusy(true);
    const answer = await take(file, dryRun);
    setBusy(false);
    setOutcome(answer.ok ? { ok: true, ...answer.value } : refusedFile(answer));
    if (answer.ok && !dryRun) onTaken();
  };
  const button = { may: permitted, whyId: `${id}-why`, disabled: file === undefined || isBusy };
  return (
    <>
      <div className="import-form">
        <label className="field">
          <span>File</span>
          <input
            className="input"
            type="file"
            accept=".csv,.txt,text/csv"
            data-testid={`${id}-file`}
            onChange={({ target }) => {
              setFile(target.files?.[0]);
              setOutcome(undefined);
            }}
          />
        </label>
        {children}
      </div>
      <footer className="tools import-buttons">
        <AllowedButton {...button} className="button" onClick={() => void run(true)} data-testid={`${id}-check`}>
          Check only
        </AllowedButton>
        <AllowedButton
          {...button}
          className="button primary"
          onClick={() => void run(false)}
          data-testid={`${id}-take`}
        >
          Import
        </AllowedButton>
        <span id={`${id}-why`} className="small quiet-text">
          {permitted.ok ? (file === undefined ? 'Choose a file first.' : '') : permitted.say}
        </span>
      </footer>
      {outcome !== undefined && <FileFindings outcome={outcome} />}
    </>
  );
}

function Customers({ annual: { customers, total } }: { annual: AnnualResponse }): JSX.Element {
  return (
    <div className="table-frame" data-testid="annual-customers">
      <table className="ledger">
        <thead>
          <tr>
            <th scope="col">Meter</th>
            <th scope="col" className="right">
              A year
            </th>
            <th scope="col">Profile</th>
          </tr>
        </thead>
        <tbody>
          {customers.map(({ meter, yearWh, profile }) => (
            <tr key={meter}>
              <th scope="row">
                <a href={formatRoute({ page: 'meter', id: meter })}>{meter}</a>
              </th>
              <td className="right nowrap">{quantityText(yearWh, 'Wh')}</td>
              <td>{profile ?? <span className="badge warn">none: nothing is estimated</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {total > customers.length && (
        <p className="quiet-text small empty">{`${fixed(customers.length, 0)} of ${fixed(total, 0)}: use the filter.`}</p>
      )}
    </div>
  );
}
