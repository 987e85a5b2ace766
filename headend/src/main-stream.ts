import { randomBytes } from 'node:crypto';
import { isFinal } from '@tiepoint/protocol';
import { approvalView } from './api/approval-views.ts';
import type { Metrics } from './api/metrics.ts';
import { allGateways, allRows, gatewayRowOf, shownRowOf, titleOf } from './api/parts.ts';
import type { ApiParts } from './api/parts.ts';
import { StreamHub } from './api/stream-hub.ts';
import { commandView, eventRow, transitionView } from './api/views.ts';
import type { Link } from './nms/link/link.ts';
import { commandWords } from './store/command-words.ts';
import type { SqliteStore } from './store/sqlite-store.ts';
import type { CommandRecord, EventEntry, TransitionRecord } from './store/store.ts';

/** A transition that is on the disk: to the metrics, to the live stream at once, and the end of a command to the events. */
export function told(api: ApiParts, counted: Metrics, command: CommandRecord, transition: TransitionRecord): void {
  const atMs = api.now();
  counted.transition(command, transition);
  api.unconfirmed.moved(command);
  const view = commandView(command, (key) => titleOf(api, key));
  api.hub.command({ type: 'command', atMs, command: view, transition: transitionView(transition) });
  if (isFinal(command.state)) api.writer.event(finishedEvent(command, atMs));
}

export function streamHub(
  api: () => ApiParts,
  { operations, telemetry }: SqliteStore,
  link: Pick<Link, 'stats'>,
): StreamHub {
  return new StreamHub(
    {
      rows: () => allRows(api()),
      row: (key) => shownRowOf(api(), key),
      gateways: () => allGateways(api()),
      gateway: (gatewayId) => gatewayRowOf(api(), gatewayId),
      commands: () =>
        operations.commands({ limit: 100 }).map((command) => commandView(command, (key) => titleOf(api(), key))),
      events: () => telemetry.events({ limit: 100 }).map(eventRow),
      approvals: () =>
        api()
          .approvals.all()
          .map((each) => approvalView(each, (key) => titleOf(api(), key))),
      broker: () => link.stats().state,
      now: () => api().now(),
    },
    randomBytes(6).toString('hex'),
  );
}

function finishedEvent(command: CommandRecord, atMs: number): EventEntry {
  const { targetKey, kind, parameters, state, say } = command;
  const told = say === undefined ? '' : `: ${say}`;
  const gatewayId = targetKey.slice(0, targetKey.indexOf('.'));
  return {
    atMs,
    gatewayId,
    deviceKey: targetKey,
    source: 'head-end',
    kind: 'command-finished',
    late: false,
    say: `${commandWords(kind, parameters)}: ${state}${told}`,
  };
}
