import { useState } from 'react';
import type { JSX } from 'react';
import type { CommandKeyView, RotationWish } from '../../../src/api/key-contract.ts';
import { Dialog } from '../design/dialog.tsx';
import { SaidAgainst, TextField, useForm } from '../design/form.tsx';
import { Time } from '../design/shown-value.tsx';
import { AllowedButton } from '../design/why-not.tsx';
import { useOperator } from '../frame/operator.tsx';
import { useConsole, useNow, useQuery, useStore } from '../live/console-context.tsx';
import { mayEverywhere } from '../people/permitted.ts';
import { durationText } from '../words/time.ts';

const renewEveryMs = 3_000;

/** The key that commands are signed with: which, how old, and how far its exchange is. */
export function CommandKeyPanel(): JSX.Element | null {
  const { api } = useConsole();
  const nowMs = useNow();
  const session = useOperator();
  const [wish, setWish] = useState<RotationWish>();
  const see = mayEverywhere(session, 'see');
  const may = mayEverywhere(session, 'manage-keys');
  const turn = Math.floor(nowMs / renewEveryMs);
  const { value, say, reload } = useQuery(
    `command keys ${see.ok ? turn : ''}`,
    async (signal) => await api.commandKeys(signal),
    'command keys',
  );
  if (!see.ok) return null;
  return (
    <section className="gateway-card" data-testid="command-key">
      <h2>Command key</h2>
      {say !== undefined && <p className="notice warn">{say}</p>}
      {value !== undefined && (
        <>
          <Phase keys={value} nowMs={nowMs} />
          {value.isRecoveryKeyHere && (
            <p className="small">
              The recovery key is still on this machine: take it away with{' '}
              <code>headend keys export-recovery FILE</code>, while the head-end is stopped.
            </p>
          )}
          <div className="tools">
            {wishesAt(value).map((each) => (
              <AllowedButton
                key={each}
                may={may}
                className="button"
                data-testid={`key-${each}`}
                onClick={() => setWish(each)}
              >
                {words[each].button}…
              </AllowedButton>
            ))}
          </div>
        </>
      )}
      {wish !== undefined && value !== undefined && (
        <WishDialog
          wish={wish}
          keys={value}
          onClose={() => {
            setWish(undefined);
            reload();
          }}
        />
      )}
    </section>
  );
}

function Phase({ keys, nowMs }: { keys: CommandKeyView; nowMs: number }): JSX.Element {
  const gateways = useStore('gateways', (store) => store.gateways());
  const { phase, current, next, sinceMs, waitingForIds, withoutIds } = keys;
  const since = (
    <>
      since <Time atMs={sinceMs} nowMs={nowMs} /> ({durationText(nowMs - sinceMs)})
    </>
  );
  const lacking = new Set([...waitingForIds, ...withoutIds]);
  const offline = new Set(gateways.filter(({ state }) => state !== 'online').map(({ id }) => id));
  const named = waitingForIds.map((id) => (offline.has(id) ? `${id} (not on line)` : id));
  return (
    <>
      <p>
        <span className="mono">{current.slice(0, 12)}…</span> signs{phase === 'announced' ? '' : <>, {since}</>}.
      </p>
      {phase === 'announced' && (
        <p data-testid="key-waiting">
          The next one, <span className="mono">{next?.slice(0, 12)}…</span>, is announced {since}. It signs as soon as
          every gateway that is not retired has it: {gateways.filter(({ id }) => !lacking.has(id)).length} have.{' '}
          {named.length > 0 && `Not yet: ${named.slice(0, shown).join(', ')}${more(named.length)}. `}
          {withoutIds.length > 0 &&
            `Not waited for: ${withoutIds.slice(0, shown).join(', ')}${more(withoutIds.length)}.`}
        </p>
      )}
      {phase === 'switched' && (
        <p>
          The one before it is still obeyed, for commands on their way, and is erased a quarter of an hour after that.
        </p>
      )}
    </>
  );
}

const shown = 20;
const more = (count: number): string => (count > shown ? ` and ${count - shown} more` : '');

function wishesAt({ phase, waitingForIds }: CommandKeyView): readonly RotationWish[] {
  if (phase === 'settled') return ['announce'];
  if (phase === 'switched') return [];
  return waitingForIds.length > 0 ? ['go-on', 'withdraw'] : ['withdraw'];
}

const words: Readonly<Record<RotationWish, { button: string; does: (keys: CommandKeyView) => string }>> = {
  announce: {
    button: 'Exchange the key',
    does: () =>
      'A next key is made and announced to all gateways. When each of them has it, it signs by itself, and a quarter of an hour later the present one is erased. Commands go on meanwhile. A gateway that is not on line holds this up until it is back, unless you go on without it.',
  },
  'go-on': {
    button: 'Go on without those',
    does: ({ waitingForIds }) =>
      `The next key signs without waiting for ${waitingForIds.slice(0, shown).join(', ')}${more(waitingForIds.length)}. Until they are back and have heard of it, they take no command; what they missed they are given then.`,
  },
  withdraw: {
    button: 'Withdraw the next key',
    does: () => 'The next key is erased, and the present one goes on signing.',
  },
};

type WishProps = { wish: RotationWish; keys: CommandKeyView; onClose: () => void };

function WishDialog({ wish, keys, onClose }: WishProps): JSX.Element {
  const { api } = useConsole();
  const [cause, setCause] = useState('');
  const { button, does } = words[wish];
  const form = useForm(() => api.rotateKey(wish, cause.trim()), onClose);
  return (
    <Dialog title={button} testId="key-dialog" onClose={onClose}>
      <form className="select-form" onSubmit={form.submit}>
        <p>{does(keys)}</p>
        <TextField
          label="Reason, kept in the audit log"
          value={cause}
          onValue={setCause}
          testId="key-cause"
          maxLength={300}
          first
        />
        <SaidAgainst say={form.say} />
        <footer>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className="button primary"
            data-testid="key-confirm"
            disabled={form.busy || cause.trim() === ''}
          >
            {button}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
