import { useState } from 'react';
import type { JSX } from 'react';
import type { ProfilesResponse } from '../../../src/api/interval-contract.ts';
import { ConfirmDialog } from '../design/confirm-dialog.tsx';
import { AllowedButton } from '../design/why-not.tsx';
import { useOperator } from '../frame/operator.tsx';
import { useConsole } from '../live/console-context.tsx';
import { mayEverywhere } from '../people/permitted.ts';
import { fixed } from '../words/quantity.ts';
import { shapePath } from './profile-path.ts';

type Profile = ProfilesResponse['profiles'][number];
const originWords = { told: 'your own', measured: 'measured elsewhere', assumed: 'assumed' } as const;
const days = [
  { type: 'weekday', label: 'Weekday' },
  { type: 'saturday', label: 'Saturday' },
  { type: 'sunday', label: 'Sunday' },
] as const;

/** Which load profiles there are, with their shapes and who follows them. */
export function ProfileList({
  profiles,
  onChanged,
}: {
  profiles: readonly Profile[];
  onChanged: () => void;
}): JSX.Element {
  const { meters } = useConsole();
  const [removing, setRemoving] = useState<Profile>();
  return (
    <div className="table-frame" data-testid="profiles">
      <table className="ledger">
        <thead>
          <tr>
            <th scope="col">Profile</th>
            {days.map(({ label }) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
            <th scope="col" className="right">
              Customers
            </th>
            <th scope="col">Where from</th>
          </tr>
        </thead>
        <tbody>
          {profiles.map((profile) => (
            <ProfileRow key={profile.name} profile={profile} onRemove={() => setRemoving(profile)} />
          ))}
        </tbody>
      </table>
      {removing !== undefined && (
        <ConfirmDialog
          title={`Take back profile ${removing.name}`}
          action="Take back"
          ask={async () => await meters.removeProfile(removing.name)}
          onDone={() => {
            setRemoving(undefined);
            onChanged();
          }}
          onClose={() => setRemoving(undefined)}
        >
          <p>What was estimated by it stays. Where the program has a profile of that name, that one counts again.</p>
        </ConfirmDialog>
      )}
    </div>
  );
}

function ProfileRow({ profile, onRemove }: { profile: Profile; onRemove: () => void }): JSX.Element {
  const may = mayEverywhere(useOperator(), 'edit-intervals');
  return (
    <tr>
      <th scope="row">{profile.name}</th>
      {days.map(({ type, label }) => (
        <td key={type}>
          <span className="visually-hidden">{label}</span>
          <svg className="profile-shape" viewBox="0 0 24 10" preserveAspectRatio="none" aria-hidden="true">
            <path d={shapePath(profile.shape[type], highest(profile))} />
          </svg>
        </td>
      ))}
      <td className="right">{fixed(profile.customers, 0)}</td>
      <td>
        {originWords[profile.origin]}{' '}
        {profile.origin === 'told' && (
          <AllowedButton may={may} className="button small" onClick={onRemove}>
            Take back…
          </AllowedButton>
        )}
      </td>
    </tr>
  );
}

const highest = ({ shape: { weekday, saturday, sunday } }: Profile): number =>
  Math.max(...weekday, ...saturday, ...sunday);
