import type { JSX } from 'react';
import type { SiteRow } from '../../../src/api/site-contract.ts';
import { Mark } from '../design/marks.tsx';
import type { Shape } from '../design/marks.tsx';
import { words } from '../words/labels.ts';

const shapes: Readonly<Record<SiteRow['state'], Shape>> = {
  planned: 'absent',
  provisioned: 'warn',
  'in-service': 'well',
  retired: 'stopped',
};
const titles: Readonly<Record<SiteRow['state'], string>> = {
  planned: 'Entered; not all of its gateways have an identity yet',
  provisioned: 'Its gateways are enrolled; without a passed commissioning report nothing there is commanded',
  'in-service': 'A passed commissioning report says the same as its gateways do',
  retired: 'Nothing there is commanded any more',
};

/** How far a site is, and whether it is a real one. */
export function SiteMark({ site: { state, emulated } }: { site: SiteRow }): JSX.Element {
  return (
    <span className="site-state">
      <Mark shape={shapes[state]} title={titles[state]}>
        <strong>{words(state)}</strong>
      </Mark>
      {emulated && (
        <span
          className="badge doubt"
          title="In service by a report of emulated devices: nothing was measured on a site"
        >
          EMULATED
        </span>
      )}
    </span>
  );
}
