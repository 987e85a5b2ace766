import type { JSX } from 'react';
import type { LoadCluesResponse } from '../../../src/api/load-contract.ts';
import { Mark } from '../design/marks.tsx';
import { formatRoute } from '../frame/route.ts';
import { useConsole, useQuery } from '../live/console-context.tsx';
import { fixed } from '../words/quantity.ts';

type Clue = LoadCluesResponse['clues'][number];
const kindWords: Readonly<Record<Clue['kind'], string>> = {
  mapping: 'wrong map?',
  loss: 'energy lost?',
  surplus: 'too much counted?',
};

/** Where the map may be wrong or energy may go that nobody counts: clues, with what speaks for each. None of them proves anything. */
export function CluePanel({
  circuit,
  fromS,
  toS,
}: {
  circuit: string;
  fromS: number;
  toS: number;
}): JSX.Element | null {
  const { network } = useConsole();
  const { value, say } = useQuery(`clues ${circuit} ${fromS} ${toS}`, (signal) =>
    network.loadClues(circuit, { fromS, toS }, signal),
  );
  if (value === undefined) return say === undefined ? null : <p className="notice warn">Clues: {say}</p>;
  const { clues, customers, customersWithVoltage, heads } = value;
  return (
    <section className="panel flush" data-testid="clues">
      <header className="panel-tools">
        <h2>Clues to wrong maps and theft</h2>
      </header>
      <p className="quiet-text small empty">
        {`Looked at: the voltage of ${fixed(customersWithVoltage, 0)} of ${fixed(customers, 0)} customers, and ${heads === 0 ? 'no meter at a transformer or at the head' : `${heads} meters at transformers or at the head`}. Whoever could not be looked at is neither suspected nor cleared.`}
      </p>
      {clues.length === 0 ? (
        <p className="quiet-text empty">Nothing stands out.</p>
      ) : (
        <table className="ledger">
          <thead>
            <tr>
              <th>Clue</th>
              <th>Where</th>
              <th>What speaks for it</th>
            </tr>
          </thead>
          <tbody>
            {clues.map((clue) => (
              <tr key={`${clue.kind} ${clue.say}`}>
                <td className="nowrap">
                  <Mark shape="doubt">{kindWords[clue.kind]}</Mark>
                </td>
                <td className="mono">
                  <Where clue={clue} />
                </td>
                <td>{clue.say}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Where({ clue }: { clue: Clue }): JSX.Element {
  if (clue.kind === 'mapping')
    return <a href={formatRoute({ page: 'load', kind: 'transformer', id: clue.transformer })}>{clue.transformer}</a>;
  const { kind, id } = clue.at;
  return <a href={formatRoute({ page: 'load', kind, id })}>{id}</a>;
}
