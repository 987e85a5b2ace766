import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findingLine } from '../model/finding.ts';
import { circuit, faults, imported, one } from './imported.fixture.ts';

describe('commands', () => {
  test('redirects, further lines, edits, positions and like', () => {
    const main = `${circuit}REDIRECT sub/Lines.dss\nedit line.a length=3\nline.B.length=4 units=ft\n~ normamps=90\nnew line.c like=a bus2=z\n`;
    const result = imported(main, {
      'sub/lines.dss':
        'New LineCode.lc 1 r1=1 x1=1 r0=1 x0=1 c1=0 c0=0 units=km\nNew Line.A src.2 m lc 2.5 units=m\nmore basefreq=60\nredirect more.dss',
      'sub/more.dss': 'new line.b bus1=m.2 bus2=n.2 linecode=lc',
    });
    expect(faults(result)).toEqual([]);
    expect(one(result, 'Line.A', 'ACLineSegment')).toMatchObject({
      lengthM: 3,
      impedance: 'LineCode.lc',
      terminals: [
        { node: 'src', phases: ['B'] },
        { node: 'm', phases: ['A'] },
      ],
      from: { file: 'sub/Lines.dss', line: 2 },
    });
    expect(one(result, 'Line.b', 'ACLineSegment')).toMatchObject({ lengthM: 4 * 0.3048, ratedCurrentA: 90 });
    expect(one(result, 'Line.c', 'ACLineSegment').terminals[1]).toEqual({ node: 'z', phases: ['A'] });
  });

  test.each([
    { text: 'nwe line.a', say: "a.dss:3  error: 'nwe' is no command of OpenDSS: the line is left out" },
    {
      text: 'new windmill.a x=1\n~ y=2',
      say: 'a.dss:3  error: windmill is no class that is understood here: a is left out',
    },
    {
      text: 'new line.a bus1=src bus2=b lenght=3',
      say: 'a.dss:3  error: line.a: lenght is no property of line; is length meant? (lenght=3 is left out)',
    },
    { text: 'redirect none.dss', say: 'a.dss:3  error: none.dss cannot be read' },
    {
      text: 'redirect a.dss',
      say: 'a.dss:3  error: a.dss is being read already: a file cannot redirect to itself, nor by way of others',
    },
    {
      text: 'new line.a bus1=src bus2=b length=(1 +)',
      say: "a.dss:3  error: Line.a: length: '+' needs 2 numbers before it",
    },
    {
      text: 'new line.a bus1=src bus2=b linecode=none',
      say: 'a.dss:3  error: Line.a: there is no usable LineCode none',
    },
    { text: 'new line.a bus1=src', say: "a.dss:3  error: Line.a: 'src' and '' are not two buses" },
    {
      text: 'new load.a bus1=src.7',
      say: 'a.dss:3  error: Load.a: node 7 of src is left out with it: a bus has no such phase here',
    },
    { text: 'new fault.f bus1=src', say: 'a.dss:3  error: fault is no class that is understood here: f is left out' },
    {
      text: 'new regcontrol.r transformer=t',
      say: 'a.dss:3  error: RegControl.r: what it regulates, t, is no transformer here',
    },
    {
      text: 'reduce all',
      say: 'a.dss:3  warning: the command reduce would alter the network: it is not followed, and what is written stands',
    },
    { text: '~ qqqqq=1', say: 'a.dss:3  error: vsource.source: qqqqq is no property of vsource (qqqqq=1 is left out)' },
  ])('$text is told by its line', ({ text, say }) => {
    const told = faults(imported(circuit + text));
    expect(told).toContainEqual(say);
  });

  test('what is of no concern is told as notes, each property once', () => {
    const load = (name: string) => `new load.${name} bus1=src daily=house spectrum=x\n`;
    const { findings } = imported(
      `${circuit}new loadshape.house npts=24\n${load('a')}${load('b')}solve\nset mode=daily`,
    );
    expect(findings.map(findingLine)).toEqual([
      'a.dss:3  note: loadshape objects are not part of the network model',
      'a.dss:6  note: the command solve calculates or shows something: it says nothing of the network',
      'a.dss:7  note: the option mode is for solutions or pictures',
      'a.dss:4  note: Load.daily is not part of the network model (2 times, first here)',
      'a.dss:4  note: Load.spectrum is not part of the network model (2 times, first here)',
    ]);
  });

  test('comments over several lines, variables, batchedit, a name said twice', () => {
    const text = `/* new line.x bus1=a\n bus2=b */\nvar @kw=7\nnew load.one bus1=src.1 kv=7.2 phases=1 kw=@kw kvar=1\nnew load.two like=one\nbatchedit load..t.o kw=9\nnew load.one kvar=2\n`;
    const result = imported(circuit + text);
    expect(one(result, 'Load.one', 'EnergyConsumer')).toMatchObject({ activePowerW: 7_000, reactivePowerVar: 2_000 });
    expect(one(result, 'Load.two', 'EnergyConsumer')).toMatchObject({ activePowerW: 9_000, reactivePowerVar: 1_000 });
    expect(result.network.equipment.has('Line.x')).toBe(false);
    expect(faults(result)).toEqual([
      'a.dss:9  warning: load.one is there already (a.dss:6): what is said here is taken as a change of it',
    ]);
  });
});

describe('coordinates', () => {
  const line = 'new line.l bus1=src bus2=b length=1 units=m r1=1\n';

  test.each([
    { command: 'buscoords xy.csv', text: 'src, 1, 2\nb 3\t4\n', at: { x: 3, y: 4 }, coordinates: 'schematic' },
    {
      command: 'latlongcoords xy.csv',
      text: 'SRC,46.5,-119.25\nB,46.75,-119.5\n',
      at: { x: -119.5, y: 46.75 },
      coordinates: 'geographic',
    },
    { command: 'setbusxy bus=b x=5 y=6', text: '', at: { x: 5, y: 6 }, coordinates: 'schematic' },
  ])('$command', ({ command, text, at, coordinates }) => {
    const { network } = imported(circuit + line + command, { 'xy.csv': text });
    expect(network.nodes.get('b')?.position).toEqual(at);
    expect(network.header.coordinates).toBe(coordinates);
  });

  test('faults are told by their line', () => {
    const told = faults(
      imported(`${circuit}${line}buscoords xy.csv`, { 'xy.csv': 'bus,x,y\nsrc,1,2\nb,one,2\nnowhere,1,1' }),
    );
    expect(told).toEqual([
      "xy.csv:3  error: 'b,one,2' is no bus with two coordinates",
      'xy.csv:4  warning: nowhere has coordinates, but nothing is connected to it',
    ]);
  });
});

describe('whatever stands in a script', () => {
  const whole = `${circuit}new linecode.c nphases=3 rmatrix=[1 | .1 1 | .1 .1 1] xmatrix=(1 | .1 1 | .1 .1 1) units=km
new wiredata.w rac=1 gmrac=.1 radius=.2 runits=km gmrunits=cm radunits=cm
new linegeometry.g nconds=4 nphases=3
~ cond=1 wire=w x=0 h=9 units=m
new line.l bus1=src.1.2.3 bus2=b length=(2 3 *) units=km linecode=c
new line.s bus1=b bus2=d switch=y
new transformer.t windings=3 phases=1 buses=[b.1 x.1.0 x.0.2] kvs=[7.2 .12 .12] kvas=[25 25 25] %rs=[1 1 1] xhl=2
new regcontrol.r transformer=t winding=2 vreg=120
new load.a bus1=x.1.2 phases=2 kv=.208 kw=4 pf=.97 model=8 zipv=[1 0 0 1 0 0 .5]
new capacitor.c bus1=b kvar=[300 300] numsteps=2
new storage.e bus1=d kwrated=25 state=charging
open line.s 1 2
batchedit load..* kw=3
set voltagebases=[12.47 .24]
`;

  test('an import ends with a network and findings', () => {
    const words = whole.split(/(?<=[\s=,.[\]()|])/);
    const spoilt = fc
      .array(
        fc.record({
          at: fc.nat(words.length - 1),
          by: fc.oneof(fc.constantFrom('', '1e9', '-3', '0', ...words), fc.string({ maxLength: 6 })),
        }),
        { maxLength: 8 },
      )
      .map((changes) => {
        const mixed = [...words];
        for (const { at, by } of changes) mixed[at] = by;
        return mixed.join('');
      });
    fc.assert(
      fc.property(fc.oneof(spoilt, fc.string({ maxLength: 200 })), (text) => {
        const { network, findings } = imported(text);
        expect(network.header.kind).toBe('Network');
        expect(findings.every(({ say }) => say !== '')).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
