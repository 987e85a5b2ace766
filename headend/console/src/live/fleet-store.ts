import type { ApprovalView } from '../../../src/api/approval-contract.ts';
import type {
  CommandView,
  EventRow,
  FleetRow,
  GatewayRow,
  StreamFrame,
  TransitionView,
} from '../../../src/api/contract.ts';
import { applyRowDelta, mergeCommand, mergeEvents } from './frame-reducer.ts';
import type { CommandTrack } from './frame-reducer.ts';
import { serverNow, stampClock, unsetClock } from './server-clock.ts';
import type { ServerClock } from './server-clock.ts';

/** `down` since when, by the head-end's clock (by the viewer's where it was never heard). Values are live in `up` alone. */
export type Link =
  | { readonly state: 'connecting' }
  | { readonly state: 'up' }
  | { readonly state: 'down'; readonly sinceMs: number };

/** What can be listened to besides single rows; `ids`: a device came or went, `rows`: any row changed, `tick`: a second went by. */
export type Subject = 'link' | 'ids' | 'rows' | 'gateways' | 'commands' | 'approvals' | 'events' | 'tick';

type Listener = () => void;
const keptEvents = 500;
const keptCommands = 500;
const keptApprovals = 100;

/**
 * What the console knows of the fleet. Rows are listened to one by one, so that a frame that changes ten of 10,000 devices
 * draws ten rows again. Values handed out are replaced, never changed in place.
 */
export class FleetStore {
  readonly #rows = new Map<string, FleetRow>();
  readonly #rowListeners = new Map<string, Set<Listener>>();
  readonly #listeners = new Map<Subject, Set<Listener>>();
  #ids: readonly string[] = [];
  #gateways: readonly GatewayRow[] = [];
  #commands: ReadonlyMap<string, CommandTrack> = new Map();
  #approvals: readonly ApprovalView[] = [];
  #events: readonly EventRow[] = [];
  #broker: 'up' | 'down' | undefined;
  #link: Link = { state: 'connecting' };
  #clock: ServerClock = unsetClock;
  #second = 0;

  row = (id: string): FleetRow | undefined => this.#rows.get(id);
  ids = (): readonly string[] => this.#ids;
  gateways = (): readonly GatewayRow[] => this.#gateways;
  commands = (): ReadonlyMap<string, CommandTrack> => this.#commands;
  /** Newest first. */
  approvals = (): readonly ApprovalView[] => this.#approvals;
  events = (): readonly EventRow[] => this.#events;
  link = (): Link => this.#link;
  broker = (): 'up' | 'down' | undefined => this.#broker;
  /** Head-end time of the last tick in ms, whole seconds; changes once a second and so draws ages once a second. */
  second = (): number => this.#second;
  now = (steadyMs: number): number | undefined => serverNow(this.#clock, steadyMs);

  subscribe(subject: Subject, listener: Listener): () => void {
    return listen(this.#listeners, subject, listener);
  }

  subscribeRow(id: string, listener: Listener): () => void {
    return listen(this.#rowListeners, id, listener);
  }

  /** `wallMs`, the viewer's own clock, counts until the head-end was heard. */
  tick(steadyMs: number, wallMs: number): void {
    const second = Math.floor((this.now(steadyMs) ?? wallMs) / 1000) * 1000;
    if (second === this.#second) return;
    this.#second = second;
    this.#tell('tick');
  }

  setLink(link: Link): void {
    if (link.state === this.#link.state) return;
    this.#link = link;
    this.#tell('link');
  }

  /** Somebody else comes: what the one before saw is not shown to them. */
  forget(): void {
    this.#snapshot({
      type: 'snapshot',
      atMs: 0,
      rows: [],
      gateways: [],
      commands: [],
      events: [],
      approvals: [],
      broker: 'up',
    });
    this.setLink({ state: 'connecting' });
  }

  apply(frame: StreamFrame, steadyMs: number): void {
    this.#clock = stampClock(this.#clock, frame.atMs, steadyMs);
    switch (frame.type) {
      case 'snapshot':
        return this.#snapshot(frame);
      case 'delta':
        return this.#delta(frame);
      case 'command':
        return this.learnCommand(frame.command, [frame.transition]);
      case 'approval':
        return this.learnApproval(frame.approval);
      case 'heartbeat':
      case 'goodbye':
        return;
    }
  }

  /** Also what a query told of a command. Beyond 500 the oldest finished ones are forgotten here; the head-end keeps them. */
  learnCommand(view: CommandView, transitions: readonly TransitionView[] = []): void {
    const before = this.#commands.get(view.id);
    const track = mergeCommand(before, view, transitions);
    if (track === before) return;
    this.#keepCommands(new Map(this.#commands).set(view.id, track));
  }

  learnApproval(approval: ApprovalView): void {
    const others = this.#approvals.filter(({ id }) => id !== approval.id);
    this.#approvals = [approval, ...others]
      .toSorted((a, b) => b.requestedAtMs - a.requestedAtMs)
      .slice(0, keptApprovals);
    this.#tell('approvals');
  }

  #snapshot(frame: Extract<StreamFrame, { type: 'snapshot' }>): void {
    const present = new Set(frame.rows.map(({ id }) => id));
    const gone = this.#ids.filter((id) => !present.has(id));
    for (const id of gone) this.#rows.delete(id);
    const fresh = frame.rows.filter((row) => {
      const isNew = !this.#rows.has(row.id);
      this.#rows.set(row.id, row);
      return isNew;
    });
    if (gone.length + fresh.length > 0) this.#ids = [...this.#rows.keys()];
    this.#gateways = frame.gateways;
    this.#events = mergeEvents([], frame.events, keptEvents);
    this.#approvals = frame.approvals;
    this.#broker = frame.broker;
    const commands = new Map<string, CommandTrack>();
    for (const view of frame.commands) commands.set(view.id, mergeCommand(this.#commands.get(view.id), view, []));
    this.#keepCommands(commands);
    for (const id of [...gone, ...present]) this.#tellRow(id);
    for (const subject of [
      'rows',
      'gateways',
      'events',
      'approvals',
      'link',
      ...(gone.length + fresh.length > 0 ? ['ids' as const] : []),
    ] as const) {
      this.#tell(subject);
    }
  }

  #delta(frame: Extract<StreamFrame, { type: 'delta' }>): void {
    const changed: string[] = [];
    let grew = false;
    for (const delta of frame.rows) {
      const before = this.#rows.get(delta.id);
      const after = applyRowDelta(before, delta);
      if (after === before) continue;
      grew ||= before === undefined;
      this.#rows.set(delta.id, after);
      changed.push(delta.id);
    }
    const gone = frame.removed.filter((id) => this.#rows.delete(id));
    const otherIds = grew || gone.length > 0;
    if (otherIds) this.#ids = [...this.#rows.keys()];
    for (const id of [...changed, ...gone]) this.#tellRow(id);
    if (otherIds) this.#tell('ids');
    if (changed.length + gone.length > 0) this.#tell('rows');
    this.#deltaAround(frame);
  }

  #deltaAround(frame: Extract<StreamFrame, { type: 'delta' }>): void {
    if (frame.gateways.length > 0) {
      const byId = new Map(this.#gateways.map((gateway) => [gateway.id, gateway]));
      for (const gateway of frame.gateways) byId.set(gateway.id, gateway);
      this.#gateways = [...byId.values()];
      this.#tell('gateways');
    }
    const events = mergeEvents(this.#events, frame.events, keptEvents);
    if (events !== this.#events) {
      this.#events = events;
      this.#tell('events');
    }
    if (frame.broker !== this.#broker) {
      this.#broker = frame.broker;
      this.#tell('link');
    }
  }

  #keepCommands(commands: ReadonlyMap<string, CommandTrack>): void {
    const finished = [...commands.values()].filter(({ view }) => view.final);
    const surplus = finished
      .toSorted((a, b) => a.view.requestedAtMs - b.view.requestedAtMs)
      .slice(0, Math.max(0, commands.size - keptCommands));
    const kept = new Map(commands);
    for (const { view } of surplus) kept.delete(view.id);
    this.#commands = kept;
    this.#tell('commands');
  }

  #tellRow(id: string): void {
    for (const listener of this.#rowListeners.get(id) ?? []) listener();
  }

  #tell(subject: Subject): void {
    for (const listener of this.#listeners.get(subject) ?? []) listener();
  }
}

function listen<K>(all: Map<K, Set<Listener>>, key: K, listener: Listener): () => void {
  const listeners = all.get(key) ?? new Set();
  all.set(key, listeners.add(listener));
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && all.get(key) === listeners) all.delete(key);
  };
}
