import { describe, expect, onTestFinished, test } from 'vitest';
import { startSite } from '../devices/emulated-device.ts';
import { socatPresent } from '../devices/pty-pair.ts';
import { deviceOf, runField, runOnTerminal } from './field-program.ts';

const socatIsMissing = !socatPresent();

/** One device on Modbus TCP, and the options that reach it. */
async function served(profileName: string, unit = 1) {
  const device = deviceOf(profileName, unit);
  const started = await startSite({ ports: [{ kind: 'tcp', devices: [device] }] });
  if (!started.ok) throw new Error(started.say);
  onTestFinished(() => started.site.stop());
  const at = started.site.ports[0]!.at;
  if (!('port' in at)) throw new Error('no port');
  const written: { table: string; address: number; words: readonly number[] }[] = [];
  device.image.onWrite((table, address, words) => (written.push({ table, address, words: [...words] }), 'ok'));
  return { options: ['--tcp', `127.0.0.1:${at.port}`, '--unit', String(unit)], written };
}

const parsed = (out: string) => JSON.parse(out) as Record<string, unknown>;

describe('a device on TCP', { timeout: 30_000 }, () => {
  test('is identified, with the reasons', async () => {
    const { options, written } = await served('sunspec-der', 3);
    const { code, out } = await runField(['identify', ...options, '--json']);
    expect(code).toBe(0);
    expect(parsed(out)).toMatchObject({
      named: 'sunspec-der',
      candidates: [
        {
          profile: 'sunspec-der',
          sureness: 'certain',
          why: expect.arrayContaining([expect.stringMatching(/SunSpec marker/)]),
        },
      ],
    });
    expect(written).toEqual([]);
  });

  test('is read by names of points, with words and units', async () => {
    const { options } = await served('eastron-sdm630');
    const read = await runField(['read', ...options, '-p', 'eastron-sdm630', 'voltageAV', 'frequencyHz', '--json']);
    expect(read.code).toBe(0);
    expect(parsed(read.out)).toMatchObject({
      points: [
        { name: 'voltageAV', unit: 'V', table: 'input', address: 0, words: [expect.any(Number), expect.any(Number)] },
        { name: 'frequencyHz', unit: 'Hz', value: expect.closeTo(50, 0) },
      ],
    });
    const people = await runField(['read', ...options, '-p', 'eastron-sdm630', 'voltageAV']);
    expect(people.out).toMatch(/voltageAV +2\d\d\.\d+ V +input 0: [0-9A-F]{4} [0-9A-F]{4}/);
    expect(people.out).not.toContain('\u001B');
  });

  test('is read raw', async () => {
    const { options } = await served('eastron-sdm630');
    const { code, out } = await runField([
      'read',
      ...options,
      '--table',
      'input',
      '0',
      '4',
      '--as',
      'float32',
      '--json',
    ]);
    expect(code).toBe(0);
    expect(parsed(out)).toMatchObject({ values: [{ address: 0, value: expect.closeTo(230, -1) }, { address: 2 }] });
    const refused = await runField(['read', ...options, '--table', 'holding', '9999']);
    expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(/exception 2/) });
  });

  test('a set-point is written after a confirmation, and read back', async () => {
    const { options, written } = await served('sunspec-inverter');
    const write = ['write', ...options, '-p', 'sunspec-inverter', 'set:limitPct', '60'];
    const agreed = await runField(write, { input: 'yes\n' });
    expect(agreed).toMatchObject({
      code: 0,
      out: expect.stringMatching(/now +100.*600.*Read back: 60.*no measurement/s),
    });
    expect(written).toMatchObject([{ table: 'holding', words: [600] }]);
    const refused = await runField([...write.slice(0, -1), '50'], { input: 'no\n' });
    expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(/Nothing was written/) });
    const unasked = await runField([...write.slice(0, -1), '40'], { input: '' });
    expect(unasked.code).toBe(1);
    // A limit that is raised lets more power through: no script may do that.
    const raised = await runField([...write.slice(0, -1), '90', '--yes']);
    expect(raised).toMatchObject({ code: 2, err: expect.stringContaining('may energise') });
    const scripted = await runField([...write.slice(0, -1), '30', '--yes', '--json']);
    expect(scripted.code).toBe(0);
    expect(parsed(scripted.out)).toMatchObject({ written: true, before: 60, readBack: 30, measured: false });
    expect(written).toMatchObject([{ words: [600] }, { words: [300] }]);
  });

  test.each([
    {
      name: 'what may energise',
      args: ['-p', 'sunspec-inverter', 'set:connect', '1', '--yes'],
      err: /--yes does not do/,
    },
    {
      name: 'it, by a pipe',
      args: ['-p', 'sunspec-inverter', 'set:connect', '1'],
      input: 'energise\n',
      err: /person at a terminal/,
    },
    { name: 'raw words', args: ['--table', 'holding', '40000', '1', '--yes'], err: /--yes does not do/ },
    {
      name: 'raw words by a pipe',
      args: ['--table', 'holding', '40000', '1'],
      input: 'write\n',
      err: /person at a terminal/,
    },
    { name: 'a measurement', args: ['-p', 'sunspec-inverter', 'activePowerW', '1'], err: /Only set-points/ },
    {
      name: 'a set-point by half its name',
      args: ['-p', 'sunspec-inverter', 'limitPct', '50'],
      err: /Did you mean set:limitPct\?/,
    },
    { name: 'an input register', args: ['--table', 'input', '0', '1'], err: /only holding and coil/ },
  ])('no script writes $name', async ({ args, input, err }) => {
    const { options, written } = await served('sunspec-inverter');
    const ran = await runField(['write', ...options, ...args], { input: input ?? '' });
    expect(ran.code).toBe(2);
    expect(ran.err).toMatch(err);
    expect(written).toEqual([]);
  });

  test.skipIf(socatIsMissing)('a person at a terminal may energise, by typing it', async () => {
    const { options, written } = await served('sunspec-inverter');
    const write = ['write', ...options, '-p', 'sunspec-inverter', 'set:connect', '1'];
    const refused = await runOnTerminal(write, [{ asked: 'Type energise', typed: 'yes' }]);
    expect(refused.out).toMatch(/may energise.*Nothing was written/s);
    expect(written).toEqual([]);
    const agreed = await runOnTerminal(write, [{ asked: 'Type energise', typed: 'energise' }]);
    expect(agreed.out).toMatch(/Written: the device echoed it/);
    expect(written).toMatchObject([{ table: 'holding', words: [1] }]);
  });
});

describe('the program', { timeout: 30_000 }, () => {
  test.each([
    { args: ['help'], code: 0, text: /scan +who answers/ },
    { args: ['--help'], code: 0, text: /scan +who answers/ },
    { args: ['help', 'write'], code: 0, text: /Examples:/ },
    { args: ['read', '--help'], code: 0, text: /--table/ },
    { args: ['completion', 'bash'], code: 0, text: /complete .*tiepoint-agent/ },
    { args: ['completion', 'tcsh'], code: 2, text: /bash, zsh, fish/ },
    { args: ['version'], code: 0, text: /^\d+\.\d+\.\d+/ },
    { args: ['scn'], code: 2, text: /Did you mean scan/ },
    { args: ['read', '--tpc', 'x'], code: 2, text: /Did you mean --tcp/ },
    { args: [], code: 2, text: /technician's commands/ },
    { args: ['--chek'], code: 2, text: /--chek/ },
    { args: ['read', '--tcp', '127.0.0.1:1', '--unit', '1', '--table', 'holding', '0'], code: 1, text: /refused/ },
    { args: ['profile', 'check', 'eastron-sdm630'], code: 0, text: /9600 baud.*fits/ },
    { args: ['profile', 'check', 'nobody'], code: 2, text: /no profile 'nobody'/ },
  ])('$args: $code', async ({ args, code, text }) => {
    const ran = await runField(args);
    expect(ran.out + ran.err).toMatch(text);
    expect(ran.code).toBe(code);
  });
});
