import { describe, expect, test } from 'vitest';
import type { ImportedNetwork } from './import-opendss.ts';
import { circuit, faults, imported, one } from './imported.fixture.ts';

describe('lines and switches', () => {
  const ohm = (result: ImportedNetwork, id: string): number => {
    const { lengthM, impedance } = one(result, id, 'ACLineSegment');
    return (result.network.impedances.get(impedance)?.rOhmPerM[0]?.[0] ?? NaN) * lengthM;
  };

  test.each([
    { what: 'code and line in other units', code: 'units=mi', line: 'length=5280 units=ft', ohm: 1 },
    { what: 'only the code has a unit', code: 'units=mi', line: 'length=2', ohm: 2 },
    { what: 'only the line has a unit', code: '', line: 'length=2 units=km', ohm: 2 },
    { what: 'neither has a unit', code: '', line: 'length=2', ohm: 2 },
    { what: 'the code is named last', code: 'units=km', line: 'length=500 units=m', ohm: 0.5 },
  ])('$what', ({ code, line, ohm: due }) => {
    const result = imported(
      `${circuit}new linecode.c nphases=1 r1=1 r0=1 x1=1 x0=1 ${code}\nnew line.l bus1=src.1 bus2=b.1 ${line} linecode=c`,
    );
    expect(ohm(result, 'Line.l')).toBeCloseTo(due, 9);
  });

  test("a line's own impedance counts for its length as written", () => {
    const result = imported(
      `${circuit}new line.l bus1=src.1 bus2=b.1 phases=1 length=0.001 units=km r1=2 r0=2 x1=1 x0=1`,
    );
    expect(ohm(result, 'Line.l')).toBeCloseTo(0.002, 9);
    expect(one(result, 'Line.l', 'ACLineSegment').lengthM).toBeCloseTo(1, 9);
  });

  test.each([
    {
      what: 'switch=y',
      text: 'new line.s bus1=src bus2=b switch=y',
      is: { type: 'LoadBreakSwitch', normalOpen: false, openPhases: [] },
    },
    {
      what: 'opened',
      text: 'new line.s bus1=src bus2=b switch=y\nopen line.s 1',
      is: { normalOpen: true, openPhases: ['A', 'B', 'C'] },
    },
    {
      what: 'one phase opened',
      text: 'new line.s bus1=src bus2=b switch=y\nopen line.s 2 2',
      is: { normalOpen: false, openPhases: ['B'] },
    },
    {
      what: 'opened and closed',
      text: 'new line.s bus1=src bus2=b switch=y\nopen line.s 1\nclose line.s 1',
      is: { openPhases: [] },
    },
    { what: 'disabled', text: 'new line.s bus1=src bus2=b switch=y\nline.s.enabled=no', is: { normalOpen: true } },
    {
      what: 'a control: closed by day, open now',
      text: 'new line.s bus1=src bus2=b switch=y\nnew swtcontrol.c switchedobj=line.s normal=closed state=open',
      is: { normalOpen: false, openPhases: ['A', 'B', 'C'] },
    },
    {
      what: 'a fuse in a line',
      text: 'new line.s bus1=src bus2=b length=1 units=m r1=1\nnew fuse.f line.s 1 ratedcurrent=65',
      is: { type: 'Fuse', ratedCurrentA: 65, lengthM: 1 },
    },
    {
      what: 'a recloser',
      text: 'new line.s bus1=src bus2=b switch=y\nnew recloser.r monitoredobj=line.s',
      is: { type: 'Recloser' },
    },
    {
      what: 'a line that was opened',
      text: 'new line.s bus1=src bus2=b length=1 units=m r1=1\nopen line.s 1',
      is: { type: 'Jumper', normalOpen: true },
    },
  ])('$what', ({ text, is }) => {
    expect(one(imported(circuit + text), 'Line.s', 'Switch')).toMatchObject(is);
  });

  test('a line that is disabled is out of service', () => {
    expect(
      one(imported(`${circuit}new line.l bus1=src bus2=b length=1 units=m r1=1 enabled=n`), 'Line.l', 'ACLineSegment')
        .inService,
    ).toBe(false);
  });
});

describe('transformers', () => {
  const transformer = (text: string) =>
    one(imported(`${circuit}new transformer.t ${text}`), 'Transformer.t', 'PowerTransformer');

  test('by windings and by arrays they are the same', () => {
    const winding = transformer(
      'xhl=4\n~ wdg=1 bus=src conn=delta kv=12.47 kva=150 %r=0.6\n~ wdg=2 bus=b conn=wye kv=0.48 kva=150 %r=0.6',
    );
    const arrays = transformer('buses=[src b] conns=[delta wye] kvs=[12.47 .48] kvas=(150, 150) %rs=[.6 .6] xhl=4');
    const plain = ({ from: _from, ...rest }: typeof winding) => rest;
    expect(plain(winding)).toEqual(plain(arrays));
    expect(winding).toMatchObject({ reactancePu: [0.04], clock: [0, 1], normalPowerVa: 150_000 });
    expect(winding.ends).toMatchObject([
      { connection: 'delta', grounded: false, resistancePu: 0.006 },
      { connection: 'wye', grounded: true, ratedVoltageV: 480 },
    ]);
  });

  test('the rating of the first winding is that of the second, loss is shared, and LeadLag turns it', () => {
    const made = transformer(
      'buses=(src, b.1.2.3.0) kva=500 %loadloss=1.2 conns=(delta wye) kvs=(12.47 4.16) leadlag=lead',
    );
    expect(made.ends.map((end) => end.ratedPowerVa)).toEqual([500_000, 500_000]);
    expect(made.ends.map((end) => end.resistancePu)).toEqual([0.006, 0.006]);
    expect(made.clock).toEqual([0, 11]);
  });

  test('a centre tap: its secondary has two wires, and so has what hangs there', () => {
    const code =
      'new xfmrcode.ct phases=1 windings=3 kvs=[7.2 .12 .12] kvas=[25 25 25] %rs=[.6 1.2 1.2] xhl=2.04 xht=2.04 xlt=1.36 %noloadloss=.2 %imag=.5\n';
    const rest =
      'new transformer.t xfmrcode=ct buses=[src.2 x.1.0 x.0.2]\nnew line.d bus1=x.1.2 bus2=h.1.2 phases=2 length=10 units=m r1=1\nnew load.h bus1=h.1.2 phases=2 kv=.208 kw=4 pf=.97';
    const result = imported(circuit + code + rest);
    expect(faults(result)).toEqual([]);
    expect(one(result, 'Transformer.t', 'PowerTransformer').terminals).toEqual([
      { node: 'src', phases: ['B'] },
      { node: 'x', phases: ['s1'] },
      { node: 'x', phases: ['N', 's2'] },
    ]);
    expect(one(result, 'Load.h', 'EnergyConsumer')).toMatchObject({
      terminals: [{ node: 'h', phases: ['s1', 's2'] }],
      activePowerW: 4_000,
    });
    expect(one(result, 'Load.h', 'EnergyConsumer').reactivePowerVar).toBeCloseTo(4_000 * Math.tan(Math.acos(0.97)), 6);
    expect(result.network.nodes.get('h')?.nominalVoltageV).toBe(240);
    expect(result.network.usagePoints.get('at:h')).toMatchObject({ node: 'h', phases: ['s1', 's2'] });
  });

  test('a regulator with its control', () => {
    const text =
      'new transformer.r phases=1 bank=reg buses=[src.3 r.3] kvs=[7.2 7.2] kvas=[2000 2000] xhl=.01 %loadloss=.001\nnew regcontrol.c transformer=r winding=2 vreg=122 band=2 ptratio=60 ctprim=700 r=3 x=9 reversible=y revvreg=121 tapnum=5';
    const made = one(imported(circuit + text), 'Transformer.r', 'PowerTransformer');
    expect(made.bank).toBe('reg');
    expect(made.ends[1]?.tapChanger).toMatchObject({
      lowStep: -16,
      highStep: 16,
      step: 5,
      control: {
        targetV: 122,
        bandwidthV: 2,
        ptRatio: 60,
        ctPrimaryA: 700,
        lineDropRV: 3,
        lineDropXV: 9,
        reverse: { targetV: 121, bandwidthV: 3 },
      },
    });
    expect(made.ends[1]?.tapChanger?.stepPu).toBeCloseTo(0.00625, 9);
    expect(made.ends[0]?.tapChanger).toBeUndefined();
  });
});

describe('what hangs at a bus', () => {
  test.each([
    {
      text: 'new load.x bus1=src.2.3 phases=1 conn=delta kv=12.47 kw=230 kvar=132 model=2',
      kind: 'EnergyConsumer',
      is: { connection: 'delta', terminals: [{ phases: ['B', 'C'] }], response: { active: [1, 0, 0] } },
    },
    {
      text: 'new load.x bus1=src.3.1 phases=1 kv=12.47 kw=1 kvar=0',
      kind: 'EnergyConsumer',
      is: { connection: 'delta', terminals: [{ phases: ['C', 'A'] }] },
    },
    {
      text: 'new load.x bus1=src phases=3 kv=12.47 kva=100 pf=.8',
      kind: 'EnergyConsumer',
      is: { activePowerW: 80_000, connection: 'wye', grounded: true },
    },
    {
      text: 'new load.x bus1=src xfkva=100 pf=.9 allocationfactor=.5',
      kind: 'EnergyConsumer',
      is: { activePowerW: 45_000 },
    },
    {
      text: 'new load.x bus1=src kw=10 pf=-.9 model=8 zipv=[.1 .2 .7 .3 .3 .4 .5]',
      kind: 'EnergyConsumer',
      is: { response: { active: [0.1, 0.2, 0.7], reactive: [0.3, 0.3, 0.4], cutOffPu: 0.5 } },
    },
    {
      text: 'new capacitor.x bus1=src kvar=[300 300] numsteps=2 kv=12.47 states=[1 0]',
      kind: 'LinearShuntCompensator',
      is: { reactivePowerVar: 600_000, sections: 2, sectionsIn: 1, grounded: true },
    },
    {
      text: 'new reactor.x bus1=src kvar=100 kv=12.47',
      kind: 'LinearShuntCompensator',
      is: { reactivePowerVar: -100_000 },
    },
    {
      text: 'new reactor.x bus1=src bus2=b x=(2 3 *) r=1',
      kind: 'SeriesCompensator',
      is: {
        rOhm: [
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ],
        xOhm: [
          [6, 0, 0],
          [0, 6, 0],
          [0, 0, 6],
        ],
      },
    },
    {
      text: 'new generator.x bus1=src kw=600 pf=1 kva=750 xdp=.27 h=2 mode=3 vpu=1.01',
      kind: 'SynchronousMachine',
      is: {
        operation: 'voltage',
        targetVoltagePu: 1.01,
        ratedPowerVa: 750_000,
        machine: { transientXdPu: 0.27, inertiaS: 2 },
      },
    },
    {
      text: 'new pvsystem.x bus1=src kva=6 pmpp=5 irradiance=.8 kvarmax=2',
      kind: 'PowerElectronicsConnection',
      is: { activePowerW: 4_000, maxReactivePowerVar: 2_000, units: [{ kind: 'PhotovoltaicUnit', peakPowerW: 5_000 }] },
    },
    {
      text: 'new storage.x bus1=src kwrated=250 kwhrated=500 %reserve=30 state=charge %charge=60',
      kind: 'PowerElectronicsConnection',
      is: {
        activePowerW: -150_000,
        units: [{ kind: 'BatteryUnit', ratedEnergyWh: 500_000, reserveWh: 150_000, state: 'charging' }],
      },
    },
  ] as const)('$text', ({ text, kind, is }) => {
    const result = imported(circuit + text);
    expect(faults(result)).toEqual([]);
    const found = [...result.network.equipment.values()].find(({ name }) => name === 'x');
    expect(found).toMatchObject({ kind, ...is });
  });

  test('a capacitor with its control', () => {
    const text =
      'new line.l bus1=src bus2=b length=1 units=m r1=1\nnew capacitor.c bus1=b.1 phases=1 kv=7.2 kvar=300\nnew capcontrol.k capacitor=c element=line.L terminal=2 type=kvar onsetting=150 offsetting=-225 voltoverride=Y vmin=7110 vmax=7740 ptratio=1 ctratio=1 ctphase=1';
    expect(one(imported(circuit + text), 'Capacitor.c', 'LinearShuntCompensator').control).toEqual({
      name: 'k',
      enabled: true,
      mode: 'reactivePower',
      monitored: { equipment: 'Line.l', terminal: 2, phase: 'A' },
      on: 150_000,
      off: -225_000,
      ptRatio: 1,
      ctRatio: 1,
      voltageOverride: { minV: 7_110, maxV: 7_740 },
      delayOnS: 15,
      delayOffS: 15,
      deadTimeS: 300,
    });
  });

  test('a source by short-circuit power, and by ohms', () => {
    const byPower = one(
      imported('new circuit.c bus1=s basekv=115 mvasc3=20000 mvasc1=21000 pu=1.0001 angle=30'),
      'Vsource.source',
      'EnergySource',
    );
    expect(byPower).toMatchObject({ nominalVoltageV: 115_000, voltagePu: 1.0001, angleDeg: 30 });
    // The figures of the CIM model of the same feeder.
    expect([byPower.r1Ohm, byPower.x1Ohm, byPower.r0Ohm, byPower.x0Ohm].map((each) => Number(each.toFixed(8)))).toEqual(
      [0.16037668, 0.64150673, 0.17960358, 0.53881075],
    );
    expect(
      one(imported('new circuit.c bus1=s r1=0 x1=.001 r0=0 x0=.002'), 'Vsource.source', 'EnergySource'),
    ).toMatchObject({ r1Ohm: 0, x1Ohm: 0.001, x0Ohm: 0.002 });
  });
});
