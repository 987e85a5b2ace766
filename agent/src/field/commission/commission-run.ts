import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import type { OrderedDevice } from '@tiepoint/protocol/field';
import { ConfigurationError, readConfiguration } from '../../io/configuration.ts';
import type { AgentSettings } from '../../io/configuration.ts';
import manifest from '../../../package.json' with { type: 'json' };
import { listOf, textOf } from '../field-command.ts';
import type { ExitCode, FieldInput, FieldValues } from '../field-command.ts';
import { paint } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { readAnswers } from './answers-file.ts';
import type { Answers } from './answers-file.ts';
import { checkList, itemsNamed, leftBehind } from './check-list.ts';
import { HeadEndClient } from './head-end-client.ts';
import { HostedGateway } from './hosted-gateway.ts';
import { askHeader } from './header-questions.ts';
import { fiveMinutesMs } from './line-items.ts';
import { readOrdered } from './ordered-file.ts';
import { keepPhotograph } from './photographs.ts';
import { commissioningFolder, newProgress, progressPath, readProgress, writeProgress } from './progress-file.ts';
import type { Progress } from './progress-file.ts';
import { answersOf, personAt } from './questioner.ts';
import { readReport, reportPaths, sendReport } from './report-output.ts';
import { Session, sitePlan } from './session.ts';
import { readEnrolment } from '../../io/keys/enrolment-file.ts';
import { readIdentity } from '../../io/keys/gateway-identity.ts';
import type { Written } from './session.ts';
import { makeFolder } from '../../io/disk/folder.ts';

type Opened = {
  readonly config: string;
  readonly settings: AgentSettings;
  readonly configurationHash: string;
  readonly folder: string;
  readonly output: string;
  readonly answers: Answers | undefined;
  readonly orderedHere: readonly OrderedDevice[] | undefined;
  readonly headEnd: HeadEndClient | undefined;
  readonly cadenceMs: number;
  readonly isEmulated: boolean;
};

/** Opens what the options name, hosts the gateway, and goes through the list. */
export async function runCommission({ values }: FieldInput, terminal: Terminal): Promise<ExitCode> {
  const opened = open(values);
  if (!opened.ok) {
    terminal.complain(opened.say);
    return 2;
  }
  const { settings, configurationHash, folder } = opened;
  if (values['send'] === true) return await sendLast(opened, terminal);
  if (values['list'] === true) return list(opened, terminal);
  const redo = itemsNamed(sitePlan(settings).plan, listOf(values, 'redo'));
  if (!redo.ok) {
    terminal.complain(redo.say);
    return 2;
  }
  if (opened.answers === undefined && !terminal.interactive) {
    terminal.complain(
      'commission: needs a person at a terminal who answers (over ssh: `ssh -t`), or --answers FILE. Nothing was done.',
    );
    return 2;
  }
  for (const photo of listOf(values, 'photo')) {
    const say = keepPhotograph(join(folder, 'photographs'), photo);
    if (say !== undefined) {
      terminal.complain(say);
      return 2;
    }
  }
  makeFolder(folder, 0o700);
  // Of this run only, so that it stays small.
  const log = pino(
    { level: 'info' },
    pino.destination({ dest: join(folder, 'gateway.log'), append: false, sync: true }),
  );
  const gateway = new HostedGateway(settings, { firmware: manifest.version, configurationHash, log });
  try {
    await gateway.start();
  } catch (error) {
    await gateway.stop().catch(() => undefined);
    terminal.complain(cannotStart(settings, error));
    return 1;
  }
  try {
    const progress = beginning(opened, values['fresh'] === true, terminal);
    return progress === undefined ? 2 : await atTheSite(opened, { gateway, progress, redo: redo.value }, terminal);
  } finally {
    await gateway.stop();
  }
}

function cannotStart({ gateway: { dataDir } }: AgentSettings, error: unknown): string {
  const say = error instanceof Error ? error.message : String(error);
  return /locked|busy/i.test(say)
    ? `${dataDir}: is in use: the agent's service runs, or another commissioning. Stop it first (\`systemctl stop tiepoint-agent\`), and start it again afterwards.`
    : say;
}

async function atTheSite(
  opened: Opened,
  { gateway, progress, redo }: { gateway: HostedGateway; progress: Progress; redo: readonly string[] },
  terminal: Terminal,
): Promise<ExitCode> {
  const { answers, headEnd, settings, configurationHash, folder, cadenceMs, output, isEmulated, config } = opened;
  const assignment = await headEnd?.assignment();
  if (assignment?.ok === false) terminal.complain(`${assignment.say} Items that need the head-end are left open.`);
  if (headEnd === undefined)
    terminal.complain('No head-end is known here (enrol, or give --url): items that need it are left open.');
  const assigned = assignment?.ok === true ? assignment.value : undefined;
  const ordered = opened.orderedHere ?? assigned?.devices.map((each) => each.ordered) ?? [];
  const ask = answers === undefined ? personAt(terminal) : answersOf(answers);
  const session = new Session(
    {
      settings,
      configurationHash,
      firmware: manifest.version,
      site: gateway,
      headEnd: assignment?.ok === false && assignment.reason === 'refused' ? undefined : headEnd,
      ordered,
      ask,
      answers,
      terminal,
      folder,
      cadenceMs,
      isEmulated,
    },
    progress,
  );
  const header = await askHeader(progress, { answers, site: assigned?.site, terminal });
  if (header === undefined) return 130;
  session.keep(header);
  session.show();
  const isDone = (await session.work(redo)) && (await session.review());
  if (!isDone) {
    const how = terminal.signal.aborted ? 'Interrupted' : 'Ended';
    terminal.complain(`${how}. The same command goes on from here.`);
    return 130;
  }
  return await concluded(session, session.write(output), { headEnd, terminal, folder, config });
}

async function concluded(
  session: Session,
  written: Written,
  {
    headEnd,
    terminal,
    folder,
    config,
  }: { headEnd: HeadEndClient | undefined; terminal: Terminal; folder: string; config: string },
): Promise<ExitCode> {
  const { report, paths } = written;
  session.keep({ unsentReportId: report.id });
  const isPassed = report.verdict === 'passed' || report.verdict === 'passed-with-reservations';
  if (!terminal.json) {
    terminal.print(`\nVerdict: ${paint(terminal, isPassed ? 'green' : 'red', report.verdict.replaceAll('-', ' '))}`);
    for (const { id, deviceId, title, outcome } of report.items)
      if (outcome === 'failed')
        terminal.print(
          `  ${[deviceId, title].filter(Boolean).join(': ')} failed. When it is mended: \`tiepoint-agent commission --config ${config} --redo ${id}\``,
        );
    for (const each of report.reservations) terminal.print(`  ${each}`);
    terminal.print(`Report:\n  ${paths.html}\n  ${paths.json}`);
  }
  const sent =
    headEnd === undefined
      ? undefined
      : await sendReport(headEnd, written, { signal: terminal.signal, progress: (text) => terminal.progress(text) });
  if (sent?.ok === true || sent?.reason === 'refused') {
    const { unsentReportId: _sent, ...rest } = session.progress;
    // Refused means understood and not wanted: sending the same again would be refused again.
    writeProgress(progressPath(folder), rest);
  }
  if (terminal.json) {
    const { id, verdict, reservations } = report;
    const answer =
      sent === undefined ? { sent: false } : sent.ok ? { sent: true, ...sent.value } : { sent: false, say: sent.say };
    terminal.print(JSON.stringify({ reportId: id, verdict, reservations, ...paths, headEnd: answer }));
  } else {
    terminal.print(sentWords(sent, config));
    terminal.print(
      `Next: start the gateway, which did not run meanwhile. As a service: \`systemctl start tiepoint-agent\`; by hand: \`tiepoint-agent --config ${config}\``,
    );
  }
  return isPassed ? 0 : 1;
}

function sentWords(sent: Awaited<ReturnType<typeof sendReport>> | undefined, config: string): string {
  const later = `Send it later with \`tiepoint-agent commission --config ${config} --send\`.`;
  if (sent === undefined) return `It was not sent: no head-end is known here. ${later}`;
  if (sent.ok) return `Head-end: ${sent.value.say} The site is ${sent.value.siteState.replaceAll('-', ' ')}.`;
  return sent.reason === 'refused' ? `The head-end refused it: ${sent.say}` : `It was not sent: ${sent.say} ${later}`;
}

async function sendLast({ folder, output, headEnd, config }: Opened, terminal: Terminal): Promise<ExitCode> {
  const kept = readProgress(progressPath(folder));
  const reportId = kept.ok ? kept.progress?.unsentReportId : undefined;
  if (!kept.ok || kept.progress === undefined || reportId === undefined || headEnd === undefined) {
    terminal.complain(
      !kept.ok
        ? kept.say
        : headEnd === undefined
          ? 'No head-end is known here: give --url'
          : 'No report waits to be sent.',
    );
    return kept.ok && headEnd !== undefined ? 0 : 2;
  }
  const report = readReport(reportPaths(output, reportId));
  if (!report.ok) {
    terminal.complain(`${report.say} Was it written with another --output?`);
    return 2;
  }
  const sent = await sendReport(headEnd, report, {
    signal: terminal.signal,
    progress: (text) => terminal.progress(text),
  });
  if (sent.ok || sent.reason === 'refused') {
    const { unsentReportId: _sent, ...rest } = kept.progress;
    writeProgress(progressPath(folder), rest);
  }
  terminal.print(
    terminal.json
      ? JSON.stringify(sent.ok ? { sent: true, ...sent.value } : { sent: false, say: sent.say })
      : sentWords(sent, config),
  );
  return sent.ok ? 0 : 1;
}

function list({ settings, configurationHash, folder }: Opened, terminal: Terminal): ExitCode {
  const kept = readProgress(progressPath(folder));
  if (!kept.ok) {
    terminal.complain(kept.say);
    return 2;
  }
  const progress = kept.progress ?? newProgress(configurationHash, Date.now());
  const { plan } = sitePlan(settings);
  if (terminal.json)
    terminal.print(JSON.stringify({ items: plan.map((item) => ({ ...item, result: progress.results[item.id] })) }));
  else terminal.print(checkList(terminal, plan, progress));
  for (const say of leftBehind(progress)) terminal.complain(say);
  return 0;
}

/** What was done before, where it was done with this very configuration; else a new beginning, and the old one kept aside. */
function beginning({ folder, configurationHash }: Opened, isFresh: boolean, terminal: Terminal): Progress | undefined {
  const path = progressPath(folder);
  const kept = readProgress(path);
  if (!kept.ok && !isFresh) {
    terminal.complain(kept.say);
    return undefined;
  }
  const progress = kept.ok ? kept.progress : undefined;
  if (progress !== undefined && !isFresh && progress.configurationHash === configurationHash) {
    const count = Object.keys(progress.results).length;
    if (!terminal.json)
      terminal.print(
        `Going on with the commissioning of ${new Date(progress.startedAtMs).toISOString().slice(0, 16).replace('T', ' ')} UTC: ${count} items are done.`,
      );
    return progress;
  }
  if (existsSync(path)) {
    const aside = join(folder, `progress-${Date.now()}.json`);
    renameSync(path, aside);
    if (!isFresh)
      terminal.complain(
        `The configuration changed since: what was tested before holds no longer, and all begins anew. It is kept in ${aside}.`,
      );
  }
  // What an earlier test moved is still where it left it.
  return { ...newProgress(configurationHash, Date.now()), found: progress?.found ?? {} };
}

function open(values: FieldValues): ({ readonly ok: true } & Opened) | { readonly ok: false; readonly say: string } {
  const no = (say: string): { readonly ok: false; readonly say: string } => ({ ok: false, say });
  const config = textOf(values, 'config');
  if (config === undefined) return no('commission: --config FILE is missing');
  let read: ReturnType<typeof readConfiguration>;
  try {
    read = readConfiguration(config);
  } catch (error) {
    if (error instanceof ConfigurationError) return no(error.message);
    throw error;
  }
  const cadenceS = Number(textOf(values, 'cadence-seconds') ?? fiveMinutesMs / 1000);
  if (!(cadenceS >= 5 && cadenceS <= 3_600)) return no('--cadence-seconds: give 5 to 3600');
  const answersPath = textOf(values, 'answers');
  const answers = answersPath === undefined ? undefined : readAnswers(answersPath);
  if (answers?.ok === false) return no(answers.errors.join('\n'));
  const orderedPath = textOf(values, 'ordered');
  const ordered = orderedPath === undefined ? undefined : readOrdered(orderedPath);
  if (ordered?.ok === false) return no(ordered.errors.join('\n'));
  const { settings, hash } = read;
  const folder = commissioningFolder(settings.gateway.dataDir);
  const url = textOf(values, 'url') ?? readEnrolment(settings.identity)?.url;
  if (url !== undefined && !URL.canParse(url))
    return no(`--url: '${url}' is no address such as https://headend.example`);
  const identity = readIdentity(settings.identity, settings.gateway.id);
  if (!identity.ok) return no(identity.say);
  return {
    ok: true,
    config,
    settings,
    configurationHash: hash,
    folder,
    output: textOf(values, 'output') ?? folder,
    answers: answers?.answers,
    orderedHere: ordered?.devices,
    headEnd: url === undefined ? undefined : new HeadEndClient(url, identity.identity.tls),
    cadenceMs: cadenceS * 1000,
    isEmulated: values['emulated'] === true,
  };
}
