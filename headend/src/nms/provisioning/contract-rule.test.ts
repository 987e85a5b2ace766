import { describe, expect, test } from 'vitest';
import { mayUnderContract } from './contract-rule.ts';
import type { CommandWanted, Standing } from './contract-rule.ts';

const contract = { id: 'C-1', operators: ['any'], ratedPowerW: 5_000, fromDay: '2026-01-01', toDay: '2026-12-31' };
type Known = NonNullable<Standing>;
const standing = (changes: Partial<Known> = {}): Known => ({
  siteId: 'home',
  state: 'in-service',
  missing: [],
  contracts: [contract],
  ...changes,
});
const wanted: CommandWanted = {
  deviceId: 'pv-1',
  isAas: true,
  limits: { ratedPowerW: 10_000, ratedCurrentA: 40 },
  kind: 'limit-power',
  parameters: { limitPct: 50 },
  operator: 'ada',
  today: '2026-06-01',
};

describe('what may be commanded', () => {
  test.each([
    { name: 'under a contract in force', of: standing(), is: 'ok' },
    { name: 'that nobody entered', of: undefined, is: 'not-in-service', says: 'Nobody has entered pv-1' },
    {
      name: 'at a site that is provisioned',
      of: standing({ state: 'provisioned', missing: ['gw has no passed commissioning report yet.'] }),
      is: 'not-in-service',
      says: 'Site home is provisioned, not in service. gw has no passed',
    },
    { name: 'at a retired site', of: standing({ state: 'retired' }), is: 'not-in-service' },
    { name: 'an AAS without a contract', of: standing({ contracts: [] }), is: 'no-contract', says: 'it has none' },
    { name: 'a meter without a contract', of: standing({ contracts: [] }), with: { isAas: false }, is: 'ok' },
    { name: 'on the first day', of: standing(), with: { today: '2026-01-01' }, is: 'ok' },
    { name: 'on the last day', of: standing(), with: { today: '2026-12-31' }, is: 'ok' },
    {
      name: 'before it',
      of: standing(),
      with: { today: '2025-12-31' },
      is: 'no-contract',
      says: 'C-1 runs from 2026-01-01 to',
    },
    { name: 'after it', of: standing(), with: { today: '2027-01-01' }, is: 'no-contract' },
    {
      name: 'a meter whose contract is over',
      of: standing(),
      with: { isAas: false, today: '2027-01-01' },
      is: 'no-contract',
    },
    {
      name: 'by another than it names',
      of: standing({ contracts: [{ ...contract, operators: ['bob', 'cy'] }] }),
      is: 'no-contract',
      says: 'lets bob, cy command pv-1, not ada',
    },
    {
      name: 'by one whom it names',
      of: standing({ contracts: [{ ...contract, operators: ['bob', 'ada'] }] }),
      is: 'ok',
    },
    {
      name: 'by one whom the second of two names',
      of: standing({
        contracts: [
          { ...contract, operators: ['bob'] },
          { ...contract, id: 'C-2', operators: ['ada'] },
        ],
      }),
      is: 'ok',
    },
    {
      name: 'a kind that it does not allow',
      of: standing({ contracts: [{ ...contract, commands: ['disconnect'] }] }),
      is: 'no-contract',
      says: 'allows disconnect at pv-1, not limit-power',
    },
    {
      name: 'above its rated power',
      of: standing(),
      with: { parameters: { limitPct: 50.2 } },
      is: 'out-of-limits',
      says: '50.2 % of pv-1 is 5020 W; contract C-1 allows 5000 W, 50 %.',
    },
    {
      name: 'above the cap below its rated power',
      of: standing({ contracts: [{ ...contract, maxPowerW: 4_000 }] }),
      is: 'out-of-limits',
    },
    {
      name: 'above its rated current',
      of: standing({ contracts: [{ ...contract, ratedCurrentA: 10 }] }),
      is: 'out-of-limits',
      says: '20 A',
    },
    {
      name: 'without a rating to hold it against',
      of: standing(),
      with: { limits: {} },
      is: 'out-of-limits',
      says: 'does not tell its rating',
    },
    {
      name: 'under a contract without a cap',
      of: standing({ contracts: [{ id: 'C-3', operators: ['any'], fromDay: '2026-01-01' }] }),
      with: { limits: {}, parameters: { limitPct: 100 } },
      is: 'ok',
    },
  ] satisfies { name: string; of: Standing; with?: Partial<CommandWanted>; is: string; says?: string }[])(
    '$name: $is',
    ({
      of,
      with: changes = {},
      is,
      says = '',
    }: {
      of: Standing;
      with?: Partial<CommandWanted>;
      is: string;
      says?: string;
    }) => {
      const verdict = mayUnderContract(of, { ...wanted, ...changes });
      expect(verdict.ok ? 'ok' : verdict.reason).toBe(is);
      expect(verdict.ok ? '' : verdict.say).toContain(says);
    },
  );

  test('a button that is only shown asks for nobody and no value', () => {
    const { operator: _operator, parameters: _parameters, ...shown } = wanted;
    expect(
      mayUnderContract(standing({ contracts: [{ ...contract, operators: ['bob'], maxPowerW: 1 }] }), shown),
    ).toEqual({ ok: true });
  });
});
