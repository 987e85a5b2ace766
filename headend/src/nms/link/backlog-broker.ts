/**
 * For a test: an embedded broker in a process of its own, so that its end by a stack overflow is seen from outside. Tells its
 * port, and answers any message of its parent with the number of messages that its consumer got. The bounds on slow
 * clients are lifted, so that a backlog can arise at all.
 */
import { EmbeddedBroker } from './embedded-broker.ts';
import { gatewayAccess } from './gateway-access.ts';
import { silentLog } from './link.ts';

const limits = { maxBacklogBytes: 1024 * 1024 * 1024, stallTimeoutMs: 60_000 };
const broker = new EmbeddedBroker({ port: 0, limits }, gatewayAccess(), silentLog);
await broker.start();
process.on('message', () => process.send?.({ received: broker.stats().received, connections: broker.connections() }));
process.on('disconnect', () => process.exit(0));
process.send?.({ port: broker.port });
