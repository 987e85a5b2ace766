import { useMemo, useState } from 'react';
import type { JSX } from 'react';
import type uPlot from 'uplot';
import type { LoadDurationResponse, LoadEnergyResponse, LoadProfileResponse } from '../../../src/api/load-contract.ts';
import { axisText, spread } from '../device/plot-options.ts';
import type { LoadKind } from '../frame/route.ts';
import { Mark } from '../design/marks.tsx';
import { useConsole, useQuery } from '../live/console-context.tsx';
import { fixed, quantityText } from '../words/quantity.ts';
import { AgeingFigure } from './ageing-figure.tsx';
import { measureOf } from './fullness.ts';
import type { Measure } from './fullness.ts';
import { axis, colour, limit, line, PlotFrame } from './plot-frame.tsx';

const heightPx = 220;

type Props = {
  kind: LoadKind;
  id: string;
  fromS: number;
  toS: number;
  element: LoadProfileResponse['element'];
  timeZone: string;
};

/** How its days usually go, for how long it is how full, how a transformer aged, and the energy by months. */
export function ShapePanel({ kind, id, fromS, toS, element, timeZone }: Props): JSX.Element {
  const measure = useMemo(() => measureOf(element), [element]);
  const { network } = useConsole();
  const key = `${kind} ${id} ${fromS} ${toS}`;
  const profile = useQuery(`profile ${key}`, (signal) => network.loadProfile(kind, id, { fromS, toS }, signal));
  const duration = useQuery(`duration ${key}`, (signal) => network.loadDuration(kind, id, { fromS, toS }, signal));
  const energy = useQuery(`energy ${kind} ${id} ${toS}`, (signal) => network.loadEnergy(kind, id, signal));
  const say = profile.say ?? duration.say ?? energy.say;
  return (
    <>
      {say !== undefined && <p className="notice warn">{say}</p>}
      <section className="shapes">
        {profile.value !== undefined && profile.value.groups.length > 0 && (
          <UsualDay profile={profile.value} measure={measure} />
        )}
        {duration.value !== undefined && duration.value.knownHours > 0 && (
          <Duration duration={duration.value} measure={measure} />
        )}
        {kind === 'transformer' && <AgeingFigure id={id} fromS={fromS} toS={toS} timeZone={timeZone} />}
        {energy.value !== undefined && energy.value.months.length > 0 && <Energy energy={energy.value} />}
      </section>
    </>
  );
}

type Group = LoadProfileResponse['groups'][number];
const nameOf = ({ season, dayType }: Group): string => `${season}, ${dayType}`;

function UsualDay({ profile: { groups }, measure }: { profile: LoadProfileResponse; measure: Measure }): JSX.Element {
  const [chosen, setChosen] = useState('');
  const most = groups.toSorted((one, other) => other.days - one.days)[0];
  const group = groups.find((each) => nameOf(each) === chosen) ?? most;
  const { unit } = measure;
  const data = useMemo((): uPlot.AlignedData => {
    const { mean, p10, p90 } = (unit === 'W' ? group?.activeW : group?.amps) ?? { mean: [], p10: [], p90: [] };
    return [mean.map((_, hour) => hour), [...p10], [...p90], [...mean]];
  }, [group, unit]);
  const options = useMemo(() => usualDayOptions(unit), [unit]);
  return (
    <figure className="panel plot" data-testid="usual-day">
      <figcaption>
        Usual day{' '}
        <select
          className="input small"
          aria-label="Season and type of day"
          value={group === undefined ? '' : nameOf(group)}
          onChange={({ target }) => setChosen(target.value)}
        >
          {groups.map((each) => (
            <option key={nameOf(each)} value={nameOf(each)}>
              {`${nameOf(each)} (${each.days} ${each.days === 1 ? 'day' : 'days'})`}
            </option>
          ))}
        </select>
      </figcaption>
      <PlotFrame height={heightPx} data={data} options={options} />
      <p className="quiet-text small">Mean of the days as line; eight in ten lie within the band.</p>
    </figure>
  );
}

function usualDayOptions(unit: 'W' | 'A'): Omit<uPlot.Options, 'width' | 'height'> {
  const value = (_: uPlot, raw: number | null): string => (raw === null ? 'not known' : quantityText(raw, unit));
  const edge: uPlot.Series = { stroke: 'transparent', width: 0, points: { show: false } };
  return {
    ...common(unit),
    axes: [
      {
        ...axis,
        incrs: [3, 6, 12],
        space: 30,
        size: 26,
        values: (_plot, splits) => splits.map((hour) => `${String(hour).padStart(2, '0')}`),
      },
      valueAxis(unit),
    ],
    series: [
      {
        label: 'hour',
        value: (_, hour: number | null) => (hour === null ? '' : `${String(hour).padStart(2, '0')}:00`),
      },
      { ...edge, label: 'P10', value },
      { ...edge, label: 'P90', value },
      { ...line, label: 'mean', value },
    ],
    bands: [{ series: [2, 1], fill: () => colour('--plot-band') }],
  };
}

function Duration({ duration, measure }: { duration: LoadDurationResponse; measure: Measure }): JSX.Element {
  const { unit, rated } = measure;
  const data = useMemo((): uPlot.AlignedData => {
    const curve = [...(unit === 'W' ? duration.activeW : duration.amps)];
    const shares = [...duration.sharePct];
    return rated === undefined ? [shares, curve] : [shares, curve, shares.map(() => rated)];
  }, [duration, unit, rated]);
  const options = useMemo(() => durationOptions(unit, rated !== undefined), [unit, rated]);
  const unknown = duration.unknownHours === 0 ? '' : `; of ${fixed(duration.unknownHours, 0)} more nothing is known`;
  return (
    <figure className="panel plot" data-testid="duration">
      <figcaption>Load duration</figcaption>
      <PlotFrame height={heightPx} data={data} options={options} />
      <p className="quiet-text small">
        {`For which share of the time a load is reached or exceeded, of ${fixed(duration.knownHours, 0)} hours${unknown}.`}
      </p>
    </figure>
  );
}

function durationOptions(unit: 'W' | 'A', hasRating: boolean): Omit<uPlot.Options, 'width' | 'height'> {
  const value = (_: uPlot, raw: number | null): string => (raw === null ? '' : quantityText(raw, unit));
  return {
    ...common(unit),
    axes: [
      { ...axis, space: 50, size: 26, values: (_plot, splits) => splits.map((share) => `${share} %`) },
      valueAxis(unit),
    ],
    series: [
      { label: 'of the time', value: (_, share: number | null) => (share === null ? '' : `${share} %`) },
      { ...line, label: 'load', value },
      ...(hasRating ? [{ ...limit, label: 'rating', value }] : []),
    ],
  };
}

const common = (unit: 'W' | 'A'): Pick<uPlot.Options, 'padding' | 'cursor' | 'legend' | 'scales'> => ({
  padding: [11, 16, 0, 0],
  cursor: { y: false, points: { size: 7 } },
  legend: { live: true, markers: { show: false } },
  scales: { x: { time: false }, y: { range: (_, low, high) => spread(low, high, unit === 'W' ? 1_000 : 1) } },
});

const valueAxis = (unit: 'W' | 'A'): uPlot.Axis => ({
  ...axis,
  size: 64,
  space: 30,
  values: (_plot, splits) => splits.map((split) => axisText(split, splits, unit)),
});

function Energy({ energy: { months, countedShare = 0, ...total } }: { energy: LoadEnergyResponse }): JSX.Element {
  const { importWh, exportWh, sinceDay } = total;
  // The sum of nobody is not 0.
  if (countedShare === 0)
    return (
      <figure className="panel" data-testid="energy">
        <figcaption>Energy</figcaption>
        <p className="quiet-text small">
          Not known: none of its customers is counted or estimated. Their load is filled in by the like of them.
        </p>
      </figure>
    );
  const fedBack = months.some((month) => month.exportWh > 0);
  return (
    <figure className="panel" data-testid="energy">
      <figcaption>
        Energy{' '}
        <span className="quiet-text">
          {quantityText(importWh, 'Wh')}
          {fedBack && `, and ${quantityText(exportWh, 'Wh')} back`} since {sinceDay}
        </span>
      </figcaption>
      {countedShare < 1 && (
        <p className="small">
          <Mark shape="warn">{`Of ${shareOrLess(countedShare)} of its customers’ hours: who is missing is not in it.`}</Mark>
        </p>
      )}
      <table className="ledger">
        <thead>
          <tr>
            <th>Month</th>
            <th className="right">Days</th>
            <th className="right">Taken</th>
            {fedBack && <th className="right">Fed back</th>}
          </tr>
        </thead>
        <tbody>
          {months.toReversed().map(({ month, days, importWh: taken, exportWh: back }) => (
            <tr key={month}>
              <td>{month}</td>
              <td className="right">{days}</td>
              <td className="right">{quantityText(taken, 'Wh')}</td>
              {fedBack && <td className="right">{quantityText(back, 'Wh')}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}

/** 99.97 % must not be told as all of it. */
const shareOrLess = (share: number): string => `${(Math.floor(1_000 * share) / 10).toFixed(1)}\u00a0%`;
