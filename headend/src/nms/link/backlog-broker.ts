/**
 * For a test: an embedded broker in a process of its own, so that its end by a stack overflow is seen from outside. Tells its
 * port and what clients show, for the gateways of its command line, and answers any message of its parent with the number of messages that its consumer got. The bounds on slow
 * clients are lifted, so that a backlog can arise at all.
 */
import { TestAuthority } from '../../authority/testing/test-authority.ts';
import type { TestIdentity } from '../../authority/testing/test-authority.ts';
import { EmbeddedBroker } from './embedded-broker.ts';
import { gatewayAccess } from './gateway-access.ts';
import { silentLog } from './link.ts';

const limits = { maxBacklogBytes: 1024 * 1024 * 1024, stallTimeoutMs: 60_000 };
const authority = await TestAuthority.make();
const access = gatewayAccess({ stands: () => true });
const broker = new EmbeddedBroker({ port: 0, limits, tls: authority.server }, access, silentLog);
await broker.start();
process.on('message', () => process.send?.({ received: broker.stats().received, connections: broker.connections() }));
process.on('disconnect', () => process.exit(0));
const gateways: Record<string, TestIdentity> = {};
for (const gatewayId of process.argv.slice(2)) gateways[gatewayId] = await authority.gateway(gatewayId);
process.send?.({ port: broker.port, tool: authority.headEnd, gateways });
