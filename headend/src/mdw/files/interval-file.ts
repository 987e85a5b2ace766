import { intervalLengthsS } from '@tiepoint/protocol';
import type { Finding } from '../../network/model/finding.ts';
import type { IntervalRow } from '../interval-row.ts';

/** One interval of a file. `meter`: the meter's name as the file, or who imports it, has it; `line` is where it stands, of Parquet the row. */
export type FileInterval = Pick<
  IntervalRow,
  'startS' | 'lengthS' | 'importWh' | 'exportWh' | 'reactiveVarh' | 'voltageV'
> & {
  readonly meter: string;
  readonly line: number;
  /** When it was read, where the file tells. */
  readonly readS?: number;
  /** The file itself says that it was estimated. */
  readonly isEstimate?: true;
};

export type IntervalFileRead = {
  readonly intervals: readonly FileInterval[];
  readonly findings: readonly Finding[];
};

/** What the reader has to be told, for files do not say it. */
export type FileReading = {
  /** Of times that have no offset. */
  readonly timeZone: string;
  /** Whose values they are, where the file names no meter. */
  readonly meter?: string;
  /** Of Green Button: what is written as UTC is local time, as some utilities do. */
  readonly isLocalAsUtc?: boolean;
};

export const isIntervalLength = (seconds: number): boolean => intervalLengthsS.some((each) => each === seconds);
export const lengthWords = intervalLengthsS.map((seconds) => seconds / 60).join(', ');

export type Teller = (line: number, say: string, severity?: Finding['severity']) => void;
/** Says it of a line of a file. */
export function findingsOf(file: string): { readonly tell: Teller; readonly findings: Finding[] } {
  const findings: Finding[] = [];
  const tell: Teller = (line, say, severity = 'error') =>
    void findings.push({ severity, code: 'intervals', say, place: { file, line } });
  return { tell, findings };
}
