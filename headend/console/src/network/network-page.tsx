import { useState } from 'react';
import type { JSX } from 'react';
import type { NetworkResponse } from '../../../src/api/network-contract.ts';
import { Mark } from '../design/marks.tsx';
import { Unknown } from '../design/shown-value.tsx';
import { formatRoute } from '../frame/route.ts';
import type { NetworkRoute } from '../frame/route.ts';
import { useConsole, useQuery } from '../live/console-context.tsx';
import { useEvery } from '../sites/use-every.ts';
import { AsOfBanner, AsOfControl, useAsOf } from './as-of-control.tsx';
import { addressOf, beforeFirst } from './as-of.ts';
import type { AsOf } from './as-of.ts';
import { ImportPanel } from './import-panel.tsx';

/** The network: its circuits as they are fed, now or as of an instant, and what is wrong with it. */
export function NetworkPage({ route }: { route: NetworkRoute }): JSX.Element {
  const then = useAsOf(route);
  return (
    <>
      <AsOfBanner route={route} then={then} />
      {then.is === 'now' || then.is === 'past' ? (
        <Circuits route={route} then={then} />
      ) : (
        <main className="page">
          <header className="page-header">
            <h1>Network</h1>
            <AsOfControl route={route} then={then} />
          </header>
        </main>
      )}
    </>
  );
}

type Shown = { route: NetworkRoute; then: Extract<AsOf, { is: 'now' | 'past' }> };

function Circuits({ route, then }: Shown): JSX.Element {
  const { network } = useConsole();
  const asked = then.is === 'past' ? { atMs: then.atMs } : {};
  const { value, say, reload } = useQuery(`network ${asked.atMs ?? ''}`, (signal) => network.network(asked, signal));
  // What was, may be learned late.
  useEvery(10_000, reload);
  const { counts } = value ?? {};
  const isNow = then.is === 'now';
  return (
    <main className="page">
      <header className="page-header">
        <h1>Network{value !== undefined && value.circuits.length > 0 && `: ${value.name}`}</h1>
        {counts !== undefined && value !== undefined && value.circuits.length > 0 && (
          <p className="quiet-text" data-testid="network-counts">
            {value.circuits.length} circuits of {counts.substations} substations, {counts.switches} switches,{' '}
            {counts.transformers} transformers, {counts.usagePoints} service points
          </p>
        )}
        <AsOfControl route={route} then={then} />
      </header>
      {say !== undefined && <p className="notice warn">{say}</p>}
      {counts !== undefined && counts.withoutSupply > 0 && (
        <p className="notice urgent" data-testid="network-without-supply">
          <Mark shape="urgent">
            <strong>
              {counts.withoutSupply} service points {isNow ? 'have' : 'had'} no supply
            </strong>
          </Mark>{' '}
          as the switches {isNow ? 'stand' : 'stood then'}.
        </p>
      )}
      {value === undefined ? (
        say === undefined && <p className="quiet-text">Asking the head-end…</p>
      ) : value.circuits.length === 0 && !isNow ? (
        <NothingThen value={value} />
      ) : value.circuits.length === 0 ? (
        <p className="quiet-text">
          No network is known yet: bring one in below, or by <span className="mono">headend network import FILE</span>.
        </p>
      ) : (
        <>
          <CircuitTable circuits={value.circuits} at={route.at} />
          <Findings revision={value.revision} asked={asked} />
          <section className="tools">
            <a className="button" href={network.mapFile(asked)} download="network.geojson">
              Export GeoJSON
            </a>
            <a className="button" href={network.cimFile(asked)} download="network.xml">
              Export CIM
            </a>
          </section>
        </>
      )}
      {isNow && value !== undefined && <Import isFirst={value.circuits.length === 0} onDone={reload} />}
    </main>
  );
}

function NothingThen({ value }: { value: NetworkResponse }): JSX.Element {
  const { firstMs } = value;
  const before = beforeFirst(value);
  return (
    <p className="notice" data-testid="network-nothing-then">
      {before ?? 'No circuit is known as of then.'}{' '}
      {before !== undefined && firstMs !== undefined && (
        <a href={formatRoute({ page: 'network', at: addressOf(firstMs) })}>Show the first</a>
      )}
    </p>
  );
}

/** Closed, until somebody wants it: else it would ask how far imports are for nobody. */
function Import({ isFirst, onDone }: { isFirst: boolean; onDone: () => void }): JSX.Element {
  const [isOpen, setOpen] = useState(isFirst);
  if (isOpen) return <ImportPanel onDone={onDone} />;
  return (
    <section className="tools">
      <button type="button" className="button" data-testid="network-import" onClick={() => setOpen(true)}>
        Import a network…
      </button>
    </section>
  );
}

type TableProps = Pick<NetworkResponse, 'circuits'> & { at: string | undefined };

function CircuitTable({ circuits, at }: TableProps): JSX.Element {
  const asOfThen = at === undefined ? {} : { at };
  return (
    <section className="panel flush">
      <table className="ledger">
        <thead>
          <tr>
            <th>Circuit</th>
            <th>Substation</th>
            <th className="right">Customers</th>
            <th className="right">Transformers</th>
            <th className="right">Segments</th>
            <th className="right">Rated</th>
            <th>As switched</th>
          </tr>
        </thead>
        <tbody>
          {circuits.map((circuit) => (
            <tr key={circuit.id} data-testid={`circuit-${circuit.id}`}>
              <th scope="row">
                <a href={formatRoute({ page: 'circuit', id: circuit.id, ...asOfThen })}>{circuit.name}</a>
              </th>
              <td>{circuit.substation ?? <Unknown />}</td>
              <td className="right">{circuit.customers}</td>
              <td className="right">{circuit.transformers}</td>
              <td className="right">{circuit.segments}</td>
              <td className="right">
                {circuit.ratedCurrentA === undefined ? (
                  <Unknown />
                ) : (
                  <>
                    {circuit.ratedCurrentA}
                    <span className="unit">A</span>
                  </>
                )}
              </td>
              <td>
                {circuit.segments === 0 ? (
                  <Mark shape="urgent">feeds nothing</Mark>
                ) : circuit.joinedWith !== undefined ? (
                  <Mark shape="warn">{`in parallel with ${circuit.joinedWith.join(', ')}`}</Mark>
                ) : (
                  <span className="quiet-text">radial</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const severityShapes = { error: 'urgent', warning: 'warn', note: 'absent' } as const;

type FindingsProps = Pick<NetworkResponse, 'revision'> & { asked: { atMs?: number } };

function Findings({ revision, asked }: FindingsProps): JSX.Element | null {
  const { network } = useConsole();
  const family = `network findings ${asked.atMs ?? ''}`;
  const { value } = useQuery(`${family} ${revision}`, (signal) => network.findings(asked, signal), family);
  const told = value?.findings.filter(({ severity }) => severity !== 'note') ?? [];
  if (value === undefined || told.length === 0) return null;
  return (
    <details className="panel" open={value.errors > 0}>
      <summary>{`${told.length} things to look at in the model${value.errors === 0 ? '' : `, ${value.errors} of them errors`}`}</summary>
      <ul className="small findings">
        {told.slice(0, 100).map(({ severity, say }) => (
          <li key={say}>
            <Mark shape={severityShapes[severity]} /> {say}
          </li>
        ))}
      </ul>
    </details>
  );
}
