import { readCsvIntervals } from './csv-intervals.ts';
import { readGreenButton } from './green-button.ts';
import type { FileReading, IntervalFileRead } from './interval-file.ts';
import { readParquetIntervals } from './parquet-intervals.ts';

/** What is in the file, or, of Parquet, where it is. */
export type FileContent = string | { readonly parquet: string };

/** Text by what it begins with, for endings differ: XML is Green Button, anything else CSV. */
export async function readIntervalFile(
  file: string,
  content: FileContent,
  reading: FileReading,
): Promise<IntervalFileRead> {
  if (typeof content !== 'string') return await readParquetIntervals(file, content.parquet);
  const isXml = content
    .replace(/^\uFEFF/, '')
    .trimStart()
    .startsWith('<');
  return isXml ? readGreenButton(file, content, reading) : readCsvIntervals(file, content, reading);
}
