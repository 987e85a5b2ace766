import { fastify } from 'fastify';
import { TestAuthority } from '../../authority/testing/test-authority.ts';
import { guardAccess, routesOf } from '../access.ts';
import type { DeclaredRoute } from '../access.ts';
import { fieldRoutes } from '../field-routes.ts';
import { metrics } from '../metrics.ts';
import type { ApiParts } from '../parts.ts';
import { httpServer } from '../server.ts';

/** Parts that are there and never asked: routes are declared, not called. */
export const unaskedParts = new Proxy({}, { get: () => unaskedParts }) as unknown as ApiParts;

/** All that the server of people and programs answers at, from the table by which it routes. */
export async function routesForPeople(): Promise<readonly DeclaredRoute[]> {
  const { server: tls } = await TestAuthority.make();
  const server = await httpServer(unaskedParts, metrics(), { tls, onFault: () => undefined });
  await server.ready();
  const routes = routesOf(server).filter(({ method }) => method !== 'HEAD');
  await server.close();
  return routes;
}

/** And that of gateways. */
export async function routesForGateways(): Promise<readonly DeclaredRoute[]> {
  const server = fastify();
  guardAccess(server, unaskedParts);
  fieldRoutes(server, unaskedParts);
  await server.ready();
  const routes = routesOf(server).filter(({ method }) => method !== 'HEAD');
  await server.close();
  return routes;
}
