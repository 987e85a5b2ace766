import type { JSX } from 'react';
import { useConsole } from '../live/console-context.tsx';
import { EventList } from './event-list.tsx';

/** What happened in the whole fleet, newest first. */
export function EventsPage(): JSX.Element {
  const { api } = useConsole();
  return (
    <main className="page">
      <header className="page-header">
        <h1>Events</h1>
        <p className="quiet-text">What devices told and what the head-end noticed, newest first.</p>
      </header>
      <section className="panel">
        <EventList of="fleet" ask={(page, signal) => api.events(page, signal)} isMine={() => true} withSubject />
      </section>
    </main>
  );
}
