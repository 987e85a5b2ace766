import { useEffect, useMemo, useRef, useState } from 'react';
import type { JSX } from 'react';
import uPlot from 'uplot';
import type { DeviceDetail, FleetRow, HistoryPoint, HistoryResponse } from '../../../src/api/contract.ts';
import { useConsole, useLink, useNow, useQuery } from '../live/console-context.tsx';
import { pointTitle } from '../words/labels.ts';
import { quantityText } from '../words/quantity.ts';
import { keepSample, plotData } from './plot-data.ts';
import type { Sample } from './plot-data.ts';
import { plotOptions } from './plot-options.ts';

const ranges = [
  { label: '10 min', spanMs: 600_000, renewMs: 30_000 },
  { label: '2 h', spanMs: 7_200_000, renewMs: 60_000 },
  { label: '24 h', spanMs: 86_400_000, renewMs: 120_000 },
  { label: '7 d', spanMs: 604_800_000, renewMs: 600_000 },
] as const;
type Range = (typeof ranges)[number];

const plotted = [
  { point: 'activePowerW', unit: 'W' },
  { point: 'voltageV', unit: 'V' },
  { point: 'frequencyHz', unit: 'Hz' },
  { point: 'currentA', unit: 'A' },
] as const satisfies readonly { point: HistoryPoint; unit: string }[];
type Plotted = (typeof plotted)[number]['point'];

/** Power, voltage, frequency and current, from history and live. A gap is a gap; rolled-up times show their lowest and highest. */
export function Plots({ row, line }: { row: FleetRow; line: DeviceDetail['line'] | undefined }): JSX.Element {
  const { api, store } = useConsole();
  const [range, setRange] = useState<Range>(ranges[0]);
  const nowMs = useNow();
  const linked = useLink().state === 'up';
  const turn = Math.floor(nowMs / range.renewMs);
  const history = useQuery(
    `${row.id} ${range.label} ${turn}`,
    (signal) => {
      const toMs = store.now(performance.now()) ?? Date.now();
      return api.history(
        row.id,
        { fromMs: toMs - range.spanMs, toMs, points: plotted.map(({ point }) => point) },
        signal,
      );
    },
    `${row.id} ${range.label}`,
  );
  const samples = useSamples(row.id);
  const gapMs = 2.5 * Math.max(line?.expectedEveryMs ?? 4_000, 4_000);
  return (
    <section className="panel plots" aria-labelledby="plots-title">
      <header>
        <h2 id="plots-title">Trends</h2>
        <fieldset className="segments">
          <legend className="visually-hidden">Time shown</legend>
          {ranges.map((one) => (
            <button key={one.label} type="button" aria-pressed={one === range} onClick={() => setRange(one)}>
              {one.label}
            </button>
          ))}
        </fieldset>
      </header>
      {history.say !== undefined && linked && <p className="notice warn">History: {history.say}</p>}
      {plotted.map(({ point, unit }) => (
        <Plot
          key={point}
          {...{ point, unit, gapMs }}
          history={history.value}
          samples={samples[point]}
          nowMs={nowMs}
          spanMs={range.spanMs}
        />
      ))}
      <p className="quiet-text small plot-note">
        {history.value !== undefined && history.value.resolution !== 'raw'
          ? `Mean of each ${history.value.resolution.replace('-', ' ')} as line, lowest to highest as band.`
          : 'Single measurements.'}{' '}
        Nothing is drawn where nothing was heard.
        {history.value?.truncated === true && ' More was recorded than is shown: take a shorter time.'}
      </p>
    </section>
  );
}

type Samples = Readonly<Record<Plotted, readonly Sample[]>>;
const none: Samples = { activePowerW: [], voltageV: [], frequencyHz: [], currentA: [] };

/** What came since this page was opened. */
function useSamples(id: string): Samples {
  const { store } = useConsole();
  const [samples, setSamples] = useState(() => grown(none, store.row(id)));
  useEffect(() => store.subscribeRow(id, () => setSamples((before) => grown(before, store.row(id)))), [store, id]);
  return samples;
}

function grown(before: Samples, row: FleetRow | undefined): Samples {
  const measuredAtMs = row?.measuredAtMs;
  if (row === undefined || measuredAtMs === undefined || row.stale) return before;
  const added = (point: Plotted): readonly Sample[] =>
    keepSample(before[point], { timeMs: measuredAtMs, value: row[point] });
  return {
    activePowerW: added('activePowerW'),
    voltageV: added('voltageV'),
    frequencyHz: added('frequencyHz'),
    currentA: added('currentA'),
  };
}

type PlotProps = {
  point: Plotted;
  unit: string;
  history: HistoryResponse | undefined;
  samples: readonly Sample[];
  gapMs: number;
  nowMs: number;
  spanMs: number;
};

function Plot({ point, unit, history, samples, gapMs, nowMs, spanMs }: PlotProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const data = useMemo(() => plotData(history, point, samples, gapMs), [history, point, samples, gapMs]);
  useEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    const made = new uPlot(plotOptions(element.clientWidth, unit), [[], [], [], []], element);
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: made.height }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [unit]);
  useEffect(() => {
    plot.current?.setData([...data], false);
  }, [data]);
  useEffect(() => {
    plot.current?.setScale('x', { min: (nowMs - spanMs) / 1000, max: nowMs / 1000 });
  }, [data, nowMs, spanMs]);
  const known = data[3].filter((value) => value !== null);
  const say =
    known.length === 0
      ? 'nothing known'
      : `from ${quantityText(Math.min(...known), unit)} to ${quantityText(Math.max(...known), unit)}`;
  return (
    <figure className={history === undefined || history.resolution === 'raw' ? 'plot raw' : 'plot'}>
      <figcaption>
        {pointTitle(point)} <span className="quiet-text">{say}</span>
      </figcaption>
      <div ref={host} className="plot-frame" />
    </figure>
  );
}
