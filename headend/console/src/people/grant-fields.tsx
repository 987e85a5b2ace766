import type { JSX } from 'react';
import type { RolesResponse } from '../../../src/api/operator-contract.ts';
import { roles, roleTitles } from './grants.ts';
import type { GrantDraft } from './grants.ts';

type Props = { draft: GrantDraft; known: RolesResponse | undefined; onChange: (draft: GrantDraft) => void };
const reaches = [
  { reach: 'none', say: 'no' },
  { reach: 'all', say: 'everywhere' },
  { reach: 'areas', say: 'in areas' },
] as const;

/** Each role: not at all, everywhere, or in areas. */
export function GrantFields({ draft, known, onChange }: Props): JSX.Element {
  return (
    <fieldset className="grant-fields">
      <legend>Roles, and where</legend>
      {roles.map((role) => {
        const { reach, areas } = draft[role];
        return (
          <div key={role} className="grant-field">
            <span id={`role-${role}`}>{roleTitles[role]}</span>
            <select
              className="input"
              aria-labelledby={`role-${role}`}
              data-testid={`grant-${role}`}
              value={reach}
              onChange={({ target }) => {
                const chosen = reaches.find((each) => each.reach === target.value)?.reach ?? 'none';
                onChange({ ...draft, [role]: { reach: chosen, areas } });
              }}
            >
              {reaches.map((each) => (
                <option key={each.reach} value={each.reach}>
                  {each.say}
                </option>
              ))}
            </select>
            {reach === 'areas' && (
              <input
                className="input"
                aria-label={`Areas of ${roleTitles[role]}`}
                placeholder={
                  known === undefined || known.areas.length === 0 ? 'no site has an area yet' : known.areas.join(', ')
                }
                value={areas}
                onChange={({ target }) => onChange({ ...draft, [role]: { reach, areas: target.value } })}
              />
            )}
          </div>
        );
      })}
    </fieldset>
  );
}
