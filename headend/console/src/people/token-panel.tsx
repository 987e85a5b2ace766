import { useState } from 'react';
import type { JSX } from 'react';
import type { BearerTokenIssued, BearerTokenView, Grant } from '../../../src/api/operator-contract.ts';
import { ConfirmDialog } from '../design/confirm-dialog.tsx';
import { Dialog } from '../design/dialog.tsx';
import { SaidAgainst, TextField, useForm } from '../design/form.tsx';
import { Time } from '../design/shown-value.tsx';
import { useConsole, useNow, useQuery } from '../live/console-context.tsx';
import { GrantList } from './grant-list.tsx';
import { grantText } from './grants.ts';
import { OnceTold } from './once-told.tsx';
import { Section } from './section.tsx';

type Props = { account: string; grants: readonly Grant[] };

/** Bearer tokens of one account, for programs that ask the API. */
export function TokenPanel({ account, grants }: Props): JSX.Element {
  return (
    <Section title="Bearer tokens for programs" wide>
      <p className="small quiet-text">
        A program that sends <code>Authorization: Bearer …</code> acts in the name of {account}, with at most its
        rights.
      </p>
      <Tokens account={account} grants={grants} />
    </Section>
  );
}

export function Tokens({ account, grants }: Props): JSX.Element {
  const { people } = useConsole();
  const { value, say, reload } = useQuery('tokens', (signal) => people.tokens(signal));
  const [open, setOpen] = useState<'issue' | BearerTokenView>();
  const [issued, setIssued] = useState<BearerTokenIssued>();
  const own = (value?.tokens ?? []).filter((each) => each.account === account);
  const close = (): void => setOpen(undefined);
  return (
    <>
      {own.length > 0 && <TokenTable tokens={own} onRevoke={setOpen} />}
      {value !== undefined && own.length === 0 && <p className="quiet-text small">None.</p>}
      <SaidAgainst say={say} />
      <div className="tools">
        <button type="button" className="button" data-testid="token-issue" onClick={() => setOpen('issue')}>
          Issue a token…
        </button>
      </div>
      {open === 'issue' && (
        <IssueDialog
          account={account}
          grants={grants}
          onClose={close}
          onIssued={(told) => {
            close();
            setIssued(told);
            reload();
          }}
        />
      )}
      {open !== undefined && open !== 'issue' && (
        <ConfirmDialog
          title={`Revoke ${open.title}?`}
          action="Revoke"
          ask={() => people.revokeToken(open.id)}
          onDone={() => {
            close();
            reload();
          }}
          onClose={close}
        >
          <p>The program that has it is refused from now on. It cannot be given back: issue another one instead.</p>
        </ConfirmDialog>
      )}
      {issued !== undefined && (
        <OnceTold
          title={`The token ${issued.title}`}
          say="Give it to the program now. It is shown this once; the head-end keeps only its hash."
          secret={issued.token}
          expiresAtMs={issued.expiresAtMs}
          onClose={() => setIssued(undefined)}
        />
      )}
    </>
  );
}

function TokenTable({
  tokens,
  onRevoke,
}: {
  tokens: readonly BearerTokenView[];
  onRevoke: (token: BearerTokenView) => void;
}): JSX.Element {
  const nowMs = useNow();
  return (
    <div className="table-frame">
      <table className="ledger">
        <thead>
          <tr>
            <th scope="col">Token</th>
            <th scope="col">Rights</th>
            <th scope="col">Good until</th>
            <th scope="col">Last used</th>
            <th scope="col">
              <span className="visually-hidden">Revoke</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <tr key={token.id}>
              <td>
                <strong className="long">{token.title}</strong>
              </td>
              <td>
                <GrantList grants={token.grants} />
              </td>
              <td className="nowrap">
                <Time atMs={token.expiresAtMs} nowMs={nowMs} />
                {token.expiresAtMs <= nowMs && <div className="badge plain">expired</div>}
              </td>
              <td className="nowrap">
                {token.lastUsedAtMs === undefined ? (
                  <span className="quiet-text">not since the start</span>
                ) : (
                  <Time atMs={token.lastUsedAtMs} nowMs={nowMs} />
                )}
              </td>
              <td className="right">
                <button type="button" className="button small" onClick={() => onRevoke(token)}>
                  Revoke…
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const lives: readonly { days: number; say: string }[] = [
  { days: 1, say: 'a day' },
  { days: 7, say: 'a week' },
  { days: 30, say: '30 days' },
  { days: 90, say: '90 days' },
  { days: 365, say: 'a year' },
];

type IssueProps = Props & { onIssued: (issued: BearerTokenIssued) => void; onClose: () => void };

function IssueDialog({ account, grants, onIssued, onClose }: IssueProps): JSX.Element {
  const { people } = useConsole();
  const [title, setTitle] = useState('');
  const [validDays, setValidDays] = useState(30);
  const [chosen, setChosen] = useState<readonly Grant[]>([]);
  const form = useForm(() => people.issueToken({ account, title: title.trim(), grants: chosen, validDays }), onIssued);
  return (
    <Dialog title={`A token of ${account}`} testId="token-dialog" onClose={onClose}>
      <form className="select-form" onSubmit={form.submit}>
        <div className="form-grid">
          <TextField
            label="What it is for"
            testId="token-title"
            value={title}
            maxLength={60}
            onValue={setTitle}
            hint="The program, and where it runs."
          />
          <label className="field">
            <span>Good for</span>
            <select className="input" value={validDays} onChange={({ target }) => setValidDays(Number(target.value))}>
              {lives.map(({ days, say }) => (
                <option key={days} value={days}>
                  {say}
                </option>
              ))}
            </select>
          </label>
        </div>
        <fieldset className="checks">
          <legend>With which of the account’s rights</legend>
          {grants.map((grant) => {
            const { role, where } = grantText(grant);
            return (
              <label key={`${role} ${where}`} className="check">
                <input
                  type="checkbox"
                  checked={chosen.includes(grant)}
                  onChange={({ target }) =>
                    setChosen(target.checked ? [...chosen, grant] : chosen.filter((each) => each !== grant))
                  }
                />
                <span>
                  {role} <span className="quiet-text">{where}</span>
                </span>
              </label>
            );
          })}
          {grants.length === 0 && <p className="quiet-text small">The account has none.</p>}
        </fieldset>
        <SaidAgainst say={form.say} />
        <footer>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className="button primary"
            data-testid="token-make"
            disabled={form.busy || title.trim() === '' || chosen.length === 0}
          >
            Issue it
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
