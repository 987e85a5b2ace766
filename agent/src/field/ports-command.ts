import type { FieldCommand } from './field-command.ts';
import { serialPorts } from './serial-ports.ts';
import type { SerialPortSeen } from './serial-ports.ts';
import { columns, paint } from './terminal.ts';
import type { Terminal } from './terminal.ts';

export const ports: FieldCommand = {
  name: 'ports',
  summary: 'serial ports of this machine, who made the adapter, and whether they can be used',
  usage: '',
  examples: ['tiepoint-agent ports', 'tiepoint-agent ports --json'],
  options: {},
  async run(_input, terminal) {
    const found = process.platform === 'linux' ? serialPorts() : await elsewhere();
    if (terminal.json) terminal.print(JSON.stringify({ ports: found }));
    else if (found.length === 0)
      terminal.print('No serial port. Is the adapter plugged in? `dmesg | tail` tells what the machine saw.');
    else show(found, terminal);
    return found.length === 0 ? 1 : 0;
  },
};

function show(found: readonly SerialPortSeen[], terminal: Terminal): void {
  const rows = found.map((port) => [
    port.path,
    port.path === port.device ? '' : port.device,
    port.adapter ?? 'on board',
    port.state === 'free'
      ? paint(terminal, 'green', 'free')
      : `${paint(terminal, 'yellow', port.state === 'in-use' ? 'in use' : 'not allowed')}: ${(port.say ?? '').replace(/^not allowed: /, '')}`,
  ]);
  for (const line of columns(rows)) terminal.print(line);
  const [first] = found.filter(({ state }) => state === 'free');
  if (first !== undefined) terminal.print(paint(terminal, 'dim', `Next: tiepoint-agent scan --port ${first.path}`));
}

/** Other systems than Linux list their ports through serialport; whether one is in use shows when it is opened. */
async function elsewhere(): Promise<readonly SerialPortSeen[]> {
  const { SerialPort } = await import('serialport');
  const listed = await SerialPort.list().catch(() => []);
  return listed.map(({ path, manufacturer, serialNumber }) => ({
    path,
    device: path,
    ...(manufacturer === undefined ? {} : { adapter: manufacturer }),
    ...(serialNumber === undefined ? {} : { serialNumber }),
    state: 'free',
  }));
}
