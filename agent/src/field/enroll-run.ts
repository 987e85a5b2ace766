import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Enrolment } from '@tiepoint/protocol/field';
import { askIdentity, isPending } from '../io/keys/identity-folder.ts';
import { configurationName, finishEnrolment, folderState, identityName } from './enroll-files.ts';
import { textOf } from './field-command.ts';
import type { ExitCode, FieldInput } from './field-command.ts';
import type { Terminal } from './terminal.ts';

/**
 * Enrols: looks first whether the files can be written, makes a key, makes sure that the head-end is the one of the token, then spends the
 * token, keeps the answer on disk before anything else, and makes the files of it. Broken off after that, the same command goes on
 * without asking the head-end again.
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
  const identity = join(folder, identityName);
  if (state.isEnrolled && values['replace'] !== true && !isPending(identity, token))
    return refuse(
      `${folder}: this gateway has an identity or a configuration already (${[configurationName, identityName].filter((name) => existsSync(join(folder, name))).join(', ')}), and nothing was changed. --replace puts a new one in its place and keeps the old files aside.`,
    );
  terminal.progress(`asking ${url}, a minute at most`);
  const answer = await askIdentity(identity, url, token, namesOf(values));
  terminal.progress(undefined);
  if (!answer.ok) {
    terminal.complain(explained(answer));
    return 1;
  }
  if (answer.wentOn === true)
    terminal.complain('Going on with an enrolment that was broken off; the head-end is not asked again.');
  const written = finishEnrolment(folder, url, answer.value, Date.now());
  if (!written.ok) {
    terminal.complain(written.say);
    return 1;
  }
  tell(terminal, answer.value, { folder, files: written.files, trouble: written.trouble });
  return 0;
}

function namesOf(values: FieldInput['values']): { name?: string; dataDir?: string } {
  const name = textOf(values, 'name');
  const dataDir = textOf(values, 'data-dir');
  return { ...(name === undefined ? {} : { name }), ...(dataDir === undefined ? {} : { dataDir }) };
}

function urlTrouble(url: string): string | undefined {
  const known = URL.canParse(url) ? new URL(url) : undefined;
  if (known === undefined || known.hostname === '')
    return `--url: '${url}' is no address such as https://headend.example:8444`;
  return known.protocol === 'https:' ? undefined : `--url: ${known.protocol} is not spoken; https is`;
}

function explained(answer: {
  readonly reason: 'offline' | 'refused';
  readonly say: string;
  readonly unasked?: boolean;
}): string {
  if (answer.unasked === true)
    return `${answer.say}\nThe head-end was told nothing: the token is as good as it was, and nothing was written.`;
  if (answer.reason === 'offline')
    return `${answer.say}\nNothing was written. Run the same command again; if the head-end then says that the token is spent, its answer was lost on the way: ask for a new token.`;
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
  const where = site === undefined ? ', of no site yet' : ` of site ${site.title} (${site.id})`;
  terminal.print(`This is now ${gatewayId}${where}.`);
  for (const each of files) terminal.print(`  ${each}`);
  if (open.length > 0) {
    terminal.print('To be filled in on site:');
    for (const each of open) terminal.print(`  ${each}`);
  }
  if (trouble !== undefined) {
    terminal.complain(
      `The configuration is not sound yet:\n${trouble}\nMend it in the file; what stands in the order, too, at the head-end (page Sites), for commissioning holds one against the other.`,
    );
    terminal.print(`Next: tiepoint-agent --config ${file} --check`);
    return;
  }
  terminal.print(`Next: tiepoint-agent commission --config ${file}`);
}
