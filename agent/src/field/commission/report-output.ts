import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commissioningReportShape } from '@tiepoint/protocol/field';
import type { CommissioningReport, ReportAnswer } from '@tiepoint/protocol/field';
import type { Answered } from '../../io/head-end-question.ts';
import type { HeadEndClient } from './head-end-client.ts';
import { pause } from './item-context.ts';
import { writeWhole } from '../../io/disk/whole-file.ts';

export type ReportPaths = { readonly html: string; readonly json: string };

export function reportPaths(folder: string, reportId: string): ReportPaths {
  return { html: join(folder, `report-${reportId}.html`), json: join(folder, `report-${reportId}.json`) };
}

/** Throws where the folder cannot be written. */
export function writeReport(paths: ReportPaths, report: CommissioningReport, html: string): void {
  writeWhole(paths.html, html, 0o644);
  writeWhole(paths.json, `${JSON.stringify(report, undefined, 2)}\n`, 0o644);
}

/** A report that was written before, to be sent again. */
export function readReport(
  paths: ReportPaths,
):
  | { readonly ok: true; readonly report: CommissioningReport; readonly html: string }
  | { readonly ok: false; readonly say: string } {
  try {
    const read = commissioningReportShape(JSON.parse(readFileSync(paths.json, 'utf8')), '');
    return read.ok
      ? { ok: true, report: read.value, html: readFileSync(paths.html, 'utf8') }
      : { ok: false, say: `${paths.json}: ${read.say}` };
  } catch (error) {
    return {
      ok: false,
      say: `${paths.json}: cannot be read (${error instanceof Error ? error.message : String(error)})`,
    };
  }
}

const pausesMs = [0, 2_000, 5_000, 10_000] as const;

/** Tries a few times; a head-end that says no is not asked again. What could not be sent stays on disk for the next run. */
export async function sendReport(
  headEnd: Pick<HeadEndClient, 'send'>,
  { report, html }: { readonly report: CommissioningReport; readonly html: string },
  { signal, progress }: { signal: AbortSignal; progress: (text: string | undefined) => void },
): Promise<Answered<ReportAnswer>> {
  let answer: Answered<ReportAnswer> = { ok: false, reason: 'offline', say: 'not sent' };
  for (const [i, pauseMs] of pausesMs.entries()) {
    progress(`sending the report, try ${i + 1} of ${pausesMs.length}`);
    await pause(pauseMs, signal);
    if (signal.aborted) break;
    answer = await headEnd.send(report, html);
    if (answer.ok || answer.reason === 'refused') break;
  }
  progress(undefined);
  return answer;
}
