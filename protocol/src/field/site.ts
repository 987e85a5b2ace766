import { numberShape, objectShape, maybe } from './json-shape.ts';
import type { Shaped } from './json-shape.ts';
import { areaShape, nameShape, shortShape } from './names.ts';

/**
 * `planned`: entered. `provisioned`: all its gateways have an identity. `in-service`: a passed commissioning report says the same
 * as the births. `retired`: nothing there is commanded any more.
 */
export const siteStates = ['planned', 'provisioned', 'in-service', 'retired'] as const;
export type SiteState = (typeof siteStates)[number];

/**
 * A place with its gateways. `area`: whose operators see and command it; without, those of all areas alone. `critical`: why its supply is not
 * taken with that of others, such as `dialysis at home`. `feeder` and `transformer` are as the utility calls them. Degrees of WGS 84.
 */
export const siteShape = objectShape({
  id: nameShape,
  title: shortShape,
  area: maybe(areaShape),
  critical: maybe(shortShape),
  address: maybe(shortShape),
  latitude: maybe(numberShape({ min: -90, max: 90 })),
  longitude: maybe(numberShape({ min: -180, max: 180 })),
  feeder: maybe(shortShape),
  transformer: maybe(shortShape),
});
export type Site = Shaped<typeof siteShape>;
