import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * A Modbus TCP server of python3-pymodbus on a free loopback port: real registers kept by a program that shares no line with
 * this project. It ends when `stop` is called, and when this process ends in whatever way, for it watches its input.
 */
export async function startPymodbusServer(options: PymodbusServerOptions): Promise<PymodbusServerStart> {
  const { startTimeoutMs = 10_000, python = systemPython } = options;
  const child = spawn(python, ['-c', pymodbusPreamble + serverScript], { stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  const said: string[] = [];
  child.stdin.on('error', () => undefined); // the program has ended; 'close' tells
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString().slice(0, 500)) > 10 && said.shift());
  child.stdin.write(JSON.stringify({ units: options.units }) + '\n');
  const port = await new Promise<number | undefined>((resolve) => {
    const timer = setTimeout(() => resolve(undefined), startTimeoutMs);
    const finish = (found: number | undefined): void => {
      clearTimeout(timer);
      resolve(found);
    };
    child.once('error', () => finish(undefined));
    child.once('close', () => finish(undefined));
    createInterface({ input: child.stdout }).once('line', (line) => finish(Number(line)));
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) child.kill('SIGKILL');
    await exited;
  };
  if (port !== undefined) return { ok: true, server: { host: '127.0.0.1', port, pid: child.pid, stop } };
  await stop();
  return { ok: false, reason: 'no-pymodbus', say: `pymodbus did not start with ${python}: ${said.join('').trim()}` };
}

/** Whether the system's Python has pymodbus 3 (Debian package python3-pymodbus). */
export function pymodbusPresent(python = systemPython): boolean {
  return (
    spawnSync(python, ['-c', 'import pymodbus.version as v; assert v.version.major == 3'], { stdio: 'ignore' })
      .status === 0
  );
}

/** Debian's packages belong to this Python, whatever other one stands first on the path. */
export const systemPython = '/usr/bin/python3';

export type PymodbusServerOptions = {
  /** By unit: the blocks of each table, an address and the words from there on. Other addresses answer exception 2. */
  units: Readonly<Record<number, PymodbusUnit>>;
  startTimeoutMs?: number;
  python?: string;
};
export type PymodbusUnit = {
  coil?: readonly PymodbusBlock[];
  discrete?: readonly PymodbusBlock[];
  input?: readonly PymodbusBlock[];
  holding?: readonly PymodbusBlock[];
};
export type PymodbusBlock = { address: number; words: readonly number[] };

export type PymodbusServer = { host: string; port: number; pid: number | undefined; stop: () => Promise<void> };
export type PymodbusServerStart =
  | { ok: true; server: PymodbusServer }
  | { ok: false; reason: 'no-pymodbus'; say: string };

/**
 * To stand before any script that imports pymodbus: it wants the serial modules even where only TCP is used, and Debian does
 * not bring them with it. Where one is missing an empty one stands in.
 */
export const pymodbusPreamble = `
import importlib.util, sys, types
for name in ("serial", "serial_asyncio"):
    if importlib.util.find_spec(name) is None:
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].create_serial_connection = None
`;

const serverScript = `
import asyncio, json, os, sys, threading
from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.server.async_io import ModbusTcpServer

def block(blocks):
    values = {}
    for one in blocks or []:
        for i, word in enumerate(one["words"]):
            values[one["address"] + i] = word
    return ModbusSparseDataBlock(values or {65535: 0})

def slave(tables):
    return ModbusSlaveContext(
        co=block(tables.get("coil")), di=block(tables.get("discrete")),
        ir=block(tables.get("input")), hr=block(tables.get("holding")), zero_mode=True)

async def main(plan):
    slaves = {int(unit): slave(tables) for unit, tables in plan["units"].items()}
    server = ModbusTcpServer(ModbusServerContext(slaves=slaves, single=False), address=("127.0.0.1", 0))
    task = asyncio.ensure_future(server.serve_forever())
    await server.serving
    print(server.server.sockets[0].getsockname()[1], flush=True)
    await task

plan = json.loads(sys.stdin.readline())
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
asyncio.run(main(plan))
`;
