import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type EmulatedDevice, type SiteOptions, type Site, startSite, steppedClock } from './emulated-device.ts';
import { socatPresent } from './pty-pair.ts';
import { rawTcpClient } from './raw-client.ts';
import { RegisterImage } from './register-image.ts';
import { rtuFrame } from './rtu-frame.ts';

/** A device that counts its steps in holding register 0 and opens (register 1 = 0) one second after coil 0 is written off. */
function switchDevice(unit: number): EmulatedDevice {
  const image = new RegisterImage();
  image.set('holding', 0, [0, 1]);
  image.set('coil', 0, 1);
  let openAtMs: number | undefined;
  let steps = 0;
  return {
    unit,
    image,
    step(nowMs) {
      if (image.get('coil', 0) === 0) openAtMs ??= nowMs + 1000;
      if (openAtMs !== undefined && nowMs >= openAtMs) image.set('holding', 1, 0);
      image.set('holding', 0, ++steps);
    },
  };
}

async function site(options: SiteOptions): Promise<Site> {
  const started = await startSite(options);
  if (!started.ok) throw new Error(started.say);
  onTestFinished(() => started.site.stop());
  return started.site;
}

describe('a site', () => {
  test('steps its devices by its clock, and they answer what they have become', async () => {
    const clock = steppedClock(5000);
    const device = switchDevice(3);
    const running = await site({ ports: [{ kind: 'tcp', devices: [device] }], clock });
    const [port] = running.ports;
    if (port?.kind !== 'tcp') throw new Error('one TCP port');
    const peer = await rawTcpClient(port.at.host, port.at.port);
    onTestFinished(() => void peer.stream.destroy());
    const read = async (): Promise<number[]> => {
      peer.send(Buffer.from('000100000006030300000002', 'hex'));
      const answer = await peer.take(13);
      return [answer.readUInt16BE(9), answer.readUInt16BE(11)];
    };
    expect(await read()).toEqual([1, 1]);
    peer.send(Buffer.from('000200000006030500000000', 'hex'));
    await peer.take(12);
    clock.advance(1000);
    expect(await read()).toEqual([11, 1]);
    clock.advance(250);
    expect(await read()).toEqual([13, 0]);
    await running.stop();
    clock.advance(1000);
    expect(device.image.get('holding', 0)).toBe(13);
    await running.stop();
  });

  test('serves several ports and kinds', async () => {
    const running = await site({
      ports: [
        { kind: 'tcp', devices: [switchDevice(1), switchDevice(2)] },
        { kind: 'rtu-over-tcp', baudRate: 115_200, devices: [switchDevice(7)] },
      ],
    });
    const rtu = running.ports[1];
    if (rtu?.kind !== 'rtu-over-tcp') throw new Error('the second port is RTU over TCP');
    const peer = await rawTcpClient(rtu.at.host, rtu.at.port);
    onTestFinished(() => void peer.stream.destroy());
    peer.send(rtuFrame(7, Uint8Array.of(1, 0, 0, 0, 1)));
    expect(await peer.take(6)).toEqual(Buffer.from(rtuFrame(7, Uint8Array.of(1, 1, 1))));
    expect(rtu.counts().requests).toBe(1);
  });

  test.skipIf(!socatPresent())('serves a pty (needs socat)', async () => {
    const running = await site({ ports: [{ kind: 'rtu-pty', baudRate: 9600, devices: [switchDevice(1)] }] });
    expect(running.ports[0]).toMatchObject({ kind: 'rtu-pty', at: { path: expect.stringMatching(/^\/dev\//) } });
  });
});

describe('what cannot be started is told, and leaves no port open', () => {
  test('a port that is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const address = other.address();
    const taken = typeof address === 'object' && address !== null ? address.port : 0;
    const first = await site({ ports: [{ kind: 'tcp', devices: [switchDevice(1)] }] });
    await first.stop();
    const free = first.ports[0]?.kind === 'tcp' ? first.ports[0].at.port : 0;
    const started = await startSite({
      ports: [
        { kind: 'tcp', port: free, devices: [switchDevice(1)] },
        { kind: 'tcp', port: taken, devices: [switchDevice(1)] },
      ],
    });
    expect(started).toMatchObject({ ok: false, reason: 'port-unavailable', say: expect.stringContaining(`${taken}`) });
    await expect(rawTcpClient('127.0.0.1', free)).rejects.toThrow('ECONNREFUSED');
  });
  test('two devices with one number', async () => {
    const started = await startSite({ ports: [{ kind: 'tcp', devices: [switchDevice(4), switchDevice(4)] }] });
    expect(started).toMatchObject({ ok: false, reason: 'unit-taken', say: expect.stringContaining('unit 4') });
  });
});
