import { expect, test } from 'vitest';
import { certificateHolder, gatewayUri, headEndUri } from './certificate-names.ts';

test.each([
  [`URI:${gatewayUri('gw-1')}`, { of: 'gateway', gatewayId: 'gw-1' }],
  [`URI:${headEndUri}`, { of: 'head-end' }],
  [undefined, undefined],
  ['', undefined],
  ['URI:urn:tiepoint:gateway:', undefined],
  ['URI:urn:tiepoint:gateway:GW-1', undefined],
  ['URI:urn:tiepoint:gateway:gw-1, URI:urn:tiepoint:gateway:gw-2', undefined],
  ['DNS:gw-1, URI:urn:tiepoint:gateway:gw-1', undefined],
  ['URI:urn:tiepoint:gateway:host', undefined],
  ['URI:urn:tiepoint:head-end:more', undefined],
  ['DNS:urn:tiepoint:head-end', undefined],
])('%s is %o', (altName, holder) => {
  expect(certificateHolder(altName)).toEqual(holder);
});
