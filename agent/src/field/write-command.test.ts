import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { profileCommand } from './profile-command.ts';
import { ports } from './ports-command.ts';
import { fakeTerminal } from './testing/fake-terminal.ts';
import { write } from './write-command.ts';

/** One holding register behind Modbus TCP; what was asked of it by function code. */
async function register() {
  const functions: number[] = [];
  let word = 7;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      if (typeof bytes === 'string') return;
      const functionCode = bytes[7]!;
      functions.push(functionCode);
      if (functionCode === 6) word = bytes.readUInt16BE(10);
      const pdu = functionCode === 6 ? [...bytes.subarray(7, 12)] : [functionCode, 2, word >> 8, word & 0xff];
      socket.write(Buffer.from([bytes[0]!, bytes[1]!, 0, 0, 0, pdu.length + 1, bytes[6]!, ...pdu]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const values = {
    tcp: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    unit: '1',
    table: 'holding',
    single: true,
  };
  return { functions, values };
}

test('raw words: shown, confirmed by typing, written once, read back', async () => {
  const { functions, values } = await register();
  const terminal = fakeTerminal({ answers: ['write'] });
  expect(await write.run({ values, positionals: ['0', '0x2A'] }, terminal)).toBe(0);
  expect(terminal.asked).toEqual([expect.stringMatching(/Type write/)]);
  expect(terminal.printed.join('\n')).toMatch(
    /now +7\n +write +42 \(0x2A\)\n.*Read back: 42\.\nA read-back is no measurement/s,
  );
  expect(functions).toEqual([3, 6, 3]);
});

test.each([{ answer: 'yes' }, { answer: '' }, { answer: 'WRITE' }])(
  '"$answer" is no confirmation',
  async ({ answer }) => {
    const { functions, values } = await register();
    const terminal = fakeTerminal({ answers: [answer] });
    expect(await write.run({ values, positionals: ['0', '1'] }, terminal)).toBe(1);
    expect(terminal.complaints).toEqual(['Nothing was written.']);
    expect(functions).toEqual([3]);
  },
);

test.each([
  { name: 'set:nothing', says: /has no set:nothing\. It has set:/ },
  { name: 'set:limitPtc', says: /Did you mean set:limitPct\?/ },
  { name: 'set:limitPct', positionals: ['set:limitPct'], says: /^set:limitPct: which value\?/ },
])('$name is told without asking the device', async ({ name, positionals = [name, '1'], says }) => {
  const { functions, values } = await register();
  const terminal = fakeTerminal();
  const { table: _raw, single: _one, ...connection } = values;
  const input = { values: { ...connection, profile: 'sunspec-inverter' }, positionals };
  expect(await write.run(input, terminal)).toBe(2);
  expect(terminal.complaints.join()).toMatch(says);
  expect(functions).toEqual([]);
});

test('an interrupt at the question writes nothing', async () => {
  const { functions, values } = await register();
  const terminal = fakeTerminal({ answers: ['write'] });
  const ask = terminal.ask.bind(terminal);
  const interrupted = { ...terminal, ask: (question: string) => (terminal.interrupt(), ask(question)) };
  expect(await write.run({ values, positionals: ['0', '1'] }, interrupted)).toBe(130);
  expect(functions).toEqual([3]);
});

test('profile check tells transactions, and what fits', async () => {
  const terminal = fakeTerminal({ json: true });
  const values = { neighbours: '40' };
  expect(await profileCommand.run({ values, positionals: ['check', 'eastron-sdm630'] }, terminal)).toBe(0);
  const told = JSON.parse(terminal.printed[0]!) as { fits: { line: string; fits: boolean; mostDevices: number }[] };
  expect(told).toMatchObject({
    ok: true,
    name: 'eastron-sdm630',
    devices: 41,
    reads: [{ table: 'input', address: 0 }, {}, {}],
  });
  const fits = Object.fromEntries(told.fits.map(({ line, fits: fit }) => [line, fit]));
  expect(fits).toMatchObject({ '9600 baud': false, '115200 baud': true, TCP: true });
});

test.each([
  { positionals: ['check'], code: 2 },
  { positionals: ['chek', 'eastron-sdm630'], code: 2 },
  { positionals: ['check', 'nobody'], code: 2 },
  { positionals: ['check', '/no/such.yaml'], code: 2 },
  { positionals: ['list'], code: 0 },
  { positionals: ['show', 'kmtronic-relay'], code: 0 },
])('profile $positionals: $code', async ({ positionals, code }) => {
  const terminal = fakeTerminal();
  expect(await profileCommand.run({ values: {}, positionals }, terminal)).toBe(code);
  expect((code === 0 ? terminal.printed : terminal.complaints).length).toBeGreaterThan(0);
});

test('ports says something on every machine', async () => {
  const terminal = fakeTerminal({ json: true });
  expect([0, 1]).toContain(await ports.run({ values: {}, positionals: [] }, terminal));
  expect(JSON.parse(terminal.printed[0]!)).toHaveProperty('ports');
});
