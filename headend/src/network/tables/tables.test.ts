import { describe, expect, test } from 'vitest';
import { line, networkOf, poleTransformer, source } from '../connectivity/sample-network.fixture.ts';
import { findingLine } from '../model/finding.ts';
import { changed } from '../model/network-change.ts';
import { importCustomerMap } from './customer-map.ts';
import { importMeterList } from './meter-list.ts';

const network = networkOf(
  [
    source('s', 'bus'),
    line('l', 'bus', 'm'),
    poleTransformer('T1', 'm', 'A', 'x1'),
    line('drop', 'x1', 'h1', ['s1', 's2']),
    poleTransformer('T2', 'm', 'B', 'x2'),
  ],
  (draft) => {
    draft.put({ kind: 'UsagePoint', id: 'SP1', name: 'SP1', node: 'h1', phases: ['s1', 's2'] });
  },
);

describe('a map of customers', () => {
  const read = (text: string) => importCustomerMap('map.csv', text, network);
  const points = (text: string) =>
    [...changed(network, read(text).changes).usagePoints.values()].map(({ id, node, phases, customer, meter }) => [
      id,
      node,
      phases.join(''),
      customer,
      meter,
    ]);

  test('by transformer, by node, by service point', () => {
    const text =
      'Account;Transformer;Node;Service Point;Meter;Class;Critical\n7;t1;;;M7;R;\n8;T2;;SP8;M8;com;yes\n9;;h1;;;;\n10;;;SP1;M10;;no\n11;T1;;SP1b;;;';
    expect(read(text).findings).toEqual([]);
    expect(points(text)).toEqual([
      ['SP1', 'h1', 's1s2', '10', 'M10'],
      ['x1/7', 'x1', 's1s2', '7', 'M7'],
      ['SP8', 'x2', 's1s2', '8', 'M8'],
      ['h1/9', 'h1', 's1s2', '9', undefined],
      ['SP1b', 'x1', 's1s2', '11', undefined],
    ]);
    expect(changed(network, read(text).changes).customers.get('8')).toMatchObject({
      customerKind: 'commercial',
      critical: true,
    });
  });

  test('a service point stays where it is drawn if its transformer is the one named, and moves if it is not', () => {
    expect(points('customer,service_point,transformer\n1,SP1,T1')).toEqual([['SP1', 'h1', 's1s2', '1', undefined]]);
    expect(points('customer,service_point,transformer\n1,SP1,T2')).toEqual([['SP1', 'x2', 's1s2', '1', undefined]]);
  });

  test('faults are told by line, and the rest is taken', () => {
    const text =
      'customer,transformer,meter,phases,kolor\n1,T1,M1,,red\n2,T9,,,\n,T1,,,\n4,T1,M1,,\n5,T1,,XY,\n6,,,,\n7,T1,M7\n8,T2,M8,s1,';
    const { findings, changes } = read(text);
    expect(findings.map(findingLine)).toEqual([
      "map.csv:1  warning: 'kolor' is no column that is known here and is passed over (these are: customer, name, kind, critical, service_point, transformer, node, phases, meter, rated_current_a)",
      'map.csv:4  error: customer is empty',
      'map.csv:8  error: has 3 cells, and the heading 5: is one missing, or a text with a comma not in quotes?',
      'map.csv:3  error: there is no transformer T9 (is t1 meant?): the line is left out',
      'map.csv:5  error: meter M1 is in line 2 already: this line is left out',
      "map.csv:6  error: phases 'XY' are none of A, B, C, s1, s2, N: the line is left out",
      'map.csv:7  error: says neither a transformer nor a node, and its service point is not in the network: the line is left out',
    ]);
    expect(changes).toHaveLength(4);
  });

  test.each([
    {
      text: `customer,transformer\n${','.repeat(1e5)}`,
      say: 'map.csv:2  error: has more than 2,000 commas, semicolons or tabs: is this a table?',
    },
    { text: '', say: 'map.csv:1  error: the file is empty: its first line names the columns' },
    {
      text: 'name,transformer\nx,T1',
      say: 'map.csv:1  error: there is no column customer; these are: customer, name, kind, critical, service_point, transformer, node, phases, meter, rated_current_a',
    },
    {
      text: 'customer,transformer\n"1,T1',
      say: 'map.csv:2  error: a quotation mark opened on this line or before it is never closed',
    },
  ])('$say', ({ text, say }) =>
    expect(
      read(text)
        .findings.filter(({ severity }) => severity === 'error')
        .map(findingLine),
    ).toEqual([say]),
  );
});

describe('a list of meters', () => {
  const mapped = changed(
    network,
    importCustomerMap(
      'map.csv',
      'customer,service_point,transformer,meter\n1,SP1,T1,M1\n2,SP2,T2,\n3,SP3,T2,M3\n3,SP4,T2,',
      network,
    ).changes,
  );
  const read = (text: string) => importMeterList('ami.csv', text, mapped);

  test('by service point and by customer; a meter that moved leaves its old place', () => {
    const text = 'meter,service point,customer,lat,lon\nM1,SP2,,46.7,-119.1\nM9,,1,,\n';
    const { findings, changes } = read(text);
    expect(findings).toEqual([]);
    const after = changed(mapped, changes);
    expect([...after.usagePoints.values()].map(({ id, meter, position }) => [id, meter, position])).toEqual([
      ['SP1', 'M9', undefined],
      ['SP2', 'M1', { x: -119.1, y: 46.7 }],
      ['SP3', 'M3', undefined],
      ['SP4', undefined, undefined],
    ]);
  });

  test('faults are told by line', () => {
    const text = 'meter,service_point,customer\nA,SP1,\nA,SP2,\nB,SP1,\nC,SP9,\nD,,3\nE,,77\nF,,\n';
    expect(read(text).findings.map(findingLine)).toEqual([
      'ami.csv:3  error: meter A is in line 2 already: the line is left out',
      'ami.csv:4  error: service point SP1 has meter A by line 2 already: the line is left out',
      'ami.csv:5  error: there is no service point SP9 (is SP1 meant?): the line is left out',
      'ami.csv:6  error: customer 3 has 2 service points: name one: the line is left out',
      'ami.csv:7  error: customer 77 has no service point: the line is left out',
      'ami.csv:8  error: says neither a service point nor a customer: the line is left out',
    ]);
  });
});
