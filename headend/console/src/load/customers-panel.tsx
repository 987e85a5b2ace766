import type { JSX } from 'react';
import { formatRoute } from '../frame/route.ts';
import { useConsole, useQuery } from '../live/console-context.tsx';

/** Who is fed by a transformer now, each with its intervals. */
export function CustomersPanel({ transformer }: { transformer: string }): JSX.Element | null {
  const { meters } = useConsole();
  const { value, say } = useQuery(`behind ${transformer}`, (signal) => meters.behind(transformer, signal));
  if (value === undefined) return say === undefined ? null : <p className="notice warn">Customers: {say}</p>;
  return (
    <section className="panel flush" data-testid="customers" aria-labelledby="customers-title">
      <header className="panel-tools">
        <h2 id="customers-title">Customers as it feeds them now</h2>
      </header>
      {value.meters.length === 0 ? (
        <p className="quiet-text small empty">Nobody is behind it as the network is switched.</p>
      ) : (
        <table className="ledger">
          <thead>
            <tr>
              <th scope="col">Meter</th>
              <th scope="col">Service point</th>
              <th scope="col">Customer</th>
              <th scope="col">Kind</th>
            </tr>
          </thead>
          <tbody>
            {value.meters.map(({ meter, servicePoint, customer, customerKind }) => (
              <tr key={meter}>
                <th scope="row">
                  <a href={formatRoute({ page: 'meter', id: meter })}>{meter}</a>
                </th>
                <td>{servicePoint}</td>
                <td>{customer}</td>
                <td>{customerKind}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {value.more && <p className="quiet-text small empty">{`The first ${value.meters.length}.`}</p>}
    </section>
  );
}
