import type { JSX } from 'react';
import type { GroupMember } from '../../../src/api/approval-contract.ts';

/** What will happen at each device. */
export function MemberList({ members }: { members: readonly GroupMember[] }): JSX.Element {
  return (
    <ul className="group-plan" data-testid="group-ready">
      {members.map(({ id, title, route, impact }) => (
        <li key={id}>
          <strong>{title}</strong> <span className="quiet-text small">{id}</span>
          {route?.by === 'meter-switch' && <div className="small">Carried out {route.say}.</div>}
          {impact.say.map((line) => (
            <div key={line} className="small">
              {line}
            </div>
          ))}
        </li>
      ))}
    </ul>
  );
}
