import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { readCustomerYears } from '@tiepoint/headend/mdw/files/customer-years.ts';
import { readProfiles } from '@tiepoint/headend/mdw/files/profile-table.ts';
import { readIntervalFile } from '@tiepoint/headend/mdw/files/read-interval-file.ts';
import { mutatedBytes, mutatedText, oddWords } from './mutate.ts';
import type { Target } from './targets.ts';

const csv = `Meter Number;Start;Minutes;kWh;Export kWh;kvarh;Voltage;Quality
A;2026-03-31 00:00;15;1.25;0;0.5;240.1;
A;2026-03-31 00:15;15;.5;;;;Estimated
B;2026-03-08T02:30Z;60;0;3;;;
B;2026-03-31T01:00+02:00;60;1;;;;
`;
const profile = `profile,hour,weekday,saturday,sunday\n${Array.from({ length: 24 }, (_, hour) => `own,${hour},1.5,2,0`).join('\n')}`;
const years = 'meter,annual_kwh,profile\nA,9500,residential\nB,120000.5,commercial\n';
const point = '/espi/1_1/resource/RetailCustomer/9/UsagePoint/1';
const espi = 'xmlns="http://naesb.org/espi"';
const greenButton = `<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<entry><link rel="self" href="${point}"/><link rel="related" href="${point}/MeterReading"/><content><UsagePoint ${espi}><ServiceCategory><kind>0</kind></ServiceCategory></UsagePoint></content></entry>
<entry><link rel="self" href="/l"/><content><LocalTimeParameters ${espi}><tzOffset>-28800</tzOffset></LocalTimeParameters></content></entry>
<entry><link rel="self" href="/espi/ReadingType/1"/><content><ReadingType ${espi}><accumulationBehaviour>4</accumulationBehaviour><flowDirection>1</flowDirection><powerOfTenMultiplier>0</powerOfTenMultiplier><uom>72</uom></ReadingType></content></entry>
<entry><link rel="self" href="${point}/MeterReading/1"/><link rel="up" href="${point}/MeterReading"/><link rel="related" href="${point}/MeterReading/1/IntervalBlock"/><link rel="related" href="/espi/ReadingType/1"/><content><MeterReading ${espi}/></content></entry>
<entry><link rel="self" href="${point}/MeterReading/1/IntervalBlock/1"/><link rel="up" href="${point}/MeterReading/1/IntervalBlock"/><content><IntervalBlock ${espi}><interval><duration>86400</duration><start>1774940400</start></interval>
<IntervalReading><ReadingQuality><quality>8</quality></ReadingQuality><timePeriod><duration>900</duration><start>1774940400</start></timePeriod><value>250</value></IntervalReading>
<IntervalReading><timePeriod><duration>900</duration><start>1774941300</start></timePeriod><value>251</value></IntervalReading></IntervalBlock></content></entry>
</feed>`;
const words = [
  ...oddWords,
  ';',
  ',',
  '"',
  '<value>',
  '</content>',
  '<!DOCTYPE x [<!ENTITY a "b">]>',
  '&a;',
  '<![CDATA[',
  '2026-02-30 25:61',
  '-1e999',
];

export const meterFiles = { intervals: csv, profile, years, greenButton } as const;

/** Files of what meters counted. */
export async function meterTargets(folder: string): Promise<readonly Target[]> {
  const path = join(folder, 'intervals.parquet');
  const parquet = await sampleParquet(path);
  return [
    {
      name: 'parquet',
      perMille: 0.2,
      take: async (random) => {
        writeFileSync(path, mutatedBytes(random, [parquet]));
        await readIntervalFile('file', { parquet: path }, { timeZone: 'UTC' });
      },
    },
    {
      name: 'interval files',
      perMille: 2,
      take: async (random) => {
        const isLocal = random.next() < 0.5 ? { isLocalAsUtc: true } : {};
        const reading = { timeZone: 'America/Los_Angeles', ...(random.next() < 0.5 ? { meter: 'A' } : {}), ...isLocal };
        await readIntervalFile('file', mutatedText(random, [csv, greenButton], words), reading);
        readCustomerYears('years.csv', mutatedText(random, [years], words), ['residential', 'commercial']);
        readProfiles('profiles.csv', mutatedText(random, [profile], words));
      },
    },
  ];
}

async function sampleParquet(path: string): Promise<Uint8Array> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT 'M-' || hour AS meter, 1774940400 + 3600 * hour AS start_s, 3600 AS length_s, hour AS import_wh, 'file' AS source FROM range(48) t(hour))
     TO '${path}' (FORMAT parquet, COMPRESSION zstd)`,
  );
  connection.closeSync();
  instance.closeSync();
  return readFileSync(path);
}
