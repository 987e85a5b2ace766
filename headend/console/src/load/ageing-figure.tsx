import type { JSX } from 'react';
import type { TransformerAgeingResponse } from '../../../src/api/load-contract.ts';
import { Mark } from '../design/marks.tsx';
import { useConsole, useQuery } from '../live/console-context.tsx';
import { fixed } from '../words/quantity.ts';
import { localText } from './local-hours.ts';

type Props = { id: string; fromS: number; toS: number; timeZone: string };

/** How fast the insulation of a transformer aged, by IEEE C57.91, and what of that is assumed. */
export function AgeingFigure({ id, fromS, toS, timeZone }: Props): JSX.Element | null {
  const { network } = useConsole();
  const { value, say } = useQuery(`ageing ${id} ${fromS} ${toS}`, (signal) =>
    network.transformerAgeing(id, { fromS, toS }, signal),
  );
  if (value === undefined) return say === undefined ? null : <p className="notice warn">Ageing: {say}</p>;
  const { total, dayS, agedH, knownH } = value;
  if (total.knownH === 0)
    return (
      <figure className="panel" data-testid="ageing">
        <figcaption>Loss of life</figcaption>
        <p className="quiet-text small">Nothing can be told: no rating, or no hour of a known load.</p>
      </figure>
    );
  const fastest = Math.max(1, ...agedH.map((aged, at) => factorOf(aged, knownH[at])));
  return (
    <figure className="panel" data-testid="ageing">
      <figcaption>Loss of life</figcaption>
      <p>
        <strong>{total.factor === undefined ? 'not known' : factorText(total.factor)}</strong> times the normal ageing,{' '}
        {total.lossOfLifePct.toPrecision(2)} % of its life in {fixed(total.knownH, 0)} hours
      </p>
      <svg className="ageing-days" viewBox={`0 0 ${dayS.length} 40`} preserveAspectRatio="none" aria-hidden="true">
        {dayS.map((atS, at) => {
          const factor = factorOf(agedH[at] ?? 0, knownH[at]);
          const height = (40 * factor) / fastest;
          return (
            <rect
              key={atS}
              className={factor > 1 ? 'fast' : 'usual'}
              x={at + 0.05}
              y={40 - height}
              width={0.9}
              height={height}
            >
              <title>{`${new Date(atS * 1_000).toISOString().slice(0, 10)}: ${factorText(factor)} times the normal ageing`}</title>
            </rect>
          );
        })}
      </svg>
      {total.hottestC !== undefined && (
        <p className="small">
          {total.hottestC > hotFromC ? (
            <Mark shape="warn">{hottestText(total.hottestC)}</Mark>
          ) : (
            hottestText(total.hottestC)
          )}
          {total.hottestS !== undefined && `, ${localText(total.hottestS, timeZone)}`}
        </p>
      )}
      <p className="quiet-text small">{assumptions(value)}</p>
    </figure>
  );
}

/** The hot-spot of the life that the standard calls normal. */
const hotFromC = 110;
const hottestText = (hottestC: number): string => `Hottest spot ${hottestC.toFixed(0)}\u00a0°C`;
const factorOf = (agedH: number, knownH: number | undefined): number =>
  knownH === undefined || knownH === 0 ? 0 : agedH / knownH;
const factorText = (factor: number): string => (factor < 0.01 ? 'under 0.01' : factor.toFixed(2));

function assumptions({ ambient, isLossRatioAssumed }: TransformerAgeingResponse): string {
  const told =
    ambient.toldH > 0
      ? `Outdoor temperature told for ${fixed(ambient.toldH, 0)} hours, otherwise`
      : 'Outdoor temperature';
  const otherwise = `${told} ${ambient.otherwise === 'set' ? 'set' : 'assumed'} at ${ambient.otherwiseC}\u00a0°C`;
  return `By IEEE C57.91. ${otherwise}; rises and time constants are typical ones${isLossRatioAssumed ? ', as is the ratio of losses' : ''}.`;
}
