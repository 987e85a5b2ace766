import type { CustomerKind } from '@tiepoint/headend/network/model/network.ts';
import { buildings } from '../network/buildings.ts';
import { demonstrationNetwork } from '../network/demonstration-network.ts';
import type { Asking } from './first-sign-in.ts';

/** A customer of commerce, industry or the public, without a meter of ours. */
type Uncounted = { readonly point: string; readonly kind: CustomerKind | undefined; readonly kw: number };

const days = 40;
const hourMs = 3_600_000;
/** Days. */
const estimatedAtOnce = 4;
const isoMinute = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 16)}Z`;
/** Those who send a file; one of them sends Green Button. Of the others a year is known alone. */
const sendFiles = 12;
/** Who never closes: hospital, data centre, cold store and their like, by a profile of the utility's own. */
const roundTheClock = 'round-the-clock';
const neverClosing = /Hospital|Data Centre|Cold Store|Water Works|Sewage|Telephone|Nursing/;

export function uncountedCustomers(): readonly Uncounted[] {
  const { usagePoints, customers } = demonstrationNetwork();
  const kw = new Map(buildings.map((each) => [each.name, each.kw]));
  return [...usagePoints.values()].flatMap(({ id, name, meter, customer }) =>
    meter === undefined
      ? [{ point: id, name, kind: customers.get(customer ?? '')?.customerKind, kw: kw.get(name) ?? 50 }]
      : [],
  );
}

/** How full it is at an hour of UTC, from 0 to 1: the town is in its own time, and nobody looks at it in another. */
function fullness({ point, kind }: Uncounted, atMs: number): number {
  const at = new Date(atMs);
  const hour = at.getUTCHours();
  const isFree = at.getUTCDay() % 6 === 0;
  const [from, to, night] = kind === 'industrial' ? [6, 22, 0.4] : kind === 'public' ? [7, 17, 0.3] : [8, 20, 0.25];
  const isOpen = hour >= from && hour < to;
  const usual = isOpen ? (isFree && kind !== 'commercial' ? night + 0.1 : 0.95) : night;
  return Math.min(1, usual * (0.93 + 0.07 * Math.sin(atMs / hourMs + point.length * 7 + Number(point.slice(-2)))));
}

const hoursUntil = (endMs: number): readonly number[] =>
  Array.from({ length: days * 24 }, (_, hour) => endMs - (days * 24 - hour) * hourMs);

export function csvOf(customers: readonly Uncounted[], endMs: number): string {
  const lines = customers.flatMap((each) =>
    hoursUntil(endMs).map((atMs) => {
      const kwh = each.kw * fullness(each, atMs);
      return `${each.point},${isoMinute(atMs)},60,${kwh.toFixed(2)},${(kwh * 0.33).toFixed(2)}`;
    }),
  );
  return ['meter,start,minutes,import_kwh,reactive_kvarh', ...lines].join('\n');
}

/** As utilities hand it out: ESPI, in one block of hours. */
export function greenButtonOf(customer: Uncounted, endMs: number): string {
  const hours = hoursUntil(endMs);
  const [first = 0] = hours;
  const point = '/espi/1_1/resource/RetailCustomer/1/UsagePoint/1';
  const espi = 'xmlns="http://naesb.org/espi"';
  const readings = hours.map(
    (atMs) =>
      `<IntervalReading><timePeriod><duration>3600</duration><start>${atMs / 1_000}</start></timePeriod><value>${Math.round(customer.kw * 1_000 * fullness(customer, atMs))}</value></IntervalReading>`,
  );
  return `<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<entry><link rel="self" href="${point}"/><link rel="related" href="${point}/MeterReading"/><content><UsagePoint ${espi}><ServiceCategory><kind>0</kind></ServiceCategory></UsagePoint></content></entry>
<entry><link rel="self" href="/espi/ReadingType/1"/><content><ReadingType ${espi}><accumulationBehaviour>4</accumulationBehaviour><flowDirection>1</flowDirection><powerOfTenMultiplier>0</powerOfTenMultiplier><uom>72</uom></ReadingType></content></entry>
<entry><link rel="self" href="${point}/MeterReading/1"/><link rel="up" href="${point}/MeterReading"/><link rel="related" href="${point}/MeterReading/1/IntervalBlock"/><link rel="related" href="/espi/ReadingType/1"/><content><MeterReading ${espi}/></content></entry>
<entry><link rel="self" href="${point}/MeterReading/1/IntervalBlock/1"/><link rel="up" href="${point}/MeterReading/1/IntervalBlock"/><content><IntervalBlock ${espi}><interval><duration>${hours.length * 3_600}</duration><start>${first / 1_000}</start></interval>
${readings.join('\n')}</IntervalBlock></content></entry>
</feed>`;
}

function annualOf(customers: readonly Uncounted[]): string {
  const names = new Map([...demonstrationNetwork().usagePoints.values()].map(({ id, name }) => [id, name]));
  const lines = customers.map(({ point, kind = 'commercial', kw }) => {
    const isAlwaysOpen = neverClosing.test(names.get(point) ?? '');
    // Hours of the year at the peak that would take as much.
    const fullHours = isAlwaysOpen ? 6_500 : kind === 'industrial' ? 4_800 : 3_400;
    return `${point},${kw * fullHours},${isAlwaysOpen ? roundTheClock : kind}`;
  });
  return ['meter,annual_kwh,profile', ...lines].join('\n');
}

const profileText = [
  'profile,hour,weekday,saturday,sunday',
  ...Array.from({ length: 24 }, (_, hour) => {
    const isDay = hour >= 7 && hour < 20;
    return `${roundTheClock},${hour},${isDay ? 100 : 78},${isDay ? 92 : 76},${isDay ? 90 : 76}`;
  }),
].join('\n');

/**
 * The customers of the town whom no meter of ours counts, as a utility has them: files of some, Green Button of one, and of the others what they take a
 * year with the profile that they follow. Resolves to what there is to say.
 */
export async function tellUncounted(
  ask: Asking['ask'],
  nowMs: number,
  stopped: () => boolean = () => false,
): Promise<string> {
  const endMs = nowMs - (nowMs % (24 * hourMs));
  const since = new Date(endMs - days * 24 * hourMs).toISOString().slice(0, 10);
  const [first, ...others] = uncountedCustomers();
  if (first === undefined) return '';
  const send = async (method: string, path: string, type: string, body: string): Promise<string | undefined> => {
    const answer = await ask(`/api/intervals/${path}`, { method, body, headers: { 'content-type': type } });
    return answer.ok ? undefined : `What is known of customers without a meter is not taken: ${await answer.text()}`;
  };
  const told = others.slice(sendFiles);
  const estimate = async (): Promise<string | undefined> => {
    // The newest first, for somebody is looking; in parts, for each takes its time.
    for (let toMs = endMs; !stopped() && toMs > endMs - days * 24 * hourMs; toMs -= estimatedAtOnce * 24 * hourMs) {
      const span = { from: isoMinute(toMs - estimatedAtOnce * 24 * hourMs), to: isoMinute(toMs) };
      const body = JSON.stringify({ ...span, meters: told.map(({ point }) => point) });
      const said = await send('POST', 'estimates', 'application/json', body);
      if (said !== undefined) return said;
    }
    await ask('/api/load/runs', { method: 'POST' });
    return undefined;
  };
  const failure =
    (await send('PUT', 'profiles?file=profiles.csv', 'text/csv', profileText)) ??
    (await send('PUT', `annual?file=annual.csv&since=${since}`, 'text/csv', annualOf(told))) ??
    (await send('POST', 'imports?file=customers.csv', 'text/csv', csvOf(others.slice(0, sendFiles), endMs))) ??
    (await send(
      'POST',
      `imports?file=green-button.xml&meter=${first.point}`,
      'application/atom+xml',
      greenButtonOf(first, endMs),
    )) ??
    (await estimate());
  return (
    failure ?? `${sendFiles + 1} customers without a meter come from files, ${told.length} by what they take a year.`
  );
}
