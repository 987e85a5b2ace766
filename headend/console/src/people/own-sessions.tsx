import { useState } from 'react';
import type { JSX } from 'react';
import type { OpenSession } from '../../../src/api/operator-contract.ts';
import { SaidAgainst, sayOf } from '../design/form.tsx';
import { Time } from '../design/shown-value.tsx';
import { useConsole, useNow } from '../live/console-context.tsx';
import { Section } from './section.tsx';

const ways: Readonly<Record<OpenSession['by'], string>> = {
  password: 'by password',
  passkey: 'by passkey',
  oidc: 'by the identity provider',
};

/** Where one is signed in. */
export function OwnSessions({
  sessions,
  onChanged,
}: {
  sessions: readonly OpenSession[];
  onChanged: () => void;
}): JSX.Element {
  const { people } = useConsole();
  const nowMs = useNow();
  const [say, setSay] = useState<string>();
  const end = async (ids: readonly string[]): Promise<void> => {
    const answers = await Promise.all(ids.map((id) => people.endSession(id)));
    const refused = answers.find((answer) => !answer.ok && answer.reason !== 'not-found');
    setSay(refused === undefined || refused.ok ? undefined : sayOf(refused));
    onChanged();
  };
  const others = sessions.filter(({ own }) => !own);
  const sorted = sessions.toSorted((a, b) => Number(b.own) - Number(a.own) || b.lastUsedAtMs - a.lastUsedAtMs);
  return (
    <Section
      title="Where you are signed in"
      tools={
        others.length > 1 && (
          <button type="button" className="button small" onClick={() => void end(others.map(({ id }) => id))}>
            End all others
          </button>
        )
      }
    >
      <ul className="rows">
        {sorted.map((each) => (
          <li key={each.id} data-testid={each.own ? 'session-own' : 'session-other'}>
            <div>
              <div>
                <strong>{each.address}</strong> {each.own && <span className="badge plain">this one</span>}
              </div>
              <div className="small quiet-text">
                since <Time atMs={each.startedAtMs} nowMs={nowMs} /> {ways[each.by]}, last used{' '}
                <Time atMs={each.lastUsedAtMs} nowMs={nowMs} />
              </div>
            </div>
            {!each.own && (
              <div className="row-tools">
                <button type="button" className="button small" onClick={() => void end([each.id])}>
                  End it
                </button>
              </div>
            )}
          </li>
        ))}
      </ul>
      <SaidAgainst say={say} />
    </Section>
  );
}
