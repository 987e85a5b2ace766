import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeExport } from './csv-export.ts';
import { readImport } from './csv-import.ts';
import { withChanges } from './order-book.ts';
import type { OrderBook } from './order-book.ts';

const empty: OrderBook = { site: new Map(), device: new Map(), contract: new Map() };
const heading = 'site,site_title,gateway,device,profile,connection,unit,contract,contract_power_kw,may_command,from,to';

function taken(text: string, book: OrderBook = empty): OrderBook {
  const read = readImport(text, book);
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  return withChanges(book, read.changes);
}

const flat = [
  heading,
  'home,Home,gw-1,meter-1,ami-meter,rtu /dev/ttyUSB0 9600 8E1,1,,,,,',
  'home,Home,gw-1,pv-1,sunspec-inverter,tcp 192.0.2.7,1,C-1,6.6,Ann; Bob,2026-01-01,2026-12-31',
  'home,Home,gw-1,pv-1,sunspec-inverter,tcp 192.0.2.7,1,C-2,6.6,any,2027-01-01,',
].join('\n');

describe('a file that is sound', () => {
  test('says what it would enter, in units of the records', () => {
    const book = taken(flat);
    expect([...book.site.values()]).toEqual([{ id: 'home', title: 'Home' }]);
    expect(book.device.get('gw-1.pv-1')).toEqual({
      key: 'gw-1.pv-1',
      gatewayId: 'gw-1',
      deviceId: 'pv-1',
      siteId: 'home',
      profile: 'sunspec-inverter',
      connection: 'tcp 192.0.2.7',
      unit: 1,
    });
    expect(book.contract.get('C-1')).toEqual({
      id: 'C-1',
      deviceKey: 'gw-1.pv-1',
      ratedPowerW: 6_600,
      operators: ['Ann', 'Bob'],
      fromDay: '2026-01-01',
      toDay: '2026-12-31',
    });
    expect([...book.contract.keys()]).toEqual(['C-1', 'C-2']);
  });

  test('three files, one for each kind, say the same as one', () => {
    const sites = taken('site;site_title\nhome;Home\n');
    const devices = taken(
      'Site;Gateway;Device;Profile;Connection;Unit\nhome;gw-1;meter-1;ami-meter;rtu /dev/ttyUSB0 9600 8E1;1\nhome;gw-1;pv-1;sunspec-inverter;tcp 192.0.2.7;1',
      sites,
    );
    const all = taken(
      'gateway\tdevice\tcontract\tContract Power kW\tMay-command\tfrom\tto\ngw-1\tpv-1\tC-1\t6.6\tAnn;Bob\t2026-01-01\t2026-12-31\ngw-1\tpv-1\tC-2\t6.6\tany\t2027-01-01\t',
      devices,
    );
    expect(writeExport(all)).toBe(writeExport(taken(flat)));
  });

  test('again, it changes nothing; an absent column leaves a field, an empty cell clears it', () => {
    const book = taken(flat);
    const again = readImport(flat, book);
    expect(again).toMatchObject({ ok: true, changes: [] });
    expect(taken('site,site_title\nhome,Home', book).device.size).toBe(2);
    const cleared = readImport(`gateway,device,profile,connection,unit\ngw-1,pv-1,sunspec-inverter,,`, book);
    expect(cleared).toMatchObject({
      ok: true,
      records: [
        {
          kind: 'device',
          id: 'gw-1.pv-1',
          line: 2,
          change: 'changed',
          fields: [
            { column: 'connection', from: 'tcp 192.0.2.7' },
            { column: 'unit', from: '1' },
          ],
        },
      ],
    });
  });

  test('a byte order mark, CRLF, quotes with commas, empty lines, lines of commas alone', () => {
    const book = taken('\uFEFF"site","site_title"\r\nhome,"Main St, 5 ""B"""\r\n\r\n,\r\nwork,Works\r\n');
    expect([...book.site.values()].map(({ title }) => title)).toEqual(['Main St, 5 "B"', 'Works']);
  });
});

describe('a file that is not: every fault with line and column, and nothing is taken', () => {
  const device = 'site,site_title,gateway,device,profile,connection,unit,switched_by';
  const contract = `${device},contract,contract_power_kw,max_power_kw,commands,may_command,from,to`;
  test.each([
    { name: 'nothing', text: '', faults: [[1, undefined, 'the file is empty']] },
    { name: 'a heading that is none', text: 'site,titel\nhome,x', faults: [[1, undefined, "'titel' is no column"]] },
    { name: 'a line without end', text: `site\nx${','.repeat(1e5)}`, faults: [[2, undefined, 'is this a table?']] },
    { name: 'a heading without end', text: ','.repeat(1e5), faults: [[1, undefined, 'is this a table?']] },
    {
      name: 'lines without end',
      text: `site,site_title\n${'x,y\n'.repeat(1e5)}`,
      faults: [[10_002, undefined, 'more than 10000 lines']],
    },
    { name: 'a heading twice', text: 'site,Site,site_title\na,b,c', faults: [[1, 'Site', 'is there twice']] },
    {
      name: 'too few cells',
      text: 'site,site_title\nhome\nwork,Works',
      faults: [[2, undefined, 'has 1 cell, and the heading 2']],
    },
    {
      name: 'too many cells, after a cell of two lines',
      text: 'site,site_title,address\nhome,Home,"1 Elm\nSt"\nwork,Works,1,2',
      faults: [
        [2, 'address', 'line break'],
        [4, undefined, 'has 4 cells'],
      ],
    },
    {
      name: 'a quote that stays open',
      text: 'site,site_title\nhome,"Home\nwork,W',
      faults: [[3, undefined, 'never closed']],
    },
    { name: 'not UTF-8', text: 'site,site_title\nhome,Caf\uFFFD', faults: [[2, 'site_title', 'not UTF-8']] },
    { name: 'a formula', text: 'site,site_title\nhome,=cmd()', faults: [[2, 'site_title', 'formula']] },
    { name: 'a site without a title', text: 'site,feeder\nhome,Elm', faults: [[2, 'site_title', 'is missing']] },
    { name: 'a name that is none', text: 'site,site_title\nHome Street,x', faults: [[2, 'site', 'is no name']] },
    {
      name: 'coordinates',
      text: 'site,site_title,latitude,longitude\na,A,91,0\nb,B,"34,5",0\nc,C,x,0',
      faults: [
        [2, 'latitude', '91'],
        [3, 'latitude', 'write it with a point'],
        [4, 'latitude', "'x' is no number"],
      ],
    },
    {
      name: 'out of range',
      text: 'site,site_title,latitude\na,A,91',
      faults: [[2, 'latitude', 'not within -90 to 90']],
    },
    {
      name: 'the same site twice, told apart',
      text: 'site,site_title\nhome,Home\nhome,House',
      faults: [[3, 'site_title', "is 'House' here, and 'Home' on line 2"]],
    },
    {
      name: 'a line of names alone',
      text: 'site,site_title,gateway,device,profile\nhome,Home,,,\nhome,,gw,d,',
      faults: [[3, undefined, 'says nothing of them']],
    },
    {
      name: 'a device of no site, of an unknown one, and without a gateway',
      text: `${device}\n,,gw-1,d1,p,,,\nnowhere,,gw-2,d2,p,,,\nhome,Home,,d3,p,,,`,
      faults: [[4, 'gateway', 'is empty: which device']],
    },
    {
      name: 'a device of no site, and of an unknown one',
      text: `${device}\n,,gw-1,d1,p,,,\nnowhere,,gw-2,d2,p,,,`,
      faults: [
        [2, 'site', 'at which site is this device?'],
        [3, 'site', 'there is no site nowhere'],
      ],
    },
    {
      name: 'a gateway at two sites',
      text: `${device}\na,A,gw-1,d1,p,,,\nb,B,gw-1,d2,p,,,`,
      faults: [
        [2, 'gateway', 'gw-1 is at site b'],
        [3, 'gateway', 'gw-1 is at site a'],
      ],
    },
    {
      name: 'connections',
      text: `${device}\na,A,g1,d1,p,rtu /dev/ttyS0 9601 8E1,1,\na,A,g2,d1,p,usb 1,1,\na,A,g3,d1,p,tcp host:99999,1,\na,A,g4,d1,p,tcp host,,\na,A,g5,d1,p,rtu /dev/ttyS0 9600,0,`,
      faults: [
        [2, 'connection', 'no standard baud rate'],
        [3, 'connection', "'usb 1' is no connection"],
        [4, 'connection', '99999 is no port'],
        [5, 'unit', 'is missing'],
        [6, 'unit', '0 is no unit of a serial line'],
      ],
    },
    {
      name: 'two devices in one place, and one port with two settings',
      text: `${device}\na,A,g,d1,p,rtu /dev/ttyS0 9600,1,\na,A,g,d2,p,rtu /dev/ttyS0 9600,1,\na,A,h,d1,p,rtu /dev/ttyS0 9600,1,\na,A,h,d2,p,rtu /dev/ttyS0 19200,2,`,
      faults: [
        [2, 'unit', 'is d2 already'],
        [3, 'unit', 'is d1 already'],
        [4, 'connection', 'with other settings'],
        [5, 'connection', 'with other settings'],
      ],
    },
    {
      name: 'all at once: a cell that cannot be read hides no other fault, and makes none elsewhere',
      text: `${contract}\na,A,g,d1,p,usb,1,,,,,,,,\na,A,g,d2,p,tcp host,six,,c1,5,,,any,2026-02-30,\na,A,h,d3,p,tcp host,300,d9,,,,,,,`,
      faults: [
        [2, 'connection', "'usb' is no connection"],
        [3, 'unit', "'six' is no whole number"],
        [3, 'from', 'no day of the calendar'],
        [4, 'unit', '300'],
      ],
    },
    {
      name: 'a line with a cell too many hides no fault of the others, and makes none',
      text: `${contract}\na,A,g,d1,p,,999,,,,,,,,\na,A,g,d2,p,,,,,,,,,,,x\n,,g,d3,,,,d2,,,,,,,`,
      faults: [
        [2, 'unit', '999'],
        [3, undefined, 'has 16 cells'],
      ],
    },
    {
      name: 'switched by itself, or by none',
      text: `${device}\na,A,g,d1,p,,,d1\na,A,g,d2,p,,,d9`,
      faults: [
        [2, 'switched_by', 'not switched by itself'],
        [3, 'switched_by', 'there is no device d9 at g'],
      ],
    },
    {
      name: 'contracts',
      text: [
        contract,
        'a,A,g,d,p,,,,c1,5,6,,any,2026-01-01,',
        'a,A,g,d,p,,,,c2,5,,explode,any,2026-01-01,',
        'a,A,g,d,p,,,,c3,5,,,any; Ann,2026-01-01,',
        'a,A,g,d,p,,,,c4,5,,,any,2026-02-30,',
        'a,A,g,d,p,,,,c5,5,,,any,2026-05-01,2026-04-30',
        'a,A,g,d,p,,,,c6,5,,,,2026-01-01,',
        'a,A,g,x,,,,,c7,5,,,any,2026-01-01,',
      ].join('\n'),
      faults: [
        [2, 'max_power_kw', 'is above the rated'],
        [3, 'commands', "'explode' is no command"],
        [4, 'may_command', "'any' stands alone"],
        [5, 'from', 'no day of the calendar'],
        [6, 'to', 'is before 2026-05-01'],
        [7, 'may_command', 'is missing'],
        [8, 'device', 'there is no device g.x'],
      ],
    },
    {
      name: 'cells that cannot be read',
      text: `${contract}\na,A,g,d,p,,one,,c1,1.000.000,,,any,1.1.2026,`,
      faults: [
        [2, 'unit', "'one' is no whole number"],
        [2, 'contract_power_kw', 'without separators'],
        [2, 'from', 'write it as 2026-03-31'],
      ],
    },
    {
      name: 'a contract that belongs to two devices',
      text: `${contract}\na,A,g,d,p,,,,c1,5,,,any,2026-01-01,\na,A,g,e,p,,,,c1,5,,,any,2026-01-01,`,
      faults: [[3, undefined, 'belongs to g.e here, and to g.d on line 2']],
    },
  ] as const)('$name', ({ text, faults }) => {
    const read = readImport(text, empty);
    if (read.ok) throw new Error('it was taken');
    expect(read.faults.map(({ line, column }) => [line, column])).toEqual(
      faults.map(([line, column]) => [line, column]),
    );
    for (const [index, [, , says]] of faults.entries()) expect(read.faults[index]?.say).toContain(says);
  });

  test('more faults than a person reads are counted', () => {
    const lines = Array.from({ length: 500 }, (_, index) => `site-${index},T,99`);
    const read = readImport(['site,site_title,latitude', ...lines].join('\n'), empty);
    expect(read).toMatchObject({ ok: false, more: 300 });
  });
});

test.each(['=1+1', '+1+1', '-2+3', '@SUM(1)', "'=1+1", "''+1"])('%s is exported as text, and comes back', (title) => {
  const book: OrderBook = { ...empty, site: new Map([['home', { id: 'home', title }]]) };
  const text = writeExport(book);
  expect(text.split('\r\n')[1]).toMatch(/^home,'/);
  expect(taken(text).site.get('home')?.title).toBe(title);
});

test('a gateway with too many devices on one port is told soon', () => {
  const lines = Array.from({ length: 9_000 }, (_, i) => `home,Home,gw,m${i},p,tcp 192.0.2.7,1,,,,,`);
  const beganMs = performance.now();
  const read = readImport([heading, ...lines].join('\n'), empty);
  expect(performance.now() - beganMs).toBeLessThan(4_000);
  expect(read).toMatchObject({ ok: false, faults: expect.arrayContaining([expect.objectContaining({ line: 2 })]) });
});

test('what is exported is imported without a change, whatever people entered', () => {
  const title = fc
    .string({ minLength: 1, maxLength: 30, unit: 'grapheme' })
    .map((text) => text.normalize('NFC').trim());
  const sound = title.filter((text) => text !== '' && !/\p{Cc}|\uFFFD/u.test(text));
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/).filter((text) => text !== 'host');
  fc.assert(
    fc.property(
      fc.uniqueArray(
        fc.tuple(
          name,
          sound,
          sound,
          fc.integer({ min: 0, max: 9_000_000 }),
          fc.float({ min: -90, max: 90, noNaN: true }),
        ),
        {
          selector: ([id]) => id,
          maxLength: 5,
        },
      ),
      (sites) => {
        const rounded = (value: number): number => Math.round(value * 1e6) / 1e6 + 0;
        const book: OrderBook = {
          site: new Map(
            sites.map(([id, text, feeder, , latitude]) => [
              id,
              { id, title: text, feeder, latitude: rounded(latitude), longitude: 0 },
            ]),
          ),
          device: new Map(
            sites.map(([id, , text, ratedPowerW]) => {
              const key = `${id}.d`;
              return [
                key,
                {
                  key,
                  gatewayId: id,
                  deviceId: 'd',
                  siteId: id,
                  profile: 'p',
                  make: text,
                  ratedPowerW,
                  readOnly: true,
                },
              ];
            }),
          ),
          contract: new Map(
            sites.map(([id]) => [
              `c-${id}`,
              { id: `c-${id}`, deviceKey: `${id}.d`, operators: ['Ann B', 'Ço'], fromDay: '2026-01-01', maxPowerW: 70 },
            ]),
          ),
        };
        const read = readImport(writeExport(book), book);
        expect(read).toMatchObject({ ok: true, changes: [] });
        expect(writeExport(taken(writeExport(book)))).toBe(writeExport(book));
      },
    ),
  );
});

test('no text whatever makes the reader throw', () => {
  fc.assert(
    fc.property(fc.string(), fc.boolean(), (text, headed) => {
      expect(['boolean']).toContain(typeof readImport(headed ? `${heading}\n${text}` : text, empty).ok);
    }),
  );
});
