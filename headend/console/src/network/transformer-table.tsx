import type { JSX } from 'react';
import type { Verdict } from '@tiepoint/protocol';
import type { CircuitResponse } from '../../../src/api/network-contract.ts';
import { Unknown } from '../design/shown-value.tsx';
import { AllowedButton } from '../design/why-not.tsx';
import { formatRoute } from '../frame/route.ts';
import type { Place } from './read-dialog.tsx';

const shownTransformers = 200;

type Transformer = CircuitResponse['transformerList'][number];
type Props = {
  circuit: CircuitResponse;
  segment: string | undefined;
  mayRead: Verdict;
  onAll: () => void;
  onRead: (place: Place) => void;
};

/** The transformers of a circuit, or of one of its segments. */
export function TransformerTable({ circuit, segment, mayRead: may, onAll, onRead }: Props): JSX.Element {
  const chosen = circuit.segmentList.find(({ id }) => id === segment);
  const found = circuit.transformerList.filter((each) => chosen === undefined || each.segment === chosen.id);
  return (
    <section className="panel flush" data-testid="circuit-transformers">
      <header className="panel-tools">
        <h2>{chosen === undefined ? 'Transformers' : `Segment ${chosen.title}`}</h2>
        {chosen !== undefined && (
          <>
            <AllowedButton
              may={may}
              className="button small"
              data-testid="read-segment"
              onClick={() => onRead({ kind: 'segment', id: chosen.id, title: `segment ${chosen.title}` })}
            >
              Read its load now…
            </AllowedButton>
            <a className="button small quiet" href={formatRoute({ page: 'load', kind: 'segment', id: chosen.id })}>
              Its load by hour
            </a>
            <button type="button" className="button small quiet" onClick={onAll}>
              Show all
            </button>
          </>
        )}
      </header>
      <table className="ledger">
        <thead>
          <tr>
            <th>Transformer</th>
            <th>Phases</th>
            <th className="right">Rated</th>
            <th className="right">Customers</th>
            <th>
              <span className="visually-hidden">Read</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {found.slice(0, shownTransformers).map((each) => (
            <TransformerRow key={each.id} transformer={each} may={may} onRead={onRead} />
          ))}
        </tbody>
      </table>
      {found.length === 0 && <p className="quiet-text small empty">No transformer here.</p>}
      {found.length > shownTransformers && (
        <p className="quiet-text small empty">{`The first ${shownTransformers} of ${found.length}: choose a segment.`}</p>
      )}
    </section>
  );
}

function TransformerRow({
  transformer: { id, name, phases, ratedPowerVa, customers },
  may,
  onRead,
}: {
  transformer: Transformer;
  may: Verdict;
  onRead: Props['onRead'];
}): JSX.Element {
  return (
    <tr>
      <td className="mono">
        <a href={formatRoute({ page: 'load', kind: 'transformer', id })}>{name}</a>
      </td>
      <td>{phases}</td>
      <td className="right">
        {ratedPowerVa === undefined ? (
          <Unknown />
        ) : (
          <>
            {ratedPowerVa / 1_000}
            <span className="unit">kVA</span>
          </>
        )}
      </td>
      <td className="right">{customers}</td>
      <td className="right">
        {may.ok && (
          <button
            type="button"
            className="button small quiet"
            onClick={() => onRead({ kind: 'transformer', id, title: `transformer ${name}` })}
          >
            Read…
          </button>
        )}
      </td>
    </tr>
  );
}
