import { isIP } from 'node:net';
import { join } from 'node:path';
import { enrolmentShape, fieldRoutes } from '@tiepoint/protocol/field';
import type { Enrolment } from '@tiepoint/protocol/field';
import { ask } from './commission/head-end-client.ts';
import { configurationName, finishEnrolment, folderState, keepPending, pendingFor } from './enroll-files.ts';
import { textOf } from './field-command.ts';
import type { ExitCode, FieldInput } from './field-command.ts';
import type { Terminal } from './terminal.ts';

/**
 * Enrols: looks first whether the files can be written, then spends the token, keeps the answer on disk before anything else, and makes the
 * files of it. Broken off after that, the same command goes on without asking the head-end again.
 */
export async function runEnroll({ values, positionals }: FieldInput, terminal: Terminal): Promise<ExitCode> {
  const url = textOf(values, 'url') ?? positionals[0];
  const token = textOf(values, 'token') ?? positionals[1] ?? process.env['TIEPOINT_TOKEN'];
  const folder = textOf(values, 'dir') ?? '/etc/tiepoint';
  const refuse = (say: string): ExitCode => {
    terminal.complain(say);
    return 2;
  };
  if (url === undefined || token === undefined || token === '')
    return refuse('enroll: --url URL and --token TOKEN are needed. The operator of the head-end issues the token.');
  const wrongUrl = urlTrouble(url);
  if (wrongUrl !== undefined) return refuse(wrongUrl);
  const state = folderState(folder);
  if (!state.ok) return refuse(state.say);
  let enrolment: Enrolment | undefined = pendingFor(folder, token);
  if (enrolment === undefined) {
    if (state.isEnrolled && values['replace'] !== true)
      return refuse(
        `${join(folder, configurationName)}: this gateway has an identity already, and nothing was changed. --replace puts a new one in its place and keeps the old files aside.`,
      );
    if (isPlain(url))
      terminal.complain(
        `${url} is not encrypted: who listens on the way reads token and password. Use https but for a trial.`,
      );
    const answer = await ask(url, fieldRoutes.enrolments, enrolmentShape, { body: bodyOf(values, token) });
    if (!answer.ok) {
      terminal.complain(explained(answer));
      return 1;
    }
    enrolment = answer.value;
    // The token is spent: from here on what it gave must not be lost.
    const kept = keepPending(folder, token, enrolment);
    if (kept !== undefined) {
      terminal.complain(kept);
      return 1;
    }
  } else terminal.complain('Going on with an enrolment that was broken off; the head-end is not asked again.');
  const written = finishEnrolment(folder, url, enrolment, Date.now());
  if (!written.ok) {
    terminal.complain(written.say);
    return 1;
  }
  tell(terminal, enrolment, { folder, files: written.files, trouble: written.trouble });
  return 0;
}

function bodyOf(values: FieldInput['values'], token: string): object {
  const name = textOf(values, 'name');
  const dataDir = textOf(values, 'data-dir');
  return { token, ...(name === undefined ? {} : { name }), ...(dataDir === undefined ? {} : { dataDir }) };
}

function urlTrouble(url: string): string | undefined {
  if (!URL.canParse(url)) return `--url: '${url}' is no address such as https://headend.example`;
  const { protocol } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? undefined : `--url: ${protocol} is not spoken; https is`;
}

function isPlain(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const isHere = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  return protocol === 'http:' && !isHere;
}

function explained(answer: {
  readonly reason: 'offline' | 'refused';
  readonly status?: number;
  readonly say: string;
}): string {
  if (answer.reason === 'offline')
    return `${answer.say}\nNothing was written. Run the same command again; if the head-end then says that the token is spent, its answer was lost on the way: ask for a new token.`;
  if (answer.status === 403)
    return `${answer.say}\nNothing was written. A token is good once and for a limited time: ask the operator of the head-end for a new one.`;
  return `${answer.say}\nNothing was written.`;
}

function tell(
  terminal: Terminal,
  { gatewayId, mqttUrl, site, open }: Enrolment,
  { folder, files, trouble }: { folder: string; files: readonly string[]; trouble: string | undefined },
): void {
  const file = join(folder, configurationName);
  if (terminal.json) {
    terminal.print(
      JSON.stringify({
        gatewayId,
        site,
        mqttUrl,
        configuration: file,
        files,
        open,
        ...(trouble === undefined ? {} : { trouble }),
      }),
    );
    return;
  }
  terminal.print(`This is now ${gatewayId} of site ${site.title} (${site.id}).`);
  for (const each of files) terminal.print(`  ${each}`);
  if (open.length > 0) {
    terminal.print('To be filled in on site:');
    for (const each of open) terminal.print(`  ${each}`);
  }
  if (trouble !== undefined) terminal.complain(`The configuration is not sound yet:\n${trouble}`);
  terminal.print(`Next: tiepoint-agent commission --config ${file}`);
}
