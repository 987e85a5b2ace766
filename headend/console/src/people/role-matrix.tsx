import type { JSX } from 'react';
import type { RolesResponse } from '../../../src/api/operator-contract.ts';
import { Mark } from '../design/marks.tsx';

/** What each role may do, line by line. */
export function RoleMatrix({ roles }: { roles: RolesResponse['roles'] }): JSX.Element {
  const actions = [...new Set(roles.flatMap(({ may }) => may))];
  const ordered = actions.toSorted((a, b) => holders(roles, b) - holders(roles, a));
  return (
    <div className="table-frame">
      <table className="ledger matrix">
        <thead>
          <tr>
            <th scope="col">May</th>
            {roles.map(({ role, title }) => (
              <th key={role} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ordered.map((action) => (
            <tr key={action}>
              <th scope="row">{action}</th>
              {roles.map(({ role, may }) => (
                <td key={role}>{may.includes(action) ? <May /> : <MayNot />}</td>
              ))}
            </tr>
          ))}
          <tr>
            <th scope="row">needs a second factor</th>
            {roles.map(({ role, secondFactor }) => (
              <td key={role}>{secondFactor ? <May /> : <MayNot />}</td>
            ))}
          </tr>
        </tbody>
      </table>
    </div>
  );
}

function holders(roles: RolesResponse['roles'], action: string): number {
  return roles.filter(({ may }) => may.includes(action)).length;
}

function May(): JSX.Element {
  return (
    <Mark shape="done">
      <span className="visually-hidden">yes</span>
    </Mark>
  );
}

function MayNot(): JSX.Element {
  return (
    <span className="quiet-text">
      <span aria-hidden="true">·</span>
      <span className="visually-hidden">no</span>
    </span>
  );
}
