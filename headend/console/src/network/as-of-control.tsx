import { useState } from 'react';
import type { JSX } from 'react';
import { Mark } from '../design/marks.tsx';
import { formatRoute } from '../frame/route.ts';
import type { NetworkRoute } from '../frame/route.ts';
import { useStore } from '../live/console-context.tsx';
import { instantText } from '../words/time.ts';
import { addressOf, asOf, fieldInstant, fieldText } from './as-of.ts';
import type { AsOf } from './as-of.ts';

/** By the head-end's clock; drawn anew only when an instant that was to come is over. */
export function useAsOf({ at }: NetworkRoute): AsOf {
  const isToCome = useStore('tick', (store) => asOf(at, store.second()).is === 'future');
  return asOf(at, isToCome ? 0 : Number.POSITIVE_INFINITY);
}

type Props = { route: NetworkRoute; then: AsOf };
const now = (route: NetworkRoute): NetworkRoute =>
  route.page === 'circuit' ? { page: 'circuit', id: route.id } : { page: 'network' };

/** Above a page that does not show the present. */
export function AsOfBanner({ route, then }: Props): JSX.Element | null {
  if (then.is === 'now') return null;
  return (
    <output className="banner as-of-banner" data-testid="as-of-banner">
      <Mark shape="stopped" />
      {then.is === 'past' ? (
        <strong>Network as of {instantText(then.atMs)}, not the present</strong>
      ) : (
        <strong>{then.say}</strong>
      )}
      <a href={formatRoute(now(route))} data-testid="as-of-now">
        Back to now
      </a>
    </output>
  );
}

/** Now, or an instant of the past; kept in the address, so that a link to it can be sent. */
export function AsOfControl({ route, then }: Props): JSX.Element {
  const shownMs = then.is === 'past' ? then.atMs : undefined;
  const [startMs] = useState(() => shownMs ?? Math.floor(Date.now() / 60_000) * 60_000);
  const [text, setText] = useState(fieldText(startMs));
  const atMs = fieldInstant(text);
  const zone = instantText(atMs ?? startMs)
    .split(' ')
    .slice(2)
    .join(' ');
  return (
    <details className="as-of">
      <summary data-testid="as-of">As of {shownMs === undefined ? 'now' : instantText(shownMs)}</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (atMs !== undefined) location.hash = formatRoute({ ...route, at: addressOf(atMs) });
        }}
      >
        <label className="field">
          <span>Date and time, yours ({zone})</span>
          <input
            className="input"
            type="datetime-local"
            step={1}
            data-testid="as-of-at"
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
        </label>
        <button type="submit" className="button" data-testid="as-of-show" disabled={atMs === undefined}>
          Show
        </button>
        {then.is !== 'now' && (
          <a className="button quiet" href={formatRoute(now(route))}>
            Now
          </a>
        )}
      </form>
    </details>
  );
}
