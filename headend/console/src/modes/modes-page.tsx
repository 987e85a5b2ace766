import { useState } from 'react';
import type { JSX } from 'react';
import type { ModeOrderView } from '../../../src/api/mode-contract.ts';
import { ConfirmDialog } from '../design/confirm-dialog.tsx';
import { Mark } from '../design/marks.tsx';
import { Time } from '../design/shown-value.tsx';
import { AllowedButton } from '../design/why-not.tsx';
import { useOperator } from '../frame/operator.tsx';
import { useConsole, useNow, useQuery } from '../live/console-context.tsx';
import { mayAnywhere } from '../people/permitted.ts';
import { useEvery } from '../sites/use-every.ts';
import { areasText, heardText, modeDoes } from './mode-words.ts';
import { OrderForm } from './order-form.tsx';

/** Storm and safe: what is in force, and ordering and ending them. */
export function ModesPage(): JSX.Element {
  const { network } = useConsole();
  const { value, say, reload } = useQuery('modes', (signal) => network.modes(signal));
  useEvery(3_000, reload);
  const inForce = value?.modes.filter(({ state }) => state === 'in-force') ?? [];
  const over = value?.modes.filter(({ state }) => state !== 'in-force') ?? [];
  return (
    <main className="page">
      <header className="page-header">
        <h1>Fleet modes</h1>
        <p className="quiet-text">How gateways behave as a whole, for a time. They end by themselves.</p>
      </header>
      {say !== undefined && <p className="notice warn">{say}</p>}
      <section className="panel" data-testid="modes-in-force">
        <h2>In force</h2>
        {inForce.length === 0 ? (
          <p className="quiet-text">
            {value === undefined ? 'Asking the head-end…' : 'None: all gateways report and take commands as usual.'}
          </p>
        ) : (
          inForce.map((order) => <InForce key={order.id} order={order} onDone={reload} />)
        )}
      </section>
      <OrderForm onDone={reload} />
      {over.length > 0 && <Over orders={over.slice(0, 20)} />}
    </main>
  );
}

function InForce({ order, onDone }: { order: ModeOrderView; onDone: () => void }): JSX.Element {
  const { network } = useConsole();
  const nowMs = useNow();
  const [isEnding, setEnding] = useState(false);
  const may = mayAnywhere(useOperator(), 'set-fleet-mode');
  return (
    <article className="notice warn" data-testid={`mode-${order.mode}`}>
      <p>
        <Mark shape="warn">
          <strong>
            {order.mode} {areasText(order.areas)}
          </strong>
        </Mark>{' '}
        until <Time atMs={order.untilMs} nowMs={nowMs} />, by {order.operator}: {order.cause}
      </p>
      <p className="small">
        {modeDoes[order.mode]} {heardText(order.gateways)}
      </p>
      <AllowedButton may={may} className="button small" data-testid="mode-end" onClick={() => setEnding(true)}>
        End now…
      </AllowedButton>
      {isEnding && (
        <ConfirmDialog
          title={`End ${order.mode} ${areasText(order.areas)}`}
          action="End it"
          ask={() => network.endMode(order.id)}
          onDone={() => {
            setEnding(false);
            onDone();
          }}
          onClose={() => setEnding(false)}
        >
          <p>Gateways send what they kept, spread over time, and behave as usual from then on.</p>
        </ConfirmDialog>
      )}
    </article>
  );
}

function Over({ orders }: { orders: readonly ModeOrderView[] }): JSX.Element {
  const nowMs = useNow();
  return (
    <section className="panel flush">
      <table className="ledger">
        <thead>
          <tr>
            <th>Mode</th>
            <th>Where</th>
            <th>From</th>
            <th>To</th>
            <th>By</th>
            <th>Reason</th>
          </tr>
        </thead>
        <tbody>
          {orders.map((order) => (
            <tr key={order.id}>
              <td>{order.mode}</td>
              <td>{areasText(order.areas)}</td>
              <td>
                <Time atMs={order.fromMs} nowMs={nowMs} />
              </td>
              <td>
                <Time atMs={order.ended?.atMs ?? order.untilMs} nowMs={nowMs} />
                {order.ended !== undefined && `, ended by ${order.ended.by}`}
              </td>
              <td>{order.operator}</td>
              <td>{order.cause}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
