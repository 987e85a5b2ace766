import type { JSX } from 'react';
import type { Measurement } from '@tiepoint/protocol';
import { Mark } from '../design/marks.tsx';
import { Time, Unknown } from '../design/shown-value.tsx';
import { pointTitle, words } from '../words/labels.ts';
import { quantityText } from '../words/quantity.ts';

/** What was measured as proof, against what was expected. */
export function MeasuredTable({
  measured,
  atMs,
  nowMs,
}: {
  measured: readonly Measurement[];
  atMs: number;
  nowMs: number;
}): JSX.Element {
  return (
    <table className="measured" data-testid="measured">
      <thead>
        <tr>
          <th scope="col">
            Measured at the device, <Time atMs={atMs} nowMs={nowMs} />
          </th>
          <th scope="col" className="right">
            Value
          </th>
          <th scope="col">Expected</th>
          <th scope="col">Met</th>
        </tr>
      </thead>
      <tbody>
        {measured.map((one, place) => (
          <tr key={`${one.point} ${place}`} className={one.met === 'no' ? 'not-met' : ''}>
            <th scope="row">{pointTitle(one.point)}</th>
            <td className="right">
              <MeasuredValue measurement={one} />
            </td>
            <td>{one.expected ?? '—'}</td>
            <td>
              <Met met={one.met} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The same in one line, for lists. */
export function measuredText(measured: readonly Measurement[]): string {
  return measured
    .map(
      ({ point, value, word, unit }) =>
        `${pointTitle(point)} ${word === undefined ? quantityText(value, unit ?? '') : words(word)}`,
    )
    .join(', ');
}

function MeasuredValue({ measurement: { value, word, unit } }: { measurement: Measurement }): JSX.Element {
  if (word !== undefined) return <>{words(word)}</>;
  return value === undefined ? <Unknown /> : <>{quantityText(value, unit ?? '')}</>;
}

function Met({ met }: { met: Measurement['met'] }): JSX.Element {
  if (met === 'yes') return <Mark shape="done">yes</Mark>;
  if (met === 'no') return <Mark shape="urgent">no</Mark>;
  return <Mark shape="doubt">not known</Mark>;
}
