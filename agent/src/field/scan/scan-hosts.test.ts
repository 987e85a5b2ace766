import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { hostRanges, scanHosts } from './scan-hosts.ts';
import type { HostProgress, HostScanOptions } from './scan-hosts.ts';

test.each([
  { text: '192.0.2.10', hosts: ['192.0.2.10'] },
  { text: '192.0.2.10-12', hosts: ['192.0.2.10', '192.0.2.11', '192.0.2.12'] },
  { text: '192.0.2.10-192.0.2.11', hosts: ['192.0.2.10', '192.0.2.11'] },
  { text: '192.0.2.9/30', hosts: ['192.0.2.9', '192.0.2.10'] },
  { text: '192.0.2.9/32', hosts: ['192.0.2.9'] },
  { text: 'meter.example,192.0.2.1', hosts: ['meter.example', '192.0.2.1'] },
  { text: '192.0.2.0/8', hosts: undefined },
  { text: '192.0.2.12-10', hosts: undefined },
  { text: '192.0.2.300', hosts: undefined },
  { text: '192.0.2', hosts: undefined },
  { text: 'a b', hosts: undefined },
  { text: '192.0.2.1-192.0.3.1', hosts: undefined },
  { text: '192.0.2.1:1502', hosts: undefined },
  { text: 'meter.example:1502', hosts: undefined },
  { text: '2001:db8::1', hosts: ['2001:db8::1'] },
])('$text', ({ text, hosts }) => {
  expect(hostRanges(text)).toEqual(hosts);
});

/** A Modbus TCP server that answers as `answer` says: words, an exception code, or not at all. */
async function served(answer: (unit: number) => 'words' | number | undefined): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      if (typeof bytes === 'string') return;
      for (let at = 0; at + 12 <= bytes.length; at += 12) {
        const unit = bytes[at + 6]!;
        const says = answer(unit);
        if (says === undefined) continue;
        const pdu = says === 'words' ? [bytes[at + 7]!, 4, 0, 1, 0, 2] : [bytes[at + 7]! | 0x80, says];
        socket.write(Buffer.from([bytes[at]!, bytes[at + 1]!, 0, 0, 0, pdu.length + 1, unit, ...pdu]));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function options(port: number, more: Partial<HostScanOptions> = {}): HostScanOptions {
  return {
    targets: [{ host: '127.0.0.1', port }],
    units: undefined,
    questions: [{ table: 'holding', address: 0, quantity: 2 }],
    connectMs: 500,
    marginMs: 30,
    deps: { nowMs: () => performance.now() },
    signal: new AbortController().signal,
    onFound: () => undefined,
    onProgress: () => undefined,
    ...more,
  };
}

test('a device that answers to every number is one device', async () => {
  const port = await served(() => 'words');
  const { hosts, complete } = await scanHosts(options(port));
  expect(complete).toBe(true);
  expect(hosts).toMatchObject([{ anyUnit: true, gateway: false, units: [{ unit: 1 }] }]);
});

test('behind a gateway all numbers are asked, and what it says for absent units is no unit', async () => {
  const port = await served((unit) => (unit === 33 ? 'words' : unit === 200 ? 2 : 11));
  const { hosts } = await scanHosts(options(port));
  expect(hosts).toMatchObject([
    { anyUnit: false, gateway: true, units: [{ unit: 33 }, { unit: 200, exceptionCode: 2 }] },
  ]);
});

test('a port where nobody listens is tried and not told; one that says nothing is told without units', async () => {
  const mute = await served(() => undefined);
  const gone = await served(() => undefined);
  const { hosts, tried, closed } = await scanHosts(
    options(mute, {
      targets: [
        { host: '127.0.0.1', port: mute },
        { host: '127.0.0.1', port: 1 },
      ],
      units: [1, 2],
    }),
  );
  expect(gone).toBeGreaterThan(0);
  expect(tried).toBe(2);
  expect(hosts).toMatchObject([{ port: mute, units: [] }]);
  expect(closed).toMatchObject([{ port: 1, say: expect.stringContaining('refused') }]);
});

test('many silent units at one address: which is asked, how many are left, and for how long', async () => {
  const mute = await served(() => undefined);
  const told: HostProgress[] = [];
  await scanHosts(options(mute, { units: [1, 2, 3, 4], onProgress: (progress) => told.push(progress) }));
  expect(told.map(({ asking }) => asking?.unit)).toEqual([undefined, 1, 2, 3, 4]);
  expect(told.map(({ remainingMs }) => remainingMs)).toEqual([500, 120, 90, 60, 30]);
  expect(told.at(-1)).toMatchObject({ open: 1, asking: { port: mute, left: 1 } });
});

test('an interrupt ends it with what was found', async () => {
  const controller = new AbortController();
  const port = await served((unit) => (unit === 1 ? 'words' : undefined));
  const onFound = () => controller.abort();
  const { hosts, complete } = await scanHosts(options(port, { units: [1, 2, 3], onFound, signal: controller.signal }));
  expect(complete).toBe(false);
  expect(hosts).toMatchObject([{ units: [{ unit: 1 }] }]);
  // It was not the device that closed the connection.
  expect(hosts[0]?.say ?? '').not.toContain('closed');
});
