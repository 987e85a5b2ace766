import { useEffect, useState } from 'react';
import type { JSX } from 'react';
import type { EventRow, EventsResponse } from '../../../src/api/contract.ts';
import { Time } from '../design/shown-value.tsx';
import { formatRoute } from '../frame/route.ts';
import type { Answer } from '../live/asking.ts';
import { useNow, useStore } from '../live/console-context.tsx';
import { mergeEvents } from '../live/frame-reducer.ts';
import { words } from '../words/labels.ts';
import { eventShape } from './event-shape.ts';
import { Mark } from '../design/marks.tsx';

const pageSize = 50;
/** More are not kept on one page; who needs older ones asks the API. */
const mostShown = 2_000;

type Props = {
  of: string;
  ask: (page: { beforeSeq?: number; limit: number }, signal?: AbortSignal) => Promise<Answer<EventsResponse>>;
  isMine: (event: EventRow) => boolean;
  withSubject: boolean;
  older?: boolean;
};

/** Newest first; what happens while one looks is added on top. */
export function EventList({ of, ask, isMine, withSubject, older = true }: Props): JSX.Element {
  const [past, setPast] = useState<{
    of: string;
    events: readonly EventRow[];
    next?: number | undefined;
    say?: string;
  }>({ of, events: [] });
  const live = useStore('events', (store) => store.events());
  const nowMs = useNow();
  const load = async (beforeSeq: number | undefined, signal?: AbortSignal): Promise<void> => {
    const answer = await ask({ limit: pageSize, ...(beforeSeq === undefined ? {} : { beforeSeq }) }, signal);
    if (signal?.aborted === true) return;
    setPast((before) => {
      const known = before.of === of && beforeSeq !== undefined ? before.events : [];
      if (!answer.ok) return { ...before, of, events: known, say: answer.say };
      return { of, events: mergeEvents(known, answer.value.events, mostShown), next: answer.value.nextBeforeSeq };
    });
  };
  useEffect(() => {
    const stop = new AbortController();
    void load(undefined, stop.signal);
    return () => stop.abort();
    // `load` is made anew with each drawing; `of` names whose events they are.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [of]);
  const events = mergeEvents(past.of === of ? past.events : [], live.filter(isMine), mostShown);
  return (
    <>
      {past.say !== undefined && <p className="notice warn">{past.say}</p>}
      {events.length === 0 && past.say === undefined && <p className="quiet-text">Nothing yet.</p>}
      <ol className="event-list">
        {events.map((event) => (
          <EventItem key={event.seq} event={event} nowMs={nowMs} withSubject={withSubject} />
        ))}
      </ol>
      {older && past.next !== undefined && events.length < mostShown && (
        <button type="button" className="button" onClick={() => void load(past.next)}>
          Older
        </button>
      )}
    </>
  );
}

function EventItem({
  event,
  nowMs,
  withSubject,
}: {
  event: EventRow;
  nowMs: number;
  withSubject: boolean;
}): JSX.Element {
  const subject = event.deviceId ?? event.gatewayId ?? 'head-end';
  return (
    <li>
      <Time atMs={event.atMs} nowMs={nowMs} />
      <Mark shape={eventShape(event)} title={words(event.kind)} />
      {withSubject && (
        <span className="subject">
          {event.id === undefined ? subject : <a href={formatRoute({ page: 'device', id: event.id })}>{subject}</a>}
        </span>
      )}
      <span className="said">
        {event.say}
        {event.late && (
          <span className="badge plain" title="It came as history, when the line was back">
            came late
          </span>
        )}
      </span>
    </li>
  );
}
