import type { Terminal } from '../terminal.ts';
import type { PointNames } from './point-names.ts';
import { TraceFile } from './trace-file.ts';
import type { TraceFileSettings } from './trace-file.ts';
import { linesOf } from './trace-lines.ts';
import type { TraceRecord } from './trace-record.ts';

export type SinkSettings = {
  /** Nothing to the terminal but the summary. */
  readonly quiet: boolean;
  readonly file?: TraceFileSettings;
};

/** Where the records of a trace go: the terminal, a file, or both; and the sums that are told at the end. */
export class TraceSink {
  readonly counts = { requests: 0, replies: 0, noise: 0, crcBad: 0, exceptions: 0, marked: 0 };
  readonly #terminal: Terminal;
  readonly #settings: SinkSettings;
  readonly #names: PointNames;
  readonly #file: TraceFile | undefined;
  readonly #fileIsJson: boolean;
  #failure: string | undefined;

  constructor(terminal: Terminal, settings: SinkSettings, names: PointNames) {
    this.#terminal = terminal;
    this.#settings = settings;
    this.#names = names;
    this.#file = settings.file === undefined ? undefined : new TraceFile(settings.file);
    this.#fileIsJson = terminal.json || /\.jsonl?$/i.test(settings.file?.path ?? '');
  }

  /** Why the file cannot be written; the trace goes on without it. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Throws what the disk throws. */
  open(): void {
    this.#file?.open();
  }

  take(record: TraceRecord): void {
    const { text, json } = linesOf(record, this.#names);
    if ('hex' in json) this.#count(json);
    if (!this.#settings.quiet)
      this.#terminal.print(this.#terminal.json ? JSON.stringify(json) : text(this.#terminal, false), 'as-is');
    if (this.#file === undefined || this.#failure !== undefined) return;
    try {
      this.#file.write(this.#fileIsJson ? JSON.stringify(json) : text({ colour: false }, true));
    } catch (error) {
      this.#failure = `${this.#settings.file?.path}: ${error instanceof Error ? error.message : String(error)}`;
      this.#terminal.complain(`${this.#failure}; nothing more is written there`);
    }
  }

  close(): void {
    this.#file?.close();
  }

  summary(): string {
    const { requests, replies, noise, exceptions, marked } = this.counts;
    return `${requests} requests, ${replies} replies (${exceptions} exception${exceptions === 1 ? '' : 's'}), ${noise} pieces that are no frame, ${marked} marked`;
  }

  #count({ role, crc, mark }: { role: string; crc?: string; mark?: string }): void {
    if (role === 'request') this.counts.requests++;
    else if (role === 'noise') this.counts.noise++;
    else this.counts.replies++;
    if (role === 'exception') this.counts.exceptions++;
    if (role !== 'noise' && crc === 'bad') this.counts.crcBad++;
    if (mark !== undefined && role !== 'noise') this.counts.marked++;
  }
}
