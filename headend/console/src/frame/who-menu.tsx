import { useId } from 'react';
import type { JSX } from 'react';
import { useConsole } from '../live/console-context.tsx';
import { GrantList } from '../people/grant-list.tsx';
import { grantTexts } from '../people/grants.ts';
import { useOperator } from './operator.tsx';
import { formatRoute } from './route.ts';

/** Who is signed in, with what rights, and the way out. The browser opens and closes it: Esc, and a press elsewhere. */
export function WhoMenu(): JSX.Element {
  const { people, session } = useConsole();
  const { name, title, grants, may } = useOperator();
  const id = useId();
  const hide = (): void => document.querySelector<HTMLElement>(`#${CSS.escape(id)}`)?.hidePopover();
  return (
    <>
      <button type="button" className="who" popoverTarget={id} data-testid="who">
        <span>{title}</span>
        <small>
          {title === name
            ? grantTexts(grants)
                .map(({ roles }) => roles)
                .join(', ')
            : name}
        </small>
      </button>
      <div id={id} popover="auto" className="who-menu">
        <p>
          Signed in as <strong>{name}</strong>
        </p>
        <GrantList grants={grants} />
        <a className="button" href={formatRoute({ page: 'account' })} onClick={hide}>
          Your account
        </a>
        {may['administer-operators'].areas === 'all' && (
          <a className="button" href={formatRoute({ page: 'operators' })} onClick={hide}>
            Operators and roles
          </a>
        )}
        <button
          type="button"
          className="button"
          data-testid="sign-out"
          onClick={() =>
            void people
              .signOut()
              .then((answer) => (answer.ok || answer.reason === 'unauthenticated') && session.signedOut())
          }
        >
          Sign out
        </button>
      </div>
    </>
  );
}
