import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { feederPath, feedersMissing, feederText } from '../feeders.fixture.ts';
import type { Equipment } from '../model/equipment.ts';
import { findingLine } from '../model/finding.ts';
import { elementGroups } from '../model/network.ts';
import type { Network, NetworkElement } from '../model/network.ts';
import { importOpenDss } from '../opendss/import-opendss.ts';
import { diskFiles } from '../opendss/script-files.ts';
import { exportCim } from './export-cim.ts';
import { importCim } from './import-cim.ts';
import { readRdf } from './rdf.ts';

const wrapped = (body: string): string =>
  `<rdf:RDF xmlns:cim="http://iec.ch/TC57/CIM100#" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n${body}\n</rdf:RDF>`;

const named = (kind: string, id: string, body = ''): string =>
  `<cim:${kind} rdf:about="urn:uuid:${id}"><cim:IdentifiedObject.name>${id}</cim:IdentifiedObject.name>${body}</cim:${kind}>`;
const ref = (property: string, id: string): string => `<cim:${property} rdf:resource="#${id}"/>`;

describe('RDF/XML', () => {
  test('resources with their properties and lines, in whatever pieces the file comes', () => {
    const text = wrapped(
      `${named('Fuse', 'f', ref('A.b', '_x'))}\n<cim:Fuse rdf:ID="_g"><cim:A.text>1 &lt; 2</cim:A.text></cim:Fuse>`,
    );
    const read = readRdf(text.match(/[\s\S]{1,7}/g) ?? []);
    expect(read.ok && read.objects).toMatchObject([
      { id: 'f', class: 'Fuse', line: 2 },
      { id: 'g', class: 'Fuse', line: 3 },
    ]);
    expect(read.ok && read.objects.map(({ properties }) => [...properties])).toEqual([
      [
        ['IdentifiedObject.name', [{ line: 2, text: 'f' }]],
        ['A.b', [{ line: 2, ref: 'x' }]],
      ],
      [['A.text', [{ line: 3, text: '1 < 2' }]]],
    ]);
  });

  test.each([
    { text: wrapped('<cim:Fuse rdf:about="a">'), line: 3 },
    { text: '<html></html>', line: 1 },
    { text: wrapped('<cim:Fuse/>'), line: 2 },
    { text: 'no xml', line: 1 },
    { text: wrapped('<cim:Fuse rdf:about="a"><cim:x><cim:y/></cim:x></cim:Fuse>'), line: 2 },
  ])('what is none is told by its line: $text', ({ text, line }) => {
    const { findings } = importCim('a.xml', [text]);
    expect(findings).toMatchObject([{ severity: 'error', code: 'unreadable-file', place: { file: 'a.xml', line } }]);
  });
});

describe('whatever stands in a file', () => {
  test('an import ends with a network and findings', () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd');
    const property = fc.constantFrom(
      'Terminal.ConductingEquipment',
      'Terminal.ConnectivityNode',
      'ACLineSegment.PerLengthImpedance',
      'TransformerEnd.Terminal',
      'PowerTransformerEnd.PowerTransformer',
      'PhaseImpedanceData.PhaseImpedance',
      'UsagePoint.Equipments',
      'SwitchPhase.Switch',
    );
    const text = fc.constantFrom(
      'Conductor.length',
      'PerLengthPhaseImpedance.conductorCount',
      'EnergyConsumer.p',
      'Element.extension',
      'PhaseImpedanceData.row',
    );
    const kind = fc.constantFrom(
      'Terminal',
      'ConnectivityNode',
      'ACLineSegment',
      'PowerTransformer',
      'PowerTransformerEnd',
      'EnergyConsumer',
      'UsagePoint',
      'Fuse',
      'Feeder',
      'PerLengthPhaseImpedance',
      'PhaseImpedanceData',
    );
    const value = fc.oneof(
      fc.tuple(property, id).map(([name, target]) => ref(name, target)),
      fc
        .tuple(text, fc.constantFrom('1', '3', '-1', '1e9', 'NaN', '{}', '[1]', ''))
        .map(([name, content]) => `<cim:${name}>${content}</cim:${name}>`),
    );
    const resource = fc
      .tuple(kind, id, fc.array(value, { maxLength: 4 }))
      .map(([name, own, values]) => named(name, own, values.join('')));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(resource, { maxLength: 10 }).map((all) => wrapped(all.join('\n'))),
          fc.string(),
        ),
        (file) => {
          expect(importCim('a.xml', [file]).network.header.kind).toBe('Network');
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('what is written of our own', () => {
  test.each([
    [
      'kind',
      { kind: 'Netwo;rk', id: 'other', frequencyHz: 50 },
      'kind, id',
      { kind: 'Network', id: 'network', frequencyHz: 50 },
    ],
    ['a number as text', { frequencyHz: '50' }, 'frequencyHz', { frequencyHz: 60 }],
    ['no finite number', '{"frequencyHz":1e999}', 'frequencyHz', { frequencyHz: 60 }],
    [
      'a word that is none',
      { coordinates: 'polar', name: 'town' },
      'coordinates',
      { name: 'town', coordinates: 'none' },
    ],
    ['a name of every object', { constructor: {}, toString: 1 }, 'constructor, toString', { frequencyHz: 60 }],
  ])('%s: what cannot be is told and left out, the rest is taken', (_, content, left, header) => {
    const json = typeof content === 'string' ? content : JSON.stringify(content);
    const system = named('CoordinateSystem', 's', `<cim:Element.extension>${json}</cim:Element.extension>`);
    const read = importCim('a.xml', [wrapped(system)]);
    expect(read.network.header).toMatchObject(header);
    expect(read.findings.map(findingLine)).toContain(
      `a.xml:2  error: CoordinateSystem s: Element.extension: what it says of ${left} cannot be read: it is left out`,
    );
  });

  test.each([
    ['ConnectivityNode', { position: { x: 1 } }, { position: { x: 1, y: 2, z: 3 } }],
    ['Customer', { critical: 'yes' }, { customerKind: 'private' }],
    ['EnergyConsumer', { terminals: null }, { response: { kind: 'shares', active: [1, 0], reactive: [1, 0, 0] } }],
  ])('%s: nothing odd gets into the network', (kind, ...odd) => {
    for (const content of odd) {
      const json = `<cim:Element.extension>${JSON.stringify(content)}</cim:Element.extension>`;
      const parts = [
        named(kind, 'q', json),
        named('Terminal', 't', ref('Terminal.ConductingEquipment', 'q') + ref('Terminal.ConnectivityNode', 'n')),
        named('ConnectivityNode', 'n'),
      ];
      const { network, findings } = importCim('a.xml', [wrapped(parts.join('\n'))]);
      const [key = ''] = Object.keys(content);
      expect(findings.map(({ say }) => say)).toContain(
        `${kind} q: Element.extension: what it says of ${key} cannot be read: it is left out`,
      );
      const taken = elementGroups.flatMap((group) => [...network[group].values()]).find(({ name }) => name === 'q');
      expect((taken as Record<string, unknown> | undefined)?.[key]).not.toEqual(Object.values(content)[0]);
    }
  });
});

describe('an import', () => {
  test('tells by line what it does not understand, what leads nowhere, and what is of no concern', () => {
    const load = named(
      'EnergyConsumer',
      'l',
      `<cim:EnergyConsumer.p>many</cim:EnergyConsumer.p>${ref('EnergyConsumer.LoadResponse', 'gone')}<cim:EnergyConsumer.pfixed>1</cim:EnergyConsumer.pfixed>`,
    );
    const terminal = named(
      'Terminal',
      't',
      ref('Terminal.ConductingEquipment', 'l') + ref('Terminal.ConnectivityNode', 'n'),
    );
    const line = named('ACLineSegment', 'q');
    const body = [
      load,
      terminal,
      named('ConnectivityNode', 'n'),
      named('Analog', 'a'),
      named('Analog', 'b'),
      named('DCLine', 'd'),
      line,
    ].join('\n');
    const { network, findings } = importCim('a.xml', [wrapped(body)]);
    expect(findings.map(findingLine)).toEqual([
      'a.xml:8  error: ACLineSegment q: has 0 terminals, not 2: it is left out',
      "a.xml:2  error: EnergyConsumer l: EnergyConsumer.p: 'many' is no number",
      'a.xml:2  error: EnergyConsumer l: EnergyConsumer.LoadResponse names gone, which is not in the file',
      'a.xml:2  note: EnergyConsumer.pfixed of EnergyConsumer is not part of the network model',
      'a.xml:5  note: Analog is not part of the network model (2 of them, first here)',
      'a.xml:7  warning: DCLine is not understood here and left out',
    ]);
    expect(network.equipment.get('l')).toMatchObject({
      kind: 'EnergyConsumer',
      terminals: [{ node: 'n', phases: ['A', 'B', 'C'] }],
    });
  });
});

/** Where two values differ, numbers by more than their last digits; undefined: nowhere. */
function difference(found: unknown, due: unknown, what: string): string | undefined {
  if (typeof due === 'number' && typeof found === 'number') {
    const same = Math.abs(found - due) <= 1e-9 * Math.max(1e-12, Math.abs(due));
    return same ? undefined : `${what}: ${found} is not ${due}`;
  }
  if (typeof due !== 'object' || due === null || typeof found !== 'object' || found === null)
    return found === due ? undefined : `${what}: ${String(found)} is not ${String(due)}`;
  const [mine, theirs] = [found, due].map((each) => Object.keys(each).toSorted().join());
  if (mine !== theirs) return `${what} has ${mine}, not ${theirs}`;
  for (const [key, value] of Object.entries(due)) {
    const within = difference((found as Record<string, unknown>)[key], value, `${what}.${key}`);
    if (within !== undefined) return within;
  }
  return undefined;
}

const plain = ({ from: _from, ...rest }: NetworkElement & { from?: unknown }): object => rest;

function differences(found: Network, due: Network): string[] {
  const said = [difference(found.header, due.header, 'header')];
  for (const group of elementGroups) {
    said.push(difference([...found[group].keys()].toSorted(), [...due[group].keys()].toSorted(), group));
    for (const [id, element] of due[group] as ReadonlyMap<string, NetworkElement>) {
      const other = (found[group] as ReadonlyMap<string, NetworkElement>).get(id);
      said.push(difference(other === undefined ? undefined : plain(other), plain(element), id));
    }
  }
  return said.filter((each) => each !== undefined);
}

describe.skipIf(feedersMissing)('feeders (need ../shared/data)', () => {
  test.each(['ieee13/IEEE13Nodeckt.dss', 'ieee123/IEEE123Switches.dss', 'ieee9500/Master-bal-initial-config.dss'])(
    '%s: out to CIM and back it is the same',
    (path) => {
      const { network } = importOpenDss(feederPath(path), diskFiles);
      const back = importCim('out.xml', [exportCim(network)]);
      expect(back.findings.filter(({ severity }) => severity !== 'note').map(findingLine)).toEqual([]);
      expect(differences(back.network, network)).toEqual([]);
    },
    // The 9500 feeder is 50 MB of CIM.
    180_000,
  );

  test.each(['cim/IEEE13.xml', 'cim/IEEE123.xml'])('%s: read, written and read again it is the same', (path) => {
    const network = fromCim(path);
    const back = importCim('out.xml', [exportCim(network)]);
    expect(back.findings.filter(({ severity }) => severity !== 'note').map(findingLine)).toEqual([]);
    expect(differences(back.network, network)).toEqual([]);
  });

  test('IEEE 123 from CIM and from OpenDSS agree element by element', () => {
    expect(compared(fromDss('ieee123/IEEE123Switches.dss'), fromCim('cim/IEEE123.xml'))).toEqual([]);
  });

  test('IEEE 13 agrees but for what its CIM file has otherwise', () => {
    const found = compared(fromDss('ieee13/IEEE13Nodeckt.dss'), fromCim('cim/IEEE13.xml'));
    // It says no susceptance where the script leaves OpenDSS's own, and has two mutual impedances of codes 601 and 602 exchanged.
    const data = /(bSiemensPerM\d\d .* against 0|[rx]OhmPerM(01|10|12|21) .*)$/;
    expect(found.filter((each) => !data.test(each))).toEqual([
      // Switches and a third winding are drawn in.
      'ACLineSegment 632670: terminal1 "632.ABC" against "mid.ABC"',
      'ACLineSegment 684611: terminal1 "684.C" against "tap.C"',
      'PowerTransformer sub is missing',
      'PowerTransformer reg1: terminal1 "650.A" against "brkr.A"',
      'PowerTransformer reg2: terminal1 "650.B" against "brkr.B"',
      'PowerTransformer reg3: terminal1 "650.C" against "brkr.C"',
      'PowerTransformer xfm1: terminal1 "633.ABC" against "xf1.ABC"',
    ]);
  });

  test('IEEE 13 as CIM: what is drawn in is there too', () => {
    const { network } = importCim('IEEE13.xml', [feederText('cim/IEEE13.xml')]);
    const named = (name: string) =>
      [...network.equipment.values()].find((each) => each.name === name && each.kind !== 'EnergyConsumer');
    expect(named('sub3')).toMatchObject({
      kind: 'PowerTransformer',
      ends: [{ connection: 'delta' }, { connection: 'wye', grounded: true }, {}],
      clock: [0, 1, 1],
    });
    expect(network.equipment.size).toBe(46);
    const house = [...network.equipment.values()].filter(({ name }) => name === 'house');
    expect(house.map(({ kind, terminals }) => [kind, terminals[0]?.phases])).toContainEqual([
      'PowerElectronicsConnection',
      ['s1', 's2'],
    ]);
    expect(house).toContainEqual(
      expect.objectContaining({
        units: [expect.objectContaining({ kind: 'BatteryUnit', state: 'charging', ratedEnergyWh: 13_500 })],
      }),
    );
    expect(network.header.coordinates).toBe('schematic');
  });
});

const fromDss = (path: string): Network => importOpenDss(feederPath(path), diskFiles).network;
const fromCim = (path: string): Network => importCim(path, [feederText(path)]).network;

function compared(one: Network, other: Network): string[] {
  const said: string[] = [];
  const key = ({ kind, name }: Equipment): string => `${kind} ${name.toLowerCase()}`;
  const others = new Map([...other.equipment.values()].map((each) => [key(each), each]));
  for (const equipment of one.equipment.values()) {
    const twin = others.get(key(equipment));
    if (twin === undefined) said.push(`${key(equipment)} is missing`);
    else said.push(...differing(one, equipment, other, twin).map((each) => `${key(equipment)}: ${each}`));
  }
  return said;
}

function differing(one: Network, mine: Equipment, other: Network, theirs: Equipment): string[] {
  const said: string[] = [];
  const [a, b] = [features(one, mine), features(other, theirs)];
  for (const [name, value] of Object.entries(a)) {
    const twin = b[name];
    const same =
      typeof value === 'number' && typeof twin === 'number'
        ? Math.abs(value - twin) <= 2e-6 * Math.max(Math.abs(value), 1e-9) + 1e-15
        : JSON.stringify(value) === JSON.stringify(twin);
    if (!same) said.push(`${name} ${JSON.stringify(value)} against ${JSON.stringify(twin)}`);
  }
  return said;
}

/** What both files must say of an element, in comparable form. */
function features(network: Network, equipment: Equipment): Record<string, unknown> {
  const where = Object.fromEntries(
    equipment.terminals.map(({ node, phases }, index) => [
      `terminal${index + 1}`,
      `${network.nodes.get(node)?.name.toLowerCase() ?? node}.${phases.join('')}`,
    ]),
  );
  const numbers: Record<string, unknown> = {};
  const take = (values: object): void => {
    for (const [name, value] of Object.entries(values))
      if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') numbers[name] = value;
  };
  switch (equipment.kind) {
    case 'ACLineSegment': {
      const impedance = network.impedances.get(equipment.impedance);
      for (const matrix of ['rOhmPerM', 'xOhmPerM', 'bSiemensPerM'] as const)
        for (const [row, values] of (impedance?.[matrix] ?? []).entries())
          for (const [column, value] of values.entries())
            numbers[`${matrix}${row}${column}`] = value * equipment.lengthM;
      numbers['lengthM'] = equipment.lengthM;
      break;
    }
    case 'Switch':
      take({ normalOpen: equipment.normalOpen, open: equipment.openPhases.join('') });
      break;
    case 'PowerTransformer':
      take({ phaseCount: equipment.phaseCount, noLoadLossPu: equipment.noLoadLossPu });
      for (const [index, value] of equipment.reactancePu.entries()) numbers[`x${index}`] = value;
      for (const [index, end] of equipment.ends.entries()) {
        const { connection, ratedVoltageV, ratedPowerVa, resistancePu, tapChanger } = end;
        for (const [name, value] of Object.entries({
          connection,
          ratedVoltageV,
          ratedPowerVa,
          resistancePu,
          stepPu: tapChanger?.stepPu,
          ...tapChanger?.control,
        })) {
          if (['name', 'reverse', 'maxTapChange', 'monitoredPhase'].includes(name)) continue;
          numbers[`end${index + 1}.${name}`] = value;
        }
      }
      break;
    case 'EnergyConsumer':
      take({
        activePowerW: equipment.activePowerW,
        reactivePowerVar: equipment.reactivePowerVar,
        connection: equipment.connection,
        response: JSON.stringify(equipment.response),
      });
      break;
    case 'LinearShuntCompensator':
      take({
        reactivePowerVar: equipment.reactivePowerVar,
        ratedVoltageV: equipment.ratedVoltageV,
        connection: equipment.connection,
      });
      break;
    case 'EnergySource':
      take({
        nominalVoltageV: equipment.nominalVoltageV,
        r1Ohm: equipment.r1Ohm,
        x1Ohm: equipment.x1Ohm,
        r0Ohm: equipment.r0Ohm,
        x0Ohm: equipment.x0Ohm,
      });
      break;
    case 'SeriesCompensator':
    case 'SynchronousMachine':
    case 'PowerElectronicsConnection':
      break;
  }
  return { ...where, ...numbers };
}
