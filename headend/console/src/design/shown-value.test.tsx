import type { Measurement } from '@tiepoint/protocol';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { MeasuredTable } from '../command/measured-table.tsx';
import { Quantity, Word } from './shown-value.tsx';

test('unknown is a dash that says so, and never a zero', () => {
  const html = renderToStaticMarkup(<Quantity value={undefined} unit="W" freshness="live" />);
  expect(html).toContain('—');
  expect(html).toContain('not known');
  expect(html).not.toContain('0');
});

test('a measured zero is a zero with its unit', () => {
  const html = renderToStaticMarkup(<Quantity value={0} unit="A" freshness="live" />);
  expect(html).toBe('0.0<span class="unit">A</span>');
});

test.each(['late', 'lost', 'never', 'unlinked'] as const)(
  '%s: the value is marked for the eye, the hover and the ear',
  (freshness) => {
    const html = renderToStaticMarkup(<Word value="closed" freshness={freshness} age="13 min" />);
    expect(html).toContain('class="stale"');
    expect(html).toMatch(/title="(Not live|The device has not)/);
    expect(html).toContain('(not live)');
  },
);

test('the table of proof tells met, not met and not known apart in words', () => {
  const measured: Measurement[] = [
    { point: 'switchState', word: 'closed', expected: 'open', met: 'no' },
    { point: 'currentA', value: 0, unit: 'A', expected: 'below 0.5 A', met: 'yes' },
    { point: 'loadSideVoltage', expected: 'absent', met: 'unknown' },
  ];
  const html = renderToStaticMarkup(<MeasuredTable measured={measured} atMs={0} nowMs={0} />);
  const cells = [...html.matchAll(/<tr[^>]*>(.*?)<\/tr>/g)].slice(1).map(([, cellsOf]) =>
    cellsOf
      ?.replaceAll(/<[^>]+>/g, '|')
      .replaceAll(/\|+/g, '|')
      .replaceAll('\u00a0', ' '),
  );
  expect(cells).toEqual([
    '|Switch state|closed|open|no|',
    '|Current|0.0 A|below 0.5 A|yes|',
    '|Load side|—| not known|absent|not known|',
  ]);
});
