import { loadProfile } from '../io/profile-file.ts';
import { connectionOf, connectionOptions, openForReading, profileOption } from './connection-options.ts';
import { listOf } from './field-command.ts';
import type { FieldCommand } from './field-command.ts';
import { recogniseUnit, recognitionJson, showRecognition } from './recognition-report.ts';

export const identifyCommand: FieldCommand = {
  name: 'identify',
  summary: 'what device is this: by its own registers and by what it measures, with how sure and why',
  usage: '--port PATH --baud N --unit N | --tcp HOST --unit N | --config FILE --device ID',
  examples: [
    'tiepoint-agent identify --port /dev/ttyUSB0 --baud 9600 --parity none --unit 3',
    'tiepoint-agent identify --tcp 192.0.2.10 --unit 126 --json',
    'tiepoint-agent identify --tcp 192.0.2.10 --unit 1 --profile ./my-device.yaml',
  ],
  options: {
    ...connectionOptions,
    profile: { ...profileOption.profile, multiple: true, help: 'try this profile too: a file.yaml of your own' },
  },
  async run({ values }, terminal) {
    const own = listOf(values, 'profile').map((file) => loadProfile(file));
    const wrong = own.flatMap((loaded) => (loaded.ok ? [] : loaded.errors));
    const connection = connectionOf({ ...values, profile: undefined });
    if (!connection.ok) wrong.push(connection.say);
    else if (connection.value.unit === undefined)
      wrong.push('Which unit? --unit N; `tiepoint-agent scan` finds who answers.');
    if (wrong.length > 0 || !connection.ok || connection.value.unit === undefined) {
      terminal.complain(wrong.join('\n'));
      return 2;
    }
    const { unit, where, settings } = connection.value;
    const opened = await openForReading(connection.value);
    if (!opened.ok) {
      terminal.complain(opened.say);
      return 1;
    }
    const bus = opened.value;
    terminal.progress(`${where}, unit ${unit}: reading`);
    const profiles = [...(settings?.profiles ?? []), ...own.flatMap((loaded) => (loaded.ok ? [loaded.profile] : []))];
    const recognised = await recogniseUnit(
      { bus, unit, signal: terminal.signal, kind: connection.value.bus.kind },
      profiles,
    );
    await bus.stop();
    terminal.progress(undefined);
    if (terminal.signal.aborted) return 130;
    if (!recognised.ok) {
      terminal.complain(recognised.say);
      return 1;
    }
    if (terminal.json) terminal.print(JSON.stringify({ where, unit, ...recognitionJson(recognised.value) }));
    else showRecognition(recognised.value, terminal);
    return recognised.value.named === undefined ? 1 : 0;
  },
};
