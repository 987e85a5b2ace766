import type { ConsoleBuild } from './console-build.ts';
import type { FirstSignIn } from './first-sign-in.ts';
import type { GatewayPlan, ServedBus } from './gateway-file.ts';

export type Told = {
  readonly httpsUrl: string;
  readonly signIns: readonly FirstSignIn[];
  readonly mqttUrl: string;
  readonly fieldUrl: string;
  readonly controlUrl: string | undefined;
  readonly gateways: readonly GatewayPlan[];
  readonly emulated: boolean;
  readonly readOnly: boolean;
  readonly build: ConsoleBuild | undefined;
  readonly notes: readonly string[];
  readonly dataPath: string;
  readonly logPath: string;
};

/** What a newcomer reads first, as lines. */
export function whatRuns(told: Told): string {
  return [
    '',
    'Tiepoint is running.',
    '',
    ...table([
      ['Console', told.build?.state === 'failed' && !told.build.older ? 'not built (the API is there)' : told.httpsUrl],
      ['API', `${told.httpsUrl}/api/openapi.json`],
      ['Browser', `warns once, for it does not know the head-end's own authority: go on, or import`],
      ['', `${told.dataPath}/headend/keys/authority.pem`],
      ['MQTT', `${told.mqttUrl} (the head-end's own broker, for gateways with certificates)`],
      ['Gateways', `${told.fieldUrl} (where tiepoint-agent enrols and delivers its reports)`],
      ...(told.controlUrl === undefined ? [] : [['Faults', `${told.controlUrl}/devices`]]),
    ]),
    '',
    ...paragraph('Sign in', signInLines(told)),
    ...paragraph('Devices', table(deviceRows(told.gateways))),
    ...(told.emulated ? paragraph('Emulated', emulatedWords) : []),
    ...paragraph('Try first', indented(told.emulated && !told.readOnly ? tryEmulated(told.controlUrl ?? '') : tryReal)),
    ...(told.notes.length > 0 ? paragraph('Note', indented(told.notes)) : []),
    ...table([
      ['Data', `${told.dataPath} (kept for the next start; --fresh begins anew)`],
      ['Logs', `${told.logPath}/*.log`],
      ['Stop', 'Ctrl-C'],
    ]),
    '',
  ].join('\n');
}

function signInLines({ signIns, emulated, dataPath }: Told): readonly string[] {
  const factor = emulated
    ? 'No second factor is asked for here, for this is a demonstration; a head-end of your own asks for one.'
    : 'Who commands or administers sets up a second factor at the first sign-in, with any authenticator application.';
  if (signIns.length === 0) {
    const reset = `npm run headend -- operator reset admin --data ${dataPath}/headend`;
    return indented(['With the passwords of the earlier start. Forgotten? While it runs:', `  ${reset}`, factor]);
  }
  const rows = signIns.map(({ name, password }) => [
    name,
    password,
    'one-time password: choose your own at the sign-in',
  ]);
  return [...table(rows), ...indented([factor])];
}

const emulatedWords = [
  '  One plant moves them all: the PV hangs behind meter-1, the site behind meter-2. Its day began at half past ten. Times that',
  '  take minutes in life (enter service, warm-up, cool-down) take seconds here. The head-end runs for demonstration: these sites',
  '  are in service by reports that say that nothing was measured.',
];

const tryReal = [
  '1. Open the console: each device reports every 4 seconds. One that is not found says why on its page.',
  '2. On a page see its values, plots and events, and on each button whether it may be pressed, and if not, why.',
  '3. Devices of your own are commanded once their site is entered (page Sites) and commissioned (tiepoint-agent commission).',
];

const tryEmulated = (controlUrl: string): string[] => [
  '1. Open the console: the devices report every 4 seconds.',
  '2. Disconnect meter-1. It is confirmed by what is measured, and the PV behind it goes off, too. Connect it again.',
  '3. Start genset-1, and let it synchronize and close: that takes two operators, so sign in as the second in a private window, and',
  '   approve. See meter-2 turn to export. Disconnect and stop it.',
  '4. Let the switch of meter-1 stick, and disconnect again: nothing is called done that was not measured.',
  `     curl -d '{"stuckSwitch": true}' ${controlUrl}/devices/meter-1/faults`,
  `     curl -d '{"stuckSwitch": null}' ${controlUrl}/devices/meter-1/faults`,
];

function deviceRows(gateways: readonly GatewayPlan[]): string[][] {
  return gateways.flatMap(({ id, devices }) =>
    devices.map((device) => [
      device.id,
      titleOf(device.settings['title'], device.profile),
      `${id}, ${place(device.bus)}, unit ${device.unit}`,
    ]),
  );
}

const titleOf = (title: unknown, profile: string): string => (typeof title === 'string' ? title : profile);

function place(bus: ServedBus): string {
  switch (bus.kind) {
    case 'tcp':
      return `Modbus TCP ${bus.host}:${bus.port}`;
    case 'rtu-over-tcp':
      return `RTU over TCP ${bus.host}:${bus.port}`;
    case 'rtu':
      return `RTU ${bus.path}, ${bus.baudRate} baud`;
    default:
      return bus satisfies never;
  }
}

const paragraph = (title: string, lines: readonly string[]): string[] => [title, ...lines, ''];
const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  return rows.map(
    (row) =>
      `  ${row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd((widths[column] ?? 0) + 3))).join('')}`,
  );
}
