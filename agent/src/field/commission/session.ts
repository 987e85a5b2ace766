import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Profile } from '@tiepoint/hardware-profiles';
import type { CommissioningReport, OrderedDevice, ReportDevice } from '@tiepoint/protocol/field';
import { profileOf } from '../../io/configuration.ts';
import type { AgentSettings } from '../../io/configuration.ts';
import { paint } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import type { Answers } from './answers-file.ts';
import { checkList, itemsToDo, leftBehind, markOf } from './check-list.ts';
import { composeReport, reportDevice, resultOf, standingResult } from './compose-report.ts';
import type { HeadEndClient } from './head-end-client.ts';
import type { SiteAccess } from './hosted-gateway.ts';
import type { ItemContext } from './item-context.ts';
import type { Judgement } from './judgement.ts';
import { plain, skipped } from './judgement.ts';
import { keptPhotographs } from './photographs.ts';
import { planItems } from './plan.ts';
import { pointWords } from './point-words.ts';
import type { PlannedItem } from './plan.ts';
import { progressPath, writeProgress } from './progress-file.ts';
import type { Progress } from './progress-file.ts';
import type { Questioner } from './questioner.ts';
import { reportPage } from './report-page.ts';
import { reportPaths, writeReport } from './report-output.ts';
import type { ReportPaths } from './report-output.ts';
import { runItem } from './run-item.ts';

export type SessionDeps = {
  readonly settings: AgentSettings;
  readonly configurationHash: string;
  readonly firmware: string;
  readonly site: SiteAccess;
  readonly headEnd: HeadEndClient | undefined;
  readonly ordered: readonly OrderedDevice[];
  readonly ask: Questioner;
  /** Absent where a person answers. */
  readonly answers: Answers | undefined;
  readonly terminal: Terminal;
  /** Where state, photographs and, by default, reports lie. */
  readonly folder: string;
  readonly cadenceMs: number;
  readonly isEmulated: boolean;
};

export type Written = { readonly report: CommissioningReport; readonly html: string; readonly paths: ReportPaths };

/** The check list of a configuration, with the profiles of its devices. */
export function sitePlan(settings: AgentSettings): {
  readonly plan: readonly PlannedItem[];
  readonly profiles: ReadonlyMap<string, Profile>;
} {
  const known = settings.devices.flatMap((device) => {
    const profile = profileOf(settings, device.profile);
    return profile === undefined ? [] : [{ ...device, profile }];
  });
  return {
    plan: planItems(known, { readOnly: settings.gateway.readOnly }),
    profiles: new Map(known.map(({ id, profile }) => [id, profile])),
  };
}

/** One sitting at a check list: it begins with what an earlier one left, and every result is on disk before the next item begins. */
export class Session {
  readonly #deps: SessionDeps;
  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly plan: readonly PlannedItem[];
  #progress: Progress;

  constructor(deps: SessionDeps, progress: Progress) {
    this.#deps = deps;
    const { plan, profiles } = sitePlan(deps.settings);
    this.#profiles = profiles;
    this.plan = plan;
    this.#progress = progress;
  }

  get progress(): Progress {
    return this.#progress;
  }

  /** On disk before it returns. */
  keep(change: Partial<Progress>): void {
    this.#progress = { ...this.#progress, ...change };
    writeProgress(progressPath(this.#deps.folder), this.#progress);
  }

  show(): void {
    const { terminal } = this.#deps;
    if (!terminal.json) terminal.print(checkList(terminal, this.plan, this.#progress));
    for (const say of leftBehind(this.#progress)) terminal.complain(say);
  }

  /** Goes through the list. False: interrupted, to be continued. */
  async work(redo: readonly string[]): Promise<boolean> {
    const { answers, terminal } = this.#deps;
    const todo = itemsToDo(this.plan, this.#progress, { redo, alsoFailed: answers !== undefined });
    if (answers === undefined && todo.length > 0)
      terminal.print(
        'Any question takes `skip REASON`, which leaves its item out, and `quit`: the same command goes on later.',
      );
    for (const item of todo) {
      if (!(await this.#settled(item))) return false;
      if (terminal.signal.aborted) return false;
    }
    return true;
  }

  /** A person may do items again until satisfied. False: interrupted. */
  async review(): Promise<boolean> {
    const { terminal, answers } = this.#deps;
    if (answers !== undefined) return true;
    for (;;) {
      this.show();
      const asked = await terminal.ask(
        'Number of an item to do again, Enter: write the report, quit: go on another time?',
      );
      if (asked === undefined || asked === 'quit') return false;
      if (asked === '') return true;
      const item = this.plan[Number(asked) - 1];
      if (item === undefined) terminal.complain(`there is no item '${asked}'`);
      else if (!(await this.#settled(item))) return false;
    }
  }

  /** Report and page, written. Throws where the folder cannot be written. */
  write(output: string): Written {
    const { settings, configurationHash, firmware, folder } = this.#deps;
    const photographs = keptPhotographs(join(folder, 'photographs'));
    const report = composeReport(this.#progress, this.plan, {
      id: randomUUID(),
      gateway: { id: settings.gateway.id, firmware, readOnly: settings.gateway.readOnly, configurationHash },
      devices: this.#reportDevices(),
      photographs,
      isEmulated: this.#deps.isEmulated,
      nowMs: Date.now(),
    });
    const html = reportPage(report, photographs);
    const paths = reportPaths(output, report.id);
    writeReport(paths, report, html);
    return { report, html, paths };
  }

  #reportDevices(): readonly ReportDevice[] {
    return this.#deps.settings.devices.flatMap((device) => {
      const profile = this.#profiles.get(device.id);
      if (profile === undefined) return [];
      const model = this.#deps.site.model(device.id);
      // What was told once stays told, though the device may be silent now.
      const kept = this.#progress.devices[device.id];
      return [model === undefined && kept !== undefined ? kept : reportDevice(device, profile, model)];
    });
  }

  /** Does one item to its end; false where it was interrupted. */
  async #settled(item: PlannedItem): Promise<boolean> {
    const { terminal } = this.#deps;
    for (;;) {
      if (!terminal.json)
        terminal.print(`\n${paint(terminal, 'bold', [item.deviceId, item.title].filter(Boolean).join(': '))}`);
      const isDone = await this.#once(item);
      if (!isDone) return false;
      const result = this.#progress.results[item.id];
      if (result?.outcome !== 'failed' || this.#deps.answers !== undefined) return true;
      const next = await terminal.ask('  repeat, or Enter: leave it failed and go on (a reason may be typed)?');
      if (next === undefined || next === 'quit') return false;
      if (/^r(epeat)?$/i.test(next)) continue;
      const reason = next.replace(/^skip\s*/i, '');
      if (reason !== '') this.#keepResult(item, skipped(reason), { atMs: Date.now(), tookMs: 0 });
      return true;
    }
  }

  async #once(item: PlannedItem): Promise<boolean> {
    const { terminal, answers, ask } = this.#deps;
    const atMs = Date.now();
    const beganMs = performance.now();
    const why = answers?.skip[item.id];
    this.keep({ underWay: item.id });
    const judged = why === undefined ? await this.#judged(item) : skipped(why);
    terminal.progress(undefined);
    if (judged.outcome === 'interrupted') {
      const stands =
        this.#progress.results[item.id] === undefined ? 'it is to be done again' : 'what it came to before stands';
      if (!terminal.json) terminal.print(paint(terminal, 'yellow', `  interrupted: ${stands}`));
      this.#tellLeftBehind(item);
      return false;
    }
    const tookMs = performance.now() - beganMs;
    const acceptance = judged.outcome === 'differs' ? await ask.acceptance(item, judged.say) : undefined;
    this.#keepResult(item, judged, { atMs, tookMs, acceptance });
    return true;
  }

  /** A mistake of this program ends its item, and not the whole list with what was measured so far. */
  async #judged(item: PlannedItem): Promise<Judgement> {
    try {
      return await runItem(this.#context(item), this.#profiles.get(item.deviceId ?? ''));
    } catch (error) {
      return {
        outcome: 'failed',
        say: `This item ended by a mistake of this program, and tells nothing of the device: please report it (${String(error)}).`,
        measured: [],
      };
    }
  }

  #keepResult(
    item: PlannedItem,
    judged: Judgement,
    at: { atMs: number; tookMs: number; acceptance?: string | undefined },
  ): void {
    const { terminal, site, settings } = this.#deps;
    const { outcome } = judged;
    if (outcome === 'interrupted') return;
    const before = this.#progress.results[item.id];
    const result = standingResult(
      before,
      resultOf(item, { ...judged, outcome }, { ...at, attempts: (before?.attempts ?? 0) + 1 }),
    );
    // Of what went wrong nobody knows where it ended: done again, it begins by bringing the device back.
    const isOpen = result.outcome === 'failed' || result.outcome === 'skipped';
    const { [item.id]: _done, ...others } = this.#progress.found;
    const found = isOpen ? this.#progress.found : others;
    const { underWay: _underWay, ...rest } = this.#progress;
    const device = settings.devices.find(({ id }) => id === item.deviceId);
    const profile = this.#profiles.get(item.deviceId ?? '');
    const model = device && site.model(device.id);
    const devices =
      device === undefined || profile === undefined || model === undefined
        ? rest.devices
        : { ...rest.devices, [device.id]: reportDevice(device, profile, model) };
    this.#progress = { ...rest, found, devices, results: { ...rest.results, [item.id]: result } };
    this.keep({});
    this.#tellLeftBehind(item);
    if (terminal.json) return;
    const { word, how } = markOf(result, false);
    if (result.outcome === 'failed' && result.reason !== undefined) {
      const say = `It stays failed until it passes (${result.reason}). Mend it and do it again, now or later: --redo ${item.id}`;
      terminal.print(`  ${paint(terminal, how, word)}  ${say}`);
      return;
    }
    terminal.print(`  ${paint(terminal, how, word)}  ${result.say}`);
    for (const { point, value, word: told, unit, expected, met } of result.measured) {
      if (met !== 'no' && met !== 'unknown') continue;
      const seen = value === undefined ? (told ?? 'unknown') : `${plain(value)} ${unit ?? ''}`.trim();
      terminal.print(`    ${pointWords(point)}: ${seen}, expected ${expected ?? 'otherwise'}`);
    }
  }

  #tellLeftBehind({ id }: PlannedItem): void {
    const state = this.#progress.found[id];
    if (state === undefined) return;
    for (const say of leftBehind({ found: { [id]: state } })) this.#deps.terminal.complain(say);
  }

  #context(item: PlannedItem): ItemContext {
    const { site, headEnd, ask, settings, ordered, cadenceMs, terminal } = this.#deps;
    return {
      item,
      site,
      headEnd,
      ask,
      technician: this.#progress.technician?.name ?? 'unknown',
      accuracyPct: this.#progress.instrument?.accuracyPct ?? 1,
      devices: settings.devices,
      ordered: (deviceId) => ordered.find((each) => each.deviceId === deviceId),
      found: {
        get: () => this.#progress.found[item.id],
        set: (state) => {
          const { [item.id]: _before, ...others } = this.#progress.found;
          this.keep({ found: state === undefined ? others : { ...others, [item.id]: state } });
        },
      },
      cadenceMs,
      progress: (text) => terminal.progress(text),
      signal: terminal.signal,
    };
  }
}
