import { readCsvIntervals } from './csv-intervals.ts';
import { readGreenButton } from './green-button.ts';
import type { FileReading, IntervalFileRead } from './interval-file.ts';

/** By what it begins with, for endings differ: XML is Green Button, anything else CSV. */
export function readIntervalFile(file: string, text: string, reading: FileReading): IntervalFileRead {
  const isXml = text
    .replace(/^\uFEFF/, '')
    .trimStart()
    .startsWith('<');
  return isXml ? readGreenButton(file, text, reading) : readCsvIntervals(file, text, reading);
}
