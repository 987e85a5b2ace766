import { useState } from 'react';
import type { JSX } from 'react';
import { query } from '../live/asking.ts';
import { timesFrom } from './day-span.ts';

/** All intervals of a local day, as a file of Parquet. */
export function DayDownload({ lastDay }: { lastDay: string }): JSX.Element {
  const [day, setDay] = useState(lastDay);
  return (
    <section className="panel" aria-labelledby="download-title">
      <h2 id="download-title">Intervals of a day</h2>
      <div className="tools">
        <label>
          <span className="visually-hidden">Day</span>
          <input
            className="input"
            type="date"
            value={day}
            data-testid="download-day"
            onChange={({ target }) => setDay(target.value === '' ? lastDay : target.value)}
          />
        </label>
        <a
          className="button quiet"
          href={`/api/exports/intervals.parquet?${query(timesFrom(day, 1))}`}
          data-testid="download-intervals"
          download
        >
          Download as Parquet
        </a>
      </div>
    </section>
  );
}
