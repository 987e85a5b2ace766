import type { EventRow, FleetRow, FleetRowDelta, GatewayRow, StreamFrame } from './contract.ts';
import { rowDelta } from './fleet-row.ts';

/** A connection as the hub sees it. `write` returns what waits in it, in bytes. */
export type StreamClient = { write(text: string): number; end(text: string): void };

export type HubSource = {
  rows(): Iterable<FleetRow>;
  /** Undefined: not, or no longer, of the fleet. */
  row(deviceKey: string): FleetRow | undefined;
  gateways(): readonly GatewayRow[];
  gateway(gatewayId: string): GatewayRow | undefined;
  commands(): Extract<StreamFrame, { type: 'snapshot' }>['commands'];
  events(): readonly EventRow[];
  broker(): 'up' | 'down';
  now(): number;
};

export type HubLimits = {
  maxClients: number;
  maxBacklogBytes: number;
  ringFrames: number;
  ringBytes: number;
  eventsPerFrame: number;
};
export const hubLimits: HubLimits = {
  maxClients: 200,
  maxBacklogBytes: 32 * 1024 * 1024,
  ringFrames: 300,
  ringBytes: 16 * 1024 * 1024,
  eventsPerFrame: 100,
};

type Sent = { number: number; text: string };
const backlogGraceMs = 15_000;

/**
 * The live stream. What changed is gathered and told once a second, encoded once for all clients; commands at once. A client
 * that comes back names the last frame it had: if the ring still has what followed, it gets just that, else a snapshot. A client
 * that does not read is cut off rather than remembered for.
 */
export class StreamHub {
  readonly #source: HubSource;
  readonly #limits: HubLimits;
  /** Tells frames of this run from those of an earlier one. */
  readonly #run: string;
  readonly #clients = new Map<StreamClient, { slowSinceMs: number | undefined }>();
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

  /** False: there are too many already. */
  connect(client: StreamClient, lastEventId: string | undefined): boolean {
    if (this.#clients.size >= this.#limits.maxClients) return false;
    this.tick();
    const missed = this.#missedAfter(lastEventId);
    if (missed === undefined) client.write(this.#snapshot());
    else for (const { text } of missed) client.write(text);
    this.#clients.set(client, { slowSinceMs: undefined });
    return true;
  }

  disconnect(client: StreamClient): void {
    this.#clients.delete(client);
  }

  /** Once a second. Rows are followed from the first client on, and kept so that a client can come back. */
  tick(): void {
    const rows = this.#rows;
    if (rows === undefined) return;
    const broker = this.#source.broker();
    const { deltas, removed } = this.#changesOf(rows);
    const gateways = [...this.#gateways].flatMap((id) => this.#source.gateway(id) ?? []);
    this.#gateways.clear();
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

  /** Of the devices named since the last tick; `rows` follows them. */
  #changesOf(rows: Map<string, FleetRow>): { deltas: FleetRowDelta[]; removed: string[] } {
    const deltas: FleetRowDelta[] = [];
    const removed: string[] = [];
    for (const key of this.#devices) {
      const [before, after] = [rows.get(key), this.#source.row(key)];
      if (after === undefined) {
        if (rows.delete(key)) removed.push(key);
        continue;
      }
      const delta = before === undefined ? after : rowDelta(before, after);
      if (delta !== undefined) deltas.push(delta);
      rows.set(key, after);
    }
    this.#devices.clear();
    return { deltas, removed };
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

  #snapshot(): string {
    this.#rows ??= new Map([...this.#source.rows()].map((row) => [row.id, row]));
    this.#broker ??= this.#source.broker();
    const frame: StreamFrame = {
      type: 'snapshot',
      atMs: this.#source.now(),
      rows: [...this.#rows.values()],
      gateways: this.#source.gateways(),
      commands: this.#source.commands(),
      events: this.#source.events(),
      broker: this.#source.broker(),
    };
    return frameText(frame, `${this.#run}-${this.#number}`);
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
    const text = frameText(frame, `${this.#run}-${this.#number}`);
    this.#ring.push({ number: this.#number, text });
    this.#ringBytes += text.length;
    while (this.#ring.length > this.#limits.ringFrames || this.#ringBytes > this.#limits.ringBytes) {
      this.#ringBytes -= this.#ring.shift()?.text.length ?? 0;
    }
    for (const client of this.#clients.keys()) this.#write(client, text);
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

function frameText(frame: StreamFrame, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(frame)}\n\n`;
}
