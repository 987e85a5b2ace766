import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { runField } from './field.ts';
import { columns, openTerminal, paint, wrapped } from './terminal.ts';
import type { Streams } from './terminal.ts';

function streams({ environment = {}, tty = false }: { environment?: Record<string, string>; tty?: boolean } = {}) {
  const written = { out: '', err: '' };
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  stdout.on('data', (chunk: Buffer) => (written.out += String(chunk)));
  stderr.on('data', (chunk: Buffer) => (written.err += String(chunk)));
  for (const each of [stdin, stdout, stderr]) Object.assign(each, { isTTY: tty });
  return { written, stdin, streams: { stdin, stdout, stderr, environment } as unknown as Streams };
}

const never = new AbortController().signal;

test.each([
  { args: ['help'], code: 0, out: /scan/ },
  { args: [], code: 0, out: /scan/ },
  { args: ['help', 'scan'], code: 0, out: /--baud LIST/ },
  { args: ['help', 'scam'], code: 2, err: /Did you mean scan\?/ },
  { args: ['help', 'completion'], code: 0, out: /completion for bash, zsh or fish.*source </s },
  { args: ['completion'], code: 2, err: /which shell.*source </ },
  // Its longest option leaves room for the words beside the others.
  { args: ['help', 'read'], code: 0, out: /\n  --as uint16\S+\n {20,}raw: how.*\n  --json {2,30}results/s },
  { args: ['xyzzy'], code: 2, err: /no command 'xyzzy'\. `/ },
  { args: ['toString'], code: 2, err: /no command/ },
  { args: ['scan', '--prot', 'x'], code: 2, err: /Did you mean --port/ },
  { args: ['scan', '--port'], code: 2, err: /scan: .*port/ },
  { args: ['version'], code: 0, out: /^1\.2\.3\n$/ },
])('$args', async ({ args, code, out = /^$/, err = /^$/ }) => {
  const { written, streams: given } = streams();
  expect(await runField(args, { version: '1.2.3', streams: given, signal: never })).toBe(code);
  expect(written.out).toMatch(out);
  expect(written.err).toMatch(err);
});

test.each(['bash', 'zsh', 'fish'])('completion for %s names every command and its options', async (shell) => {
  const { written, streams: given } = streams();
  await runField(['completion', shell], { version: '', streams: given, signal: never });
  for (const name of ['ports', 'scan', 'identify', 'read', 'write', 'profile']) expect(written.out).toContain(name);
  expect(written.out).toContain('stop-bits');
  expect(written.out).toContain('even');
});

test('completion knows profiles, and the devices of the configuration that is typed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tiepoint-completion-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'gateway.yaml');
  writeFileSync(
    file,
    'gateway: { id: gw-1, dataDir: /nowhere }\nmqtt: { url: mqtts://127.0.0.1:1 }\nbuses: [{ name: b, kind: tcp, host: h, port: 502 }]\ndevices: [{ id: meter-1, bus: b, unit: 1, profile: eastron-sdm630 }]\n',
  );
  const words = async (...args: string[]): Promise<string> => {
    const { written, streams: given } = streams();
    expect(await runField(['completion', ...args], { version: '', streams: given, signal: never })).toBe(0);
    return written.out + written.err;
  };
  expect(await words('profiles')).toContain('eastron-sdm630\n');
  expect(await words('devices', 'tiepoint-agent', 'watch', '--config', file, '--device')).toBe('meter-1\n');
  expect(await words('devices', 'tiepoint-agent', 'watch', '--config', '=', file)).toBe('meter-1\n');
  expect(await words('devices', 'tiepoint-agent', 'watch', `--config=${file}`)).toBe('meter-1\n');
  for (const nothing of [['--config', '/no/such'], ['--config'], []])
    expect(await words('devices', ...nothing)).toBe('');
});

const bash = spawnSync('bash', ['--version']).status === 0;

test.runIf(bash).each([
  { typed: 'read --profile eastron-sdm6', offered: /^eastron-sdm630 eastron-sdm630-v1$/ },
  { typed: 'profile ', offered: /^check list show$/ },
  { typed: 'profile show kmtronic', offered: /^kmtronic-relay$/ },
  { typed: 'read --parity ', offered: /^even odd none$/ },
])('bash completes $typed', async ({ typed, offered }) => {
  const { written, streams: given } = streams();
  await runField(['completion', 'bash'], { version: '', streams: given, signal: never });
  const agent = `tiepoint-agent() { '${process.execPath}' '${join(import.meta.dirname, '../../bin/tiepoint-agent.mjs')}' "$@"; }`;
  const words = ['tiepoint-agent', ...typed.split(' ')].map((word) => `'${word}'`);
  const script = `${written.out}\n${agent}\ncd /\nCOMP_WORDS=(${words.join(' ')})\nCOMP_CWORD=${words.length - 1}\n_tiepoint_agent\necho "\${COMPREPLY[*]}"`;
  expect(spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout.trim()).toMatch(offered);
});

test.each([
  { tty: true, environment: {}, json: false, colour: true },
  { tty: true, environment: { NO_COLOR: '1' }, json: false, colour: false },
  { tty: true, environment: { NO_COLOR: '' }, json: false, colour: true },
  { tty: true, environment: { TERM: 'dumb' }, json: false, colour: false },
  { tty: true, environment: {}, json: true, colour: false },
  { tty: false, environment: {}, json: false, colour: false },
])('colours: $environment, terminal $tty, json $json', ({ tty, environment, json, colour }) => {
  const terminal = openTerminal(streams({ tty, environment }).streams, { json }, never);
  expect(terminal.colour).toBe(colour);
  expect(paint(terminal, 'red', 'x') === 'x').toBe(!colour);
});

test('answers are lines, piped ahead or not; the end of the input is no answer', async () => {
  const { stdin, written, streams: given } = streams();
  const terminal = openTerminal(given, { json: false }, never);
  stdin.write('one\n two \nthr');
  expect([await terminal.ask('first?'), await terminal.ask('second?')]).toEqual(['one', 'two']);
  const third = terminal.ask('third?');
  stdin.write('ee\n');
  expect(await third).toBe('three');
  const fourth = terminal.ask('fourth?');
  stdin.end('last');
  expect([await fourth, await terminal.ask('fifth?')]).toEqual(['last', undefined]);
  expect(written.err).toBe('first? second? third? fourth? fifth? ');
  terminal.close();
});

test('what a person typed before the question stood there is no answer to it', async () => {
  const { stdin, written, streams: given } = streams({ tty: true });
  const terminal = openTerminal(given, { json: false }, never);
  stdin.write('yes\n');
  const answer = terminal.ask('Opens the switch. Go on?');
  await expect.poll(() => written.err).toContain('Go on? ');
  stdin.write('no\n');
  expect(await answer).toBe('no');
  expect(written.err).toMatch(/typed before.*Go on\? /s);
  terminal.close();
});

test('an interrupt ends a question', async () => {
  const controller = new AbortController();
  const terminal = openTerminal(streams().streams, { json: false }, controller.signal);
  const answer = terminal.ask('well?');
  controller.abort();
  expect(await answer).toBeUndefined();
  expect(await terminal.ask('again?')).toBeUndefined();
});

test('the live line makes way for what is printed', () => {
  const { written, streams: given } = streams({ tty: true });
  const terminal = openTerminal(given, { json: false }, never);
  terminal.progress('half');
  terminal.complain('oh');
  terminal.progress(undefined);
  expect(written.err).toBe('\r\u001B[2Khalf\r\u001B[2Koh\nhalf\r\u001B[2K');
});

test('columns are as wide as what is seen', () => {
  expect(columns([['a', '1'], ['\u001B[31mlong\u001B[0m', '2'], ['b']])).toEqual([
    'a     1',
    '\u001B[31mlong\u001B[0m  2',
    'b',
  ]);
});

test.each([
  { what: 'what fits', line: 'a b c', width: 5, is: ['a b c'] },
  { what: 'words', line: 'one two three', width: 8, is: ['one two', '  three'] },
  { what: 'indented', line: '    → do this and that', width: 15, is: ['    → do this', '      and that'] },
  {
    what: 'a table',
    line: '  scan   who answers here',
    width: 19,
    is: ['  scan   who', '         answers', '         here'],
  },
  {
    what: 'colours',
    line: '\u001B[31mone\u001B[0m two three',
    width: 8,
    is: ['\u001B[31mone\u001B[0m two', '  three'],
  },
  {
    what: 'a long word',
    line: 'at /dev/serial/by-id/x it is',
    width: 10,
    is: ['at', '  /dev/serial/by-id/x', '  it is'],
  },
  { what: 'a command within', line: 'try `a b c d` now', width: 10, is: ['try', '  `a b c d`', '  now'] },
  {
    what: 'a command to copy',
    line: '  tiepoint-agent scan --port x',
    width: 12,
    is: ['  tiepoint-agent scan --port x'],
  },
])('a terminal cuts between words: $what', ({ line, width, is }) => {
  expect(wrapped(line, width)).toEqual(is);
});

test.each([
  { args: ['read', '--json'], code: 2, says: /Which device/ },
  { args: ['read', '--jsn', '--json'], code: 2, says: /no option --jsn/ },
  { args: ['raed', '--json'], code: 2, says: /Did you mean read/ },
])('who reads JSON gets some, whatever is wrong: $args', async ({ args, code, says }) => {
  const { written, streams: given } = streams();
  expect(await runField(args, { version: '', streams: given, signal: never })).toBe(code);
  expect(JSON.parse(written.out)).toEqual({ ok: false, exitCode: code, say: expect.stringMatching(says) });
});
