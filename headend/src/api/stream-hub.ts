import type { ApprovalView } from './approval-contract.ts';
import type { EventRow, FleetRow, FleetRowDelta, GatewayRow, StreamFrame } from './contract.ts';
import { rowDelta } from './fleet-row.ts';

/** A connection as the hub sees it. `write` returns what waits in it, in bytes. */
export type StreamClient = { write(text: string): number; end(text: string): void };

/** For whom a stream is. `over`: why it ends now. */
export type StreamViewer = {
  /** The account. */
  operator: string;
  /** Sees every area, and what belongs to none. */
  all: boolean;
  sees(deviceKey: string): boolean;
  seesGateway(gatewayId: string): boolean;
  over(): 'signed-out' | 'rights-changed' | undefined;
};

export type HubSource = {
  rows(): Iterable<FleetRow>;
  /** Undefined: not, or no longer, of the fleet. */
  row(deviceKey: string): FleetRow | undefined;
  gateways(): readonly GatewayRow[];
  gateway(gatewayId: string): GatewayRow | undefined;
  commands(): Extract<StreamFrame, { type: 'snapshot' }>['commands'];
  events(): readonly EventRow[];
  approvals(): readonly ApprovalView[];
  broker(): 'up' | 'down';
  now(): number;
};

export type HubLimits = {
  maxClients: number;
  /** Of one account: nobody takes the places of all others. */
  maxClientsOfOne: number;
  maxBacklogBytes: number;
  ringFrames: number;
  ringBytes: number;
  eventsPerFrame: number;
};
export const hubLimits: HubLimits = {
  maxClients: 200,
  maxClientsOfOne: 32,
  maxBacklogBytes: 32 * 1024 * 1024,
  ringFrames: 300,
  ringBytes: 16 * 1024 * 1024,
  eventsPerFrame: 100,
};

type Sent = { number: number; text: string };
const backlogGraceMs = 15_000;
/** What a client has, where it sees some areas alone. */
type Shown = { devices: Set<string>; gateways: Set<string> };
type ClientState = { slowSinceMs: number | undefined; viewer: StreamViewer; shown: Shown };
/** `stayed`: devices that were there before and are, which may be seen by others now. */
type RowChanges = { deltas: FleetRowDelta[]; removed: string[]; stayed: string[] };

/**
 * The live stream. What changed is gathered and told once a second, encoded once for all clients; commands at once. A client
 * that comes back names the last frame it had: if the ring still has what followed, it gets just that, else a snapshot. A client
 * that does not read is cut off rather than remembered for. Who sees some areas alone gets frames of their own, and a snapshot at each return
 * and whenever a site comes into their areas or leaves them.
 */
export class StreamHub {
  readonly #source: HubSource;
  readonly #limits: HubLimits;
  /** Tells frames of this run from those of an earlier one. */
  readonly #run: string;
  readonly #clients = new Map<StreamClient, ClientState>();
  readonly #devices = new Set<string>();
  readonly #gateways = new Set<string>();
  #rows: Map<string, FleetRow> | undefined;
  #events: EventRow[] = [];
  #eventsLeftOut = 0;
  #ring: Sent[] = [];
  #ringBytes = 0;
  #number = 0;
  #broker: 'up' | 'down' | undefined;
  dropped = 0;

  constructor(source: HubSource, run: string, limits: HubLimits = hubLimits) {
    this.#source = source;
    this.#run = run;
    this.#limits = limits;
  }

  get clients(): number {
    return this.#clients.size;
  }

  device(deviceKey: string): void {
    if (this.#rows !== undefined) this.#devices.add(deviceKey);
  }

  gateway(gatewayId: string): void {
    if (this.#rows !== undefined) this.#gateways.add(gatewayId);
  }

  /** Oldest first. */
  events(rows: readonly EventRow[]): void {
    if (this.#rows === undefined) return;
    const all = [...this.#events, ...rows];
    this.#eventsLeftOut += Math.max(0, all.length - this.#limits.eventsPerFrame);
    this.#events = all.slice(-this.#limits.eventsPerFrame);
  }

  command(frame: Extract<StreamFrame, { type: 'command' }>): void {
    if (this.#rows !== undefined) this.#tell(frame);
  }

  approval(frame: Extract<StreamFrame, { type: 'approval' }>): void {
    if (this.#rows !== undefined) this.#tell(frame);
  }

  /** False: there are too many already, or of this account. */
  connect(client: StreamClient, viewer: StreamViewer, lastEventId?: string): boolean {
    const own = [...this.#clients.values()].filter((each) => each.viewer.operator === viewer.operator);
    if (this.#clients.size >= this.#limits.maxClients || own.length >= this.#limits.maxClientsOfOne) return false;
    this.tick();
    const shown = { devices: new Set<string>(), gateways: new Set<string>() };
    const state: ClientState = { slowSinceMs: undefined, viewer, shown };
    const missed = viewer.all ? this.#missedAfter(lastEventId) : undefined;
    if (missed === undefined) client.write(this.#text(this.#seenBy(this.#snapshot(), state)));
    else for (const { text } of missed) client.write(text);
    this.#clients.set(client, state);
    return true;
  }

  disconnect(client: StreamClient): void {
    this.#clients.delete(client);
  }

  /** Ends the streams of those whose session or rights have ended. */
  endOver(): void {
    for (const [client, { viewer }] of this.#clients) {
      const reason = viewer.over();
      if (reason === undefined) continue;
      this.#clients.delete(client);
      const say = reason === 'signed-out' ? 'The session has ended: sign in again.' : 'Your rights have changed.';
      client.end(frameText({ type: 'goodbye', atMs: this.#source.now(), reason, say }));
    }
  }

  /** Once a second. Rows are followed from the first client on, and kept so that a client can come back. */
  tick(): void {
    this.endOver();
    const rows = this.#rows;
    if (rows === undefined) return;
    const broker = this.#source.broker();
    const changed = this.#changesOf(rows);
    const gateways = [...this.#gateways].flatMap((id) => this.#source.gateway(id) ?? []);
    this.#gateways.clear();
    for (const [client, state] of this.#clients) if (isMoved(state, changed, gateways)) this.#showAnew(client, state);
    const { deltas, removed } = changed;
    const changes = deltas.length + removed.length + gateways.length + this.#events.length;
    if (changes === 0 && broker === this.#broker) return;
    this.#broker = broker;
    const [events, eventsLeftOut] = [this.#events, this.#eventsLeftOut];
    this.#events = [];
    this.#eventsLeftOut = 0;
    this.#tell({
      type: 'delta',
      atMs: this.#source.now(),
      rows: deltas,
      removed,
      gateways,
      events,
      eventsLeftOut,
      broker,
    });
  }

  #showAnew(client: StreamClient, state: ClientState): void {
    this.#write(client, this.#text(this.#seenBy(this.#snapshot(), state)));
  }

  #seenBy(frame: StreamFrame, { viewer, shown }: ClientState): StreamFrame | undefined {
    if (viewer.all) return frame;
    switch (frame.type) {
      case 'snapshot': {
        const rows = frame.rows.filter(({ id }) => viewer.sees(id));
        const gateways = frame.gateways.filter(({ id }) => viewer.seesGateway(id));
        shown.devices = new Set(rows.map(({ id }) => id));
        shown.gateways = new Set(gateways.map(({ id }) => id));
        return {
          ...frame,
          rows,
          gateways,
          commands: frame.commands.filter(({ targetId }) => viewer.sees(targetId)),
          events: frame.events.filter((event) => seesEvent(viewer, event)),
          approvals: frame.approvals.filter((each) => seesApproval(viewer, each)),
        };
      }
      case 'delta':
        return deltaSeenBy(frame, viewer, shown);
      case 'approval':
        return seesApproval(viewer, frame.approval) ? frame : undefined;
      case 'command':
        return viewer.sees(frame.command.targetId) ? frame : undefined;
      default:
        return frame;
    }
  }

  /** Of the devices named since the last tick; `rows` follows them. */
  #changesOf(rows: Map<string, FleetRow>): RowChanges {
    const deltas: FleetRowDelta[] = [];
    const removed: string[] = [];
    const stayed: string[] = [];
    for (const key of this.#devices) {
      const [before, after] = [rows.get(key), this.#source.row(key)];
      if (after === undefined) {
        if (rows.delete(key)) removed.push(key);
        continue;
      }
      if (before !== undefined) stayed.push(key);
      const delta = before === undefined ? after : rowDelta(before, after);
      if (delta !== undefined) deltas.push(delta);
      rows.set(key, after);
    }
    this.#devices.clear();
    return { deltas, removed, stayed };
  }

  /** Every 5 s. */
  heartbeat(): void {
    for (const client of this.#clients.keys())
      this.#write(client, frameText({ type: 'heartbeat', atMs: this.#source.now() }));
  }

  stop(): void {
    const text = frameText({
      type: 'goodbye',
      atMs: this.#source.now(),
      reason: 'stopping',
      say: 'The head-end stops.',
    });
    for (const client of this.#clients.keys()) client.end(text);
    this.#clients.clear();
  }

  #snapshot(): StreamFrame {
    this.#rows ??= new Map([...this.#source.rows()].map((row) => [row.id, row]));
    this.#broker ??= this.#source.broker();
    return {
      type: 'snapshot',
      atMs: this.#source.now(),
      rows: [...this.#rows.values()],
      gateways: this.#source.gateways(),
      commands: this.#source.commands(),
      events: this.#source.events(),
      approvals: this.#source.approvals(),
      broker: this.#source.broker(),
    };
  }

  #text(frame: StreamFrame | undefined): string {
    return frame === undefined ? '' : frameText(frame, `${this.#run}-${this.#number}`);
  }

  #missedAfter(lastEventId: string | undefined): readonly Sent[] | undefined {
    const [run, text = '', ...rest] = lastEventId?.split('-') ?? [];
    if (run !== this.#run || rest.length > 0 || !/^\d{1,15}$/.test(text)) return undefined;
    const last = Number(text);
    const first = this.#ring[0]?.number ?? this.#number + 1;
    return last >= first - 1 && last <= this.#number ? this.#ring.filter(({ number }) => number > last) : undefined;
  }

  #tell(frame: StreamFrame): void {
    this.#number += 1;
    const text = this.#text(frame);
    this.#ring.push({ number: this.#number, text });
    this.#ringBytes += text.length;
    while (this.#ring.length > this.#limits.ringFrames || this.#ringBytes > this.#limits.ringBytes) {
      this.#ringBytes -= this.#ring.shift()?.text.length ?? 0;
    }
    for (const [client, state] of this.#clients) {
      const own = state.viewer.all ? text : this.#text(this.#seenBy(frame, state));
      if (own !== '') this.#write(client, own);
    }
  }

  #write(client: StreamClient, text: string): void {
    const state = this.#clients.get(client);
    if (state === undefined) return;
    const waitingBytes = client.write(text);
    const nowMs = this.#source.now();
    if (waitingBytes <= text.length + 65_536) state.slowSinceMs = undefined;
    else state.slowSinceMs ??= nowMs;
    const tooLong = state.slowSinceMs !== undefined && nowMs - state.slowSinceMs > backlogGraceMs;
    if (waitingBytes <= this.#limits.maxBacklogBytes && !tooLong) return;
    this.dropped += 1;
    this.#clients.delete(client);
    client.end(
      frameText({
        type: 'goodbye',
        atMs: nowMs,
        reason: 'slow',
        say: 'This client does not read what it is sent: connect again.',
      }),
    );
  }
}

/** A site was given to another area, or a device to another site: what one sees is not what one has. */
function isMoved({ viewer, shown }: ClientState, { stayed }: RowChanges, gateways: readonly GatewayRow[]): boolean {
  if (viewer.all) return false;
  if (stayed.some((id) => shown.devices.has(id) !== viewer.sees(id))) return true;
  return gateways.some(({ id }) => shown.gateways.has(id) && !viewer.seesGateway(id));
}

/** Notes what is shown by it. Before it, what has moved was shown anew. */
function deltaSeenBy(
  frame: Extract<StreamFrame, { type: 'delta' }>,
  viewer: StreamViewer,
  { devices, gateways: shownGateways }: Shown,
): StreamFrame | undefined {
  const rows = frame.rows.filter(({ id }) => viewer.sees(id));
  const removed = frame.removed.filter((id) => devices.delete(id));
  const gateways = frame.gateways.filter(({ id }) => viewer.seesGateway(id));
  const events = frame.events.filter((event) => seesEvent(viewer, event));
  for (const { id } of rows) devices.add(id);
  for (const { id } of gateways) shownGateways.add(id);
  return { ...frame, rows, removed, gateways, events };
}

function seesApproval(viewer: StreamViewer, { devices, requestedBy, tagOwner }: ApprovalView): boolean {
  return [requestedBy, tagOwner].includes(viewer.operator) || devices.every(({ id }) => viewer.sees(id));
}

function seesEvent(viewer: StreamViewer, { id, gatewayId }: EventRow): boolean {
  if (id !== undefined) return viewer.sees(id);
  return gatewayId === undefined ? viewer.all : viewer.seesGateway(gatewayId);
}

function frameText(frame: StreamFrame, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(frame)}\n\n`;
}
