import { useState } from 'react';
import type { JSX } from 'react';
import type { OperatorView, OperatorsResponse, RolesResponse } from '../../../src/api/operator-contract.ts';
import { Mark } from '../design/marks.tsx';
import { Time } from '../design/shown-value.tsx';
import { useOperator } from '../frame/operator.tsx';
import { useConsole, useNow, useQuery } from '../live/console-context.tsx';
import { GrantList } from './grant-list.tsx';
import { OperatorDialogs } from './operator-dialogs.tsx';
import type { OperatorDeed } from './operator-dialogs.tsx';
import { mayEverywhere } from './permitted.ts';
import { RoleMatrix } from './role-matrix.tsx';

/** All accounts, for administrators; what each role may do, for everybody. */
export function OperatorsPage(): JSX.Element {
  const { people } = useConsole();
  const session = useOperator();
  const { value: known, say } = useQuery('roles', (signal) => people.roles(signal));
  const may = mayEverywhere(session, 'administer-operators');
  return (
    <main className="page">
      <header className="page-header">
        <h1>Operators and roles</h1>
        <p className="quiet-text">Who may do what, and where.</p>
      </header>
      {may.ok ? <Operators known={known} /> : <p className="notice">{may.say}</p>}
      <h2>What each role may do</h2>
      {say !== undefined && <p className="notice warn">{say}</p>}
      {known !== undefined && <RoleMatrix roles={known.roles} />}
    </main>
  );
}

function Operators({ known }: { known: RolesResponse | undefined }): JSX.Element {
  const { people } = useConsole();
  const { value, say, reload } = useQuery('operators', (signal) => people.operators(signal));
  const [text, setText] = useState('');
  const [deed, setDeed] = useState<OperatorDeed>();
  const wanted = text.trim().toLowerCase();
  const all = value?.operators ?? [];
  const found = all.filter(({ name, title }) => `${name} ${title}`.toLowerCase().includes(wanted));
  return (
    <>
      <section className="tools">
        <input
          className="input"
          type="search"
          placeholder="Filter by name"
          aria-label="Filter by name"
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        <button type="button" className="button" data-testid="operator-add" onClick={() => setDeed({ what: 'add' })}>
          Make an account…
        </button>
      </section>
      {say !== undefined && <p className="notice warn">{say}</p>}
      {value === undefined ? (
        <p className="quiet-text">Asking the head-end…</p>
      ) : (
        <OperatorTable operators={found} onDeed={setDeed} />
      )}
      {deed !== undefined && <OperatorDialogs deed={deed} known={known} onDeed={setDeed} onChanged={reload} />}
    </>
  );
}

function OperatorTable({
  operators,
  onDeed,
}: {
  operators: OperatorsResponse['operators'];
  onDeed: (deed: OperatorDeed) => void;
}): JSX.Element {
  if (operators.length === 0) return <p className="quiet-text">No account matches.</p>;
  const sorted = operators.toSorted(
    (a, b) => Number(a.state === 'disabled') - Number(b.state === 'disabled') || a.name.localeCompare(b.name),
  );
  return (
    <div className="table-frame">
      <table className="ledger" data-testid="operators">
        <thead>
          <tr>
            <th scope="col">Account</th>
            <th scope="col">State</th>
            <th scope="col">Roles</th>
            <th scope="col">Second factor</th>
            <th scope="col">Last sign-in</th>
            <th scope="col">
              <span className="visually-hidden">What can be done</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((operator) => (
            <OperatorLine key={operator.name} operator={operator} onDeed={onDeed} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const states: Readonly<Record<OperatorView['state'], string>> = {
  active: 'active',
  invited: 'has a one-time password',
  disabled: 'locked',
  program: 'program',
};

const factors: Readonly<Record<OperatorView['secondFactor'], string>> = {
  none: 'none',
  totp: 'authenticator',
  passkey: 'passkey',
  'totp and passkey': 'authenticator, passkey',
};

type LineProps = { operator: OperatorView; onDeed: (deed: OperatorDeed) => void };

function OperatorLine({ operator, onDeed }: LineProps): JSX.Element {
  const { name, title, state, grants, source, secondFactor, lastSignInAtMs, sessions } = operator;
  const own = useOperator().name === name;
  const nowMs = useNow();
  return (
    <tr data-testid={`operator-${name}`} className={state === 'disabled' ? 'off' : ''}>
      <td className="account">
        <strong className="long">{name}</strong>
        {own && <span className="badge plain apart">you</span>}
        <div className="small quiet-text long">
          {title !== name && title}
          {source === 'oidc' && `${title === name ? '' : ', '}of the identity provider`}
        </div>
      </td>
      <td>
        {state === 'disabled' ? <Mark shape="stopped">locked</Mark> : states[state]}
        {sessions > 0 && (
          <div className="small quiet-text">{sessions === 1 ? 'signed in' : `signed in ${sessions} times`}</div>
        )}
      </td>
      <td>
        <GrantList grants={grants} />
      </td>
      <td>{state === 'program' || source === 'oidc' ? '—' : factors[secondFactor]}</td>
      <td className="nowrap">
        {lastSignInAtMs === undefined ? (
          <span className="quiet-text">never</span>
        ) : (
          <Time atMs={lastSignInAtMs} nowMs={nowMs} />
        )}
      </td>
      <td>
        <Deeds operator={operator} onDeed={onDeed} />
      </td>
    </tr>
  );
}

function Deeds({ operator, onDeed }: LineProps): JSX.Element {
  const { state, source, sessions } = operator;
  const act = (what: Exclude<OperatorDeed['what'], 'add' | 'told'>) => () => onDeed({ what, operator });
  return (
    <div className="row-tools">
      <button type="button" className="button small" onClick={act('change')}>
        Change…
      </button>
      {state === 'program' && (
        <button type="button" className="button small" onClick={act('tokens')}>
          Tokens…
        </button>
      )}
      {state !== 'program' && source === 'local' && (
        <button type="button" className="button small" onClick={act('reset')}>
          Reset…
        </button>
      )}
      {sessions > 0 && (
        <button type="button" className="button small" onClick={act('end-sessions')}>
          End sessions…
        </button>
      )}
      <button type="button" className="button small" onClick={act(state === 'disabled' ? 'unlock' : 'lock')}>
        {state === 'disabled' ? 'Unlock…' : 'Lock…'}
      </button>
    </div>
  );
}
