import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type RunningPort, startSite } from './emulated-device.ts';
import { loadImageFile } from './image-file.ts';
import { socatPresent } from './pty-pair.ts';
import { pymodbusPreamble, pymodbusPresent, startPymodbusServer, systemPython } from './pymodbus-server.ts';
import { rawTcpClient } from './raw-client.ts';
import { RegisterImage } from './register-image.ts';

/** Programs that share no line with this project read and write what it serves. */
const run = promisify(execFile);
const hasMbpoll = spawnSync('mbpoll', ['-V'], { stdio: 'ignore' }).error === undefined;
const hasPymodbus = pymodbusPresent();
const hasPyserial = spawnSync(systemPython, ['-c', 'import serial'], { stdio: 'ignore' }).status === 0;
const unit = 17;

let image: RegisterImage;
beforeEach(() => {
  image = new RegisterImage({ maxReadRegisters: 80 });
  image.set(
    'holding',
    0,
    Array.from({ length: 100 }, (_, i) => 1000 + i),
  );
  image.set('input', 0, [0x4366, 0x3334, 0xc2c8, 0x0000]); // 230.2 and -100 as float32
  image.set('coil', 0, [1, 0, 1, 1, 0, 0, 0, 0, 1]);
  image.set('discrete', 4, [0, 1, 1]);
  image.makeHole('holding', 90);
  image.setAccess('holding', 50, 1, 'read-only', 2);
});

async function serve(kind: 'tcp' | 'rtu-pty' | 'rtu-over-tcp'): Promise<RunningPort> {
  const device = { unit, image };
  const port = kind === 'tcp' ? { kind, devices: [device] } : { kind, baudRate: 19_200, devices: [device] };
  const started = await startSite({ ports: [port] });
  if (!started.ok) throw new Error(started.say);
  onTestFinished(() => started.site.stop());
  const [running] = started.site.ports;
  if (running === undefined) throw new Error('a site with one port has one');
  return running;
}

describe.skipIf(!hasMbpoll)('mbpoll (needs mbpoll)', () => {
  const places = [{ kind: 'tcp' as const }, ...(socatPresent() ? [{ kind: 'rtu-pty' as const }] : [])];

  /** Values by address as mbpoll prints them, or what it complains of. */
  async function mbpoll(at: RunningPort['at'], args: string[], values: string[] = []): Promise<string[] | string> {
    const where =
      'path' in at ? ['-m', 'rtu', '-b', '19200', '-P', 'none', at.path] : ['-m', 'tcp', '-p', `${at.port}`, at.host];
    const [target = '', ...line] = where.toReversed();
    const all = [...line.toReversed(), '-a', `${unit}`, '-0', '-1', ...args, target, ...values];
    try {
      const { stdout } = await run('mbpoll', all);
      const read = [...stdout.matchAll(/^\[(\d+)\]:\s+(\S+)/gm)].map(([, address, value]) => `${address}=${value}`);
      return values.length > 0 ? (/Written (\d+) references/.exec(stdout)?.[0] ?? stdout) : read;
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      return /failed: (.*)/.exec(stderr + stdout)?.[1] ?? `${stderr}${stdout}`;
    }
  }

  test.each(places)('reads all four tables over $kind', async ({ kind }) => {
    const { at } = await serve(kind);
    expect(await mbpoll(at, ['-t', '4', '-r', '10', '-c', '3'])).toEqual(['10=1010', '11=1011', '12=1012']);
    expect(await mbpoll(at, ['-t', '3:float', '-B', '-r', '0', '-c', '2'])).toEqual(['0=230.2', '2=-100']);
    expect(await mbpoll(at, ['-t', '0', '-r', '0', '-c', '9'])).toEqual(
      [1, 0, 1, 1, 0, 0, 0, 0, 1].map((bit, i) => `${i}=${bit}`),
    );
    expect(await mbpoll(at, ['-t', '1', '-r', '4', '-c', '3'])).toEqual(['4=0', '5=1', '6=1']);
  });

  test.each(places)('writes over $kind', async ({ kind }) => {
    const { at } = await serve(kind);
    expect(await mbpoll(at, ['-t', '4', '-r', '20'], ['7', '8', '9'])).toBe('Written 3 references');
    expect(await mbpoll(at, ['-t', '4', '-r', '30'], ['77'])).toBe('Written 1 references');
    expect(await mbpoll(at, ['-t', '0', '-r', '1'], ['1', '0'])).toBe('Written 2 references');
    expect(await mbpoll(at, ['-t', '0', '-r', '8'], ['0'])).toBe('Written 1 references');
    expect(image.getWords('holding', 20, 3)).toEqual([7, 8, 9]);
    expect(image.get('holding', 30)).toBe(77);
    expect(image.getWords('coil', 0, 9)).toEqual([1, 1, 0, 1, 0, 0, 0, 0, 0]);
  });

  test.each(places)('is refused over $kind', async ({ kind }) => {
    const { at } = await serve(kind);
    expect(await mbpoll(at, ['-t', '4', '-r', '85', '-c', '10'])).toBe('Illegal data address');
    expect(await mbpoll(at, ['-t', '4', '-r', '0', '-c', '81'])).toBe('Illegal data value');
    expect(await mbpoll(at, ['-t', '4', '-r', '50'], ['1'])).toBe('Illegal data address');
    expect(image.get('holding', 50)).toBe(1050);
  });

  const dump = path.resolve(import.meta.dirname, '../../../shared/data/devices/sma-sunnyboy-3.6-day.hex');
  test.skipIf(!existsSync(dump))('reads the header of a real inverter from its dump', async () => {
    const loaded = await loadImageFile(dump);
    if (!loaded.ok) throw new Error(loaded.say);
    image = loaded.image;
    const { at } = await serve('tcp');
    expect(await mbpoll(at, ['-t', '4:hex', '-r', '40000', '-c', '4'])).toEqual([
      '40000=0x5375',
      '40001=0x6E53',
      '40002=0x0001',
      '40003=0x0042',
    ]);
  });
});

const clientScript = `
import json, sys
from pymodbus.client import ModbusSerialClient, ModbusTcpClient
from pymodbus.transaction import ModbusRtuFramer, ModbusSocketFramer
at, kind, unit = json.loads(sys.argv[1]), sys.argv[2], int(sys.argv[3])
if kind == "rtu-pty":
    client = ModbusSerialClient(at["path"], baudrate=19200, parity="N", stopbits=2, timeout=2)
else:
    framer = ModbusSocketFramer if kind == "tcp" else ModbusRtuFramer
    client = ModbusTcpClient(at["host"], port=at["port"], framer=framer, timeout=2)
assert client.connect()
def show(name, reply, get):
    print(json.dumps([name, get(reply) if not reply.isError() else str(reply)[:80]]))
regs = lambda r: r.registers
bits = lambda n: lambda r: [int(b) for b in r.bits[:n]]
done = lambda r: "done"
show("holding", client.read_holding_registers(10, 3, slave=unit), regs)
show("input", client.read_input_registers(0, 4, slave=unit), regs)
show("coils", client.read_coils(0, 9, slave=unit), bits(9))
show("discrete", client.read_discrete_inputs(4, 3, slave=unit), bits(3))
show("long", client.read_holding_registers(0, 80, slave=unit), lambda r: len(r.registers))
show("write one", client.write_register(30, 77, slave=unit), done)
show("write many", client.write_registers(20, [7, 8, 9], slave=unit), done)
show("write coil", client.write_coil(8, False, slave=unit), done)
show("write coils", client.write_coils(1, [True, False], slave=unit), done)
show("mask", client.mask_write_register(address=40, and_mask=0xff00, or_mask=0x0012, unit=unit), done)
show("read and write", client.readwrite_registers(read_address=60, read_count=2, write_address=61, write_registers=[5], unit=unit), regs)
show("hole", client.read_holding_registers(85, 10, slave=unit), regs)
show("too many", client.read_holding_registers(0, 81, slave=unit), regs)
client.close()
`;

describe.skipIf(!hasPymodbus)('python3-pymodbus (needs python3-pymodbus)', () => {
  const places = [
    { kind: 'tcp' as const, present: true },
    { kind: 'rtu-over-tcp' as const, present: true },
    { kind: 'rtu-pty' as const, present: hasPyserial && socatPresent() },
  ];
  test.for(places)(
    'reads and writes over $kind (a pty needs python3-serial and socat)',
    async ({ kind, present }, { skip }) => {
      skip(!present, 'python3-serial or socat is missing');
      const { at } = await serve(kind);
      const { stdout } = await run(
        systemPython,
        ['-c', pymodbusPreamble + clientScript, JSON.stringify(at), kind, `${unit}`],
        {
          timeout: 20_000,
        },
      );
      const told = Object.fromEntries(stdout.trim().split('\n').map((line) => JSON.parse(line) as [string, unknown])); // prettier-ignore
      expect(told).toMatchObject({
        holding: [1010, 1011, 1012],
        input: [0x4366, 0x3334, 0xc2c8, 0],
        coils: [1, 0, 1, 1, 0, 0, 0, 0, 1],
        discrete: [0, 1, 1],
        long: 80,
        'write one': 'done',
        'write many': 'done',
        'write coil': 'done',
        'write coils': 'done',
        mask: 'done',
        'read and write': [1060, 5],
        hole: expect.stringContaining('IllegalAddress'),
        'too many': expect.stringContaining('IllegalValue'),
      });
      expect(image.getWords('holding', 20, 3)).toEqual([7, 8, 9]);
      expect(image.get('holding', 30)).toBe(77);
      expect(image.getWords('coil', 0, 9)).toEqual([1, 1, 0, 1, 0, 0, 0, 0, 0]);
      expect(image.get('holding', 40)).toBe((1040 & 0xff00) | 0x12);
    },
  );

  test('serves registers of its own, and ends when told', async () => {
    const started = await startPymodbusServer({
      units: { 3: { holding: [{ address: 40_000, words: [0x5375, 0x6e53] }], coil: [{ address: 0, words: [1] }] } },
    });
    if (!started.ok) throw new Error(started.say);
    const { server } = started;
    onTestFinished(() => server.stop());
    const peer = await rawTcpClient(server.host, server.port);
    onTestFinished(() => void peer.stream.destroy());
    peer.send(Buffer.from('0001000000060303 9c40 0002'.replaceAll(' ', ''), 'hex'));
    expect((await peer.take(13)).toString('hex')).toBe('00010000000703030453756e53');
    peer.send(Buffer.from('0002000000060306 9c41 beef'.replaceAll(' ', ''), 'hex'));
    expect((await peer.take(12)).toString('hex')).toBe('00020000000603069c41beef');
    peer.send(Buffer.from('0003000000060303 9c40 0003'.replaceAll(' ', ''), 'hex'));
    expect((await peer.take(9)).toString('hex')).toBe('000300000003038302');
    await server.stop();
    expect(() => process.kill(server.pid ?? 0, 0)).toThrow('ESRCH');
  });
});

test('a python that is not there is told as a value', async () => {
  const started = await startPymodbusServer({ units: {}, python: '/nowhere/python3' });
  expect(started).toMatchObject({ ok: false, reason: 'no-pymodbus', say: expect.stringContaining('/nowhere/python3') });
});
