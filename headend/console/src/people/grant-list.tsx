import type { JSX } from 'react';
import type { Grant } from '../../../src/api/operator-contract.ts';
import { grantTexts } from './grants.ts';

/** Roles, and where. */
export function GrantList({ grants }: { grants: readonly Grant[] }): JSX.Element {
  if (grants.length === 0) return <span className="quiet-text">no role</span>;
  return (
    <ul className="grants">
      {grantTexts(grants).map(({ where, roles }) => (
        <li key={where}>
          {roles} <span className="quiet-text">{where}</span>
        </li>
      ))}
    </ul>
  );
}
