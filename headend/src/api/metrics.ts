import { commandStates } from '@tiepoint/protocol';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CommandRecord, TransitionRecord } from '../store/store.ts';
import type { HttpsCutOff } from './https-bounds.ts';
import type { ApiParts } from './parts.ts';
import { health } from './record-routes.ts';

export type Metrics = {
  /** The text of a Prometheus scrape. */
  text(parts: ApiParts): Promise<string>;
  contentType: string;
  transition(command: CommandRecord, transition: TransitionRecord): void;
  /** `server`: which of those that speak HTTPS. */
  cutOff(server: 'api' | 'field', why: HttpsCutOff): void;
};

/** What is counted along the way; all else is read from the parts at each scrape. */
export function metrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const gauge = (name: string, help: string, ...labelNames: string[]): Gauge =>
    new Gauge({ name: `tiepoint_${name}`, help, labelNames, registers });
  const messages = gauge('messages_taken', 'Messages taken, by kind', 'kind');
  const refused = gauge('messages_refused', 'Messages not taken, by reason', 'reason');
  const devices = gauge('devices', 'Devices by liveness', 'liveness');
  const gateways = gauge('gateways', 'Gateways by state', 'state');
  const active = gauge('commands_active', 'Commands under way');
  const broker = gauge('broker', 'Figures of the link to the broker', 'figure');
  const stored = gauge('store', 'Samples and events, by what became of them', 'figure');
  const stream = gauge('stream', 'Live streams', 'figure');
  const transitions = new Counter({
    name: 'tiepoint_command_transitions_total',
    help: 'Transitions of commands, by state',
    labelNames: ['state'],
    registers,
  });
  const seconds = new Histogram({
    name: 'tiepoint_command_seconds',
    help: 'From the request of a command to this state',
    labelNames: ['state'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    registers,
  });
  const cutOffs = new Counter({
    name: 'tiepoint_https_cut_off_total',
    help: 'Connections over HTTPS that were ended or not taken',
    labelNames: ['server', 'why'],
    registers,
  });
  for (const state of commandStates) transitions.inc({ state }, 0);

  const refresh = (parts: ApiParts): void => {
    const { taken, refused: notTaken } = parts.ingest.counts();
    for (const [kind, count] of taken) messages.set({ kind }, count);
    for (const [reason, count] of notTaken) refused.set({ reason }, count);
    const now = health(parts);
    for (const [liveness, count] of Object.entries(now.devices)) devices.set({ liveness }, count);
    for (const [state, count] of Object.entries(now.gateways)) gateways.set({ state }, count);
    active.set(now.activeCommands);
    const { state, cutOff, ...figures } = parts.link.stats();
    broker.set({ figure: 'up' }, state === 'up' ? 1 : 0);
    broker.set({ figure: 'connections' }, parts.link.connections?.() ?? 0);
    for (const [figure, value] of Object.entries(figures)) broker.set({ figure }, value);
    for (const [why, count] of Object.entries(cutOff)) broker.set({ figure: `cut-off ${why}` }, count);
    for (const [figure, value] of Object.entries({ ...parts.writer.counts, waiting: parts.writer.waiting }))
      stored.set({ figure }, value);
    stored.set({ figure: 'unreadableHistory' }, parts.ingest.unreadableHistory);
    stream.set({ figure: 'clients' }, parts.hub.clients);
    stream.set({ figure: 'droppedSlow' }, parts.hub.dropped);
    stream.set({ figure: 'strayCommandWords' }, parts.router.strayWords);
  };
  return {
    text: (parts) => {
      refresh(parts);
      return registry.metrics();
    },
    contentType: registry.contentType,
    cutOff: (server, why) => cutOffs.inc({ server, why }),
    transition: ({ requestedAtMs }, { state, atMs }) => {
      transitions.inc({ state });
      seconds.observe({ state }, Math.max(0, atMs - requestedAtMs) / 1_000);
    },
  };
}
