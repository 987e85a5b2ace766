import { completenessOf, findGaps } from '../completeness-requests.ts';
import { editIntervals, listEdits, replacedIntervals, takeBackEdit } from '../edit-requests.ts';
import { customerYears, tellCustomerYears } from '../customer-year-request.ts';
import { estimateIntervals } from '../estimate-requests.ts';
import { expectedPowers } from '../expectation-request.ts';
import { findMeters, importRows, knownMeters } from '../import-requests.ts';
import { forgetProfile, listProfiles, tellProfiles } from '../profile-requests.ts';
import {
  checkAllFiles,
  copyFiles,
  landIntervals,
  landRegisters,
  meterIntervals,
  numberMeters,
  settleDays,
} from '../requests.ts';
import { retentionTold, setRetention } from '../retention-requests.ts';
import { exportDays, forgetDays, importDays, warehouseStatus, writeDownload } from '../transfer-requests.ts';
import type { WorkerSettings } from '../worker-message.ts';
import { completenessAsked } from './completeness.ts';
import { copyEverything } from './copying.ts';
import { editsAsked, makeEdit, takeEditBack } from './editing.ts';
import { estimate } from './estimation.ts';
import { forgetTold, keepProfiles, profilesOf } from './customer-profiles.ts';
import { keepYears, yearsOf } from './customer-years.ts';
import { expectation } from './expectation.ts';
import type { FilesChecked } from './file-check.ts';
import { gapsAsked } from './gaps.ts';
import { importNew, knownOf, namesLike } from './importing.ts';
import { keepFor, retentionAsked } from './kept-days.ts';
import type { KeptDays } from './kept-days.ts';
import type { Landing } from './landing.ts';
import type { Meters } from './meters.ts';
import { answers } from './module.ts';
import type { RequestHandler } from './module.ts';
import { exportTo, importFrom } from './parquet-days.ts';
import { downloadOf } from './parquet-download.ts';
import { intervalsOfMeter, replacedOfMeter } from './reading.ts';
import { keepRegisters } from './registers.ts';
import { forgetOldDays } from './retention.ts';
import type { Sessions } from './sessions.ts';
import { statusOf } from './status.ts';
import type { Settler } from './settler.ts';

export type OwnParts = {
  readonly sessions: Sessions;
  readonly settings: Pick<WorkerSettings, 'folder' | 'timeZone'>;
  readonly kept: KeptDays;
  readonly meters: Meters;
  readonly landing: Landing;
  readonly settler: Settler;
  readonly check: (maxBytes: number, notSinceS: number) => Promise<FilesChecked>;
  readonly nowMs: () => number;
};

/** What this room itself answers. */
export function ownRequests({
  sessions,
  settings,
  kept,
  meters,
  landing,
  settler,
  check,
  nowMs,
}: OwnParts): readonly RequestHandler[] {
  const { folder, timeZone } = settings;
  return [
    answers(numberMeters, async (entries) => await meters.number(entries)),
    answers(landIntervals, async (columns) => await landing.land(columns)),
    answers(landRegisters, async (rows) => await sessions.write(async (session) => await keepRegisters(session, rows))),
    answers(meterIntervals, async (asked) => await intervalsOfMeter(sessions, asked)),
    answers(settleDays, async ({ days }) => await settler.settle(days)),
    answers(estimateIntervals, async (asked, { progress }) => {
      const made = await estimate(sessions, timeZone, asked, { nowMs: nowMs(), onProgress: progress });
      settler.landed();
      return made;
    }),
    answers(importRows, async (asked) => {
      const imported = await importNew(sessions, asked, nowMs());
      if (imported.landed > 0 && asked.look !== true) settler.landed();
      return imported;
    }),
    answers(knownMeters, async ({ names }) => await knownOf(sessions, names)),
    answers(findMeters, async (asked) => await namesLike(sessions, asked)),
    answers(exportDays, async (asked, { progress }) => await exportTo(sessions, asked, progress)),
    answers(writeDownload, async (asked) => await downloadOf(sessions, folder, asked)),
    answers(importDays, async (asked, { progress }) => {
      const imported = await importFrom({ sessions, meters, nowMs }, asked, progress);
      if (imported.landed > 0) settler.landed();
      return imported;
    }),
    answers(warehouseStatus, async () => await statusOf(sessions, kept.days, nowMs())),
    answers(forgetDays, async () => await forgetOldDays(sessions, folder, kept.days, nowMs())),
    answers(retentionTold, async ({ keepDays }) => await retentionAsked({ sessions, folder, kept, nowMs }, keepDays)),
    answers(setRetention, async (asked) => await keepFor({ sessions, folder, kept, nowMs }, asked)),
    answers(tellCustomerYears, async (asked) => await keepYears(sessions, meters, asked, nowMs())),
    answers(customerYears, async (asked) => await yearsOf(sessions, asked)),
    answers(listProfiles, async () => await sessions.read(profilesOf)),
    answers(tellProfiles, async ({ profiles }) => await keepProfiles(sessions, profiles)),
    answers(forgetProfile, async ({ name }) => await forgetTold(sessions, name)),
    answers(expectedPowers, async (asked) => await expectation(sessions, timeZone, asked)),
    answers(findGaps, async (asked) => await gapsAsked(sessions, asked, nowMs())),
    answers(completenessOf, async (asked) => await completenessAsked(sessions, asked, nowMs())),
    answers(replacedIntervals, async (asked) => await replacedOfMeter(sessions, asked)),
    answers(editIntervals, async (asked) => await makeEdit(sessions, asked)),
    answers(takeBackEdit, async (asked) => await takeEditBack(sessions, asked)),
    answers(listEdits, async (asked) => await editsAsked(sessions, asked)),
    answers(checkAllFiles, async () => await check(Infinity, Math.floor(nowMs() / 1_000) + 1)),
    answers(copyFiles, async ({ folder: to }) => await copyEverything(sessions, folder, to)),
  ];
}
