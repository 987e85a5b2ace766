import { useState } from 'react';
import type { JSX } from 'react';
import type { CircuitResponse } from '../../../src/api/network-contract.ts';
import { Mark } from '../design/marks.tsx';
import { AllowedButton } from '../design/why-not.tsx';
import { useOperator } from '../frame/operator.tsx';
import { formatRoute } from '../frame/route.ts';
import type { NetworkRoute } from '../frame/route.ts';
import { useConsole, useQuery } from '../live/console-context.tsx';
import { mayEverywhere } from '../people/permitted.ts';
import { useEvery } from '../sites/use-every.ts';
import { AsOfBanner, AsOfControl, useAsOf } from './as-of-control.tsx';
import { mayNow } from './as-of.ts';
import type { AsOf } from './as-of.ts';
import { OneLineDiagram } from './one-line-diagram.tsx';
import { ReadDialog } from './read-dialog.tsx';
import type { Place } from './read-dialog.tsx';
import { SwitchDialog } from './switch-dialog.tsx';
import { TransformerTable } from './transformer-table.tsx';

type CircuitRoute = Extract<NetworkRoute, { page: 'circuit' }>;

/** One circuit: how it is switched, now or as of an instant, its segments and transformers, and its load on demand. */
export function CircuitPage({ route }: { route: CircuitRoute }): JSX.Element {
  const then = useAsOf(route);
  return (
    <>
      <AsOfBanner route={route} then={then} />
      {then.is === 'now' || then.is === 'past' ? (
        <Circuit route={route} then={then} />
      ) : (
        <main className="page">
          <Header route={route} then={then} circuit={undefined} />
        </main>
      )}
    </>
  );
}

type Shown = { route: CircuitRoute; then: Extract<AsOf, { is: 'now' | 'past' }> };

function Circuit({ route, then }: Shown): JSX.Element {
  const { id } = route;
  const { network } = useConsole();
  const asked = then.is === 'past' ? { atMs: then.atMs } : {};
  const { value, say, reload } = useQuery(`circuit ${id} ${asked.atMs ?? ''}`, (signal) =>
    network.circuit(id, asked, signal),
  );
  const [reading, setReading] = useState<Place>();
  const [switchId, setSwitchId] = useState<string>();
  const [segment, setSegment] = useState<string>();
  useEvery(10_000, reload);
  const may = mayNow(then, 'read meters', mayEverywhere(useOperator(), 'read-meters'));
  const drawn = value?.switches.find((each) => each.id === switchId);
  return (
    <main className="page">
      <Header route={route} then={then} circuit={value} />
      {say !== undefined && <p className="notice warn">{say}</p>}
      {value !== undefined && (
        <>
          <section className="tools">
            <AllowedButton
              may={may}
              className="button primary"
              data-testid="read-circuit"
              onClick={() => setReading({ kind: 'circuit', id, title: value.name })}
            >
              Read its load now…
            </AllowedButton>
            <a className="button quiet" href={formatRoute({ page: 'load', kind: 'circuit', id })}>
              Its load by hour
            </a>
          </section>
          <section className="panel" aria-label="One-line diagram">
            <OneLineDiagram circuit={value} chosen={segment} onSegment={setSegment} onSwitch={setSwitchId} />
            <p className="quiet-text small">
              Numbers are customers of a segment. A filled square is closed, a hollow one on its point is open; what
              stands otherwise than normal is marked. Choose a segment or a switch.
            </p>
          </section>
          <TransformerTable
            circuit={value}
            segment={segment}
            mayRead={may}
            onAll={() => setSegment(undefined)}
            onRead={(place) => setReading(place)}
          />
        </>
      )}
      {reading !== undefined && <ReadDialog place={reading} onClose={() => setReading(undefined)} />}
      {drawn !== undefined && (
        <SwitchDialog
          drawn={drawn}
          then={then}
          onRead={() => {
            setSwitchId(undefined);
            setReading({ kind: 'switch', id: drawn.id, title: `all behind ${drawn.name}` });
          }}
          onDone={() => {
            setSwitchId(undefined);
            reload();
          }}
          onClose={() => setSwitchId(undefined)}
        />
      )}
    </main>
  );
}

type HeaderProps = { route: CircuitRoute; then: AsOf; circuit: CircuitResponse | undefined };

function Header({ route, then, circuit }: HeaderProps): JSX.Element {
  const asOfThen = route.at === undefined ? {} : { at: route.at };
  return (
    <>
      <header className="page-header">
        <p className="crumb">
          <a href={formatRoute({ page: 'network', ...asOfThen })}>Network</a>
        </p>
        <h1>{circuit?.name ?? route.id}</h1>
        {circuit !== undefined && (
          <p className="quiet-text" data-testid="circuit-counts">
            {circuit.customers} customers at {circuit.transformers} transformers, in {circuit.segments} segments
            {circuit.substation !== undefined && `, from ${circuit.substation}`}
          </p>
        )}
        <AsOfControl route={route} then={then} />
      </header>
      {circuit?.joinedWith !== undefined && (
        <p className="notice warn">
          <Mark shape="warn">{`In parallel with ${circuit.joinedWith.join(', ')} by a closed tie.`}</Mark>
        </p>
      )}
    </>
  );
}
