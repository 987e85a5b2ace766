import { enrolGateway, fieldCall, newRequest } from '@tiepoint/headend/nms/testing/field-client.ts';
import { homeReport } from '@tiepoint/headend/main-sites.fixture.ts';
import type { SitesUnderTest } from '@tiepoint/headend/main-sites.fixture.ts';
import type { SeededRandom } from '../../devices/seeded-random.ts';
import { mutatedText, mutatedValue, oddWords } from './mutate.ts';
import type { Target } from './targets.ts';

type Shown = { readonly name: string; readonly tls: { ca: string; key?: string; cert?: string } };
type FieldRoute = { readonly method: string; readonly path: (random: SeededRandom) => string; readonly body?: unknown };

export type FieldUnderFuzz = {
  readonly routes: readonly string[];
  readonly callers: readonly string[];
  target(perMille: number): Target;
  sweep(random: SeededRandom): Promise<number>;
  done(): ReadonlySet<string>;
};

/** The routes for gateways and technicians, asked by gateways, by one whose certificate was revoked, and without any. */
export async function fieldUnderFuzz(sites: SitesUnderTest, faults: string[]): Promise<FieldUnderFuzz> {
  const { ask } = await sites.crew.as('ada');
  const enrolled = async (gatewayId: string): Promise<Shown> => ({
    name: gatewayId,
    tls: await enrolGateway(sites.headend, ask, gatewayId),
  });
  const callers: Shown[] = [await enrolled('gw-2'), await enrolled('gw-3'), await enrolled('gw-4')];
  await sites.call('POST', '/api/gateways/gw-4/revocation', { json: { cause: 'stolen' } });
  callers.push({ name: 'nobody', tls: { ca: sites.headend.authority } });
  const { certificateRequest } = await newRequest();
  const routes: Readonly<Record<string, FieldRoute>> = {
    'POST /field/v1/enrolments': {
      method: 'POST',
      path: () => '/field/v1/enrolments',
      body: { token: 'a'.repeat(40), name: 'Ted', dataDir: '/var/lib/tiepoint', certificateRequest },
    },
    'POST /field/v1/renewals': { method: 'POST', path: () => '/field/v1/renewals', body: { certificateRequest } },
    'GET /field/v1/certificate': { method: 'GET', path: () => '/field/v1/certificate' },
    'GET /field/v1/assignment': { method: 'GET', path: () => '/field/v1/assignment' },
    'GET /field/v1/devices/{deviceId}/seen': {
      method: 'GET',
      path: (random) => {
        const [id, since] = [
          ['meter-1', '..', '%2e%2e', 'x'.repeat(90)],
          ['0', '-1', '1e9', 'x', ''],
        ];
        return `/field/v1/devices/${id[random.below(id.length)]}/seen?sinceMs=${since[random.below(since.length)]}`;
      },
    },
    'POST /field/v1/reports': {
      method: 'POST',
      path: () => '/field/v1/reports',
      body: { report: homeReport(), html: '<p>report</p>' },
    },
  };
  const done = new Set<string>();
  const asked = async (name: string, { method, path, body }: FieldRoute, by: Shown, random: SeededRandom) => {
    const value = random.next() < 0.3 ? body : mutatedValue(random, body);
    const json = JSON.stringify(value) ?? '';
    const text = random.next() < 0.2 ? mutatedText(random, [json], oddWords) : json;
    const where = path(random);
    const sent = body === undefined ? { method } : { method, text };
    const { status } = await fieldCall(`${sites.headend.fieldUrl}${where}`, by.tls, sent);
    if (status < 300) done.add(name);
    const fault = faults.shift();
    if (status >= 500 || fault !== undefined)
      throw new Error(`${by.name}: ${method} ${where} ${text.slice(0, 300)}: ${status} ${fault ?? ''}`);
  };
  return {
    routes: Object.keys(routes),
    callers: callers.map(({ name }) => name),
    target: (perMille) => ({
      name: 'field routes',
      perMille,
      take: async (random) => {
        const drawn = Object.entries(routes)[random.below(Object.keys(routes).length)];
        const by = callers[random.below(callers.length)];
        if (drawn !== undefined && by !== undefined) await asked(...drawn, by, random);
      },
    }),
    sweep: async (random) => {
      for (const [name, route] of Object.entries(routes))
        for (const by of callers) await asked(name, route, by, random);
      return Object.keys(routes).length * callers.length;
    },
    done: () => done,
  };
}
