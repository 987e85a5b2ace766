import { randomInt } from 'node:crypto';
import { connect } from 'mqtt';
import type { ErrorWithReasonCode, IClientOptions, MqttClient } from 'mqtt';
import { death, downFilters, formatTopic, gatewayClientId, hostState } from '@tiepoint/protocol';
import { openEnvelope } from '@tiepoint/protocol/envelope';
import type { AgentSettings } from '../../io/configuration.ts';
import { trustOnDisk } from '../../io/trust.ts';
import type { TrustKeeper } from '../../io/trust.ts';
import type { GatewayTls } from '../../io/keys/gateway-identity.ts';
import { judgeConnack } from './broker-judgement.ts';
import { brokerAt } from './check-broker.ts';
import type { Finding } from './finding.ts';
import { clockToleranceMs, judgeClock } from './machine-judgement.ts';

const withinMs = 10_000;
/** The head-end tells its time so often, and keeps its last word with the broker. */
const beaconEveryMs = 60_000;

/**
 * A session as the gateway's own: its id, its certificate, its subscriptions, and one publication. Only where the gateway does not
 * run, for the broker would throw it out. `waitMs`: how long to wait for the head-end to tell its time.
 */
export async function checkSession(
  { gateway, mqtt, trust }: Pick<AgentSettings, 'gateway' | 'mqtt' | 'trust'>,
  tls: GatewayTls,
  { waitMs, signal }: { waitMs: number; signal: AbortSignal },
): Promise<readonly Finding[]> {
  const { host, port } = brokerAt(mqtt);
  const about = `${host}:${port}`;
  const beganMs = performance.now();
  const client = connect(mqtt.url, { ...optionsOf(gateway.id, mqtt), ...tls });
  const ear = new HostEar(client, trustFound({ trust, dataDir: gateway.dataDir }));
  try {
    const answer = await connected(client);
    const session = judgeConnack(about, { ...answer, tookMs: performance.now() - beganMs });
    if (session.outcome === 'bad') return [session];
    const subscription = await checkSubscription(client, gateway.id);
    const publication = await checkPublication(client, gateway.id);
    const findings = [session, subscription, publication];
    if (subscription.outcome === 'bad') return findings;
    const clock = await ear.clock(waitMs, signal);
    return [...findings, ear.trust(), clock];
  } finally {
    client.end(true);
  }
}

function optionsOf(gatewayId: string, { keepaliveS }: AgentSettings['mqtt']): IClientOptions {
  return {
    clientId: gatewayClientId(gatewayId),
    username: `${randomInt(1, 0xffff_ffff)}`,
    protocolVersion: 4,
    clean: true,
    keepalive: keepaliveS,
    reconnectPeriod: 0,
    connectTimeout: withinMs,
  };
}

function connected(client: MqttClient): Promise<{ code?: number; error?: string }> {
  return new Promise((resolve) => {
    client.once('connect', () => resolve({ code: 0 }));
    client.on('error', (error: Error | ErrorWithReasonCode) => {
      const code = 'code' in error && typeof error.code === 'number' ? error.code : undefined;
      resolve(code === undefined ? { error: error.message } : { code });
    });
    client.once('close', () => resolve({ error: 'the connection was closed without a word' }));
  });
}

async function checkSubscription(client: MqttClient, gatewayId: string): Promise<Finding> {
  const filters = downFilters(gatewayId);
  const refused: string[] = [];
  for (const filter of filters) if (!(await within(client.subscribeAsync(filter, { qos: 1 })))) refused.push(filter);
  if (refused.length === 0)
    return {
      id: 'subscription',
      outcome: 'ok',
      say: `all ${filters.length} granted`,
      measured: { filters: filters.length },
    };
  return {
    id: 'subscription',
    outcome: 'bad',
    say: `refused: ${refused.join(', ')}`,
    measured: { refused: refused.length },
    todo: "No command would reach this gateway: let the broker's access rules give it these topics.",
  };
}

/**
 * The one message that changes nothing: the death of a session that never was. The head-end takes it for a will that came late.
 */
async function checkPublication(client: MqttClient, gatewayId: string): Promise<Finding> {
  const topic = formatTopic({ of: 'gateway', gatewayId, message: 'death' });
  const payload = Buffer.from(death.toBytes({ session: randomInt(1, 0xffff_ffff), cause: 'line-lost' }));
  const beganMs = performance.now();
  const closed = new Promise<boolean>((resolve) => client.once('close', () => resolve(false)));
  const taken = await within(Promise.race([client.publishAsync(topic, payload, { qos: 1 }).then(() => true), closed]));
  const roundTripMs = Math.round((performance.now() - beganMs) * 10) / 10;
  if (taken)
    return {
      id: 'publication',
      outcome: 'ok',
      say: `taken by the broker in ${roundTripMs} ms`,
      measured: { roundTripMs },
    };
  return {
    id: 'publication',
    outcome: 'bad',
    say: 'the broker does not take what this gateway says',
    todo: "Let the broker's access rules give the gateway its own topics to write.",
  };
}

/** False where it fails, is refused, or takes too long. */
async function within(work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), withinMs)));
  try {
    return await Promise.race([work.then((value) => value !== false), tooLong]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** A sentence where the file cannot be used. */
function trustFound(at: Parameters<typeof trustOnDisk>[0]): TrustKeeper | string {
  try {
    return trustOnDisk(at);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Hears the head-end tell its time, signed. A word that the broker had kept is as old as one of its intervals, or older. */
class HostEar {
  readonly #trust: TrustKeeper | string;
  /** Why its words were not believed. */
  #refused: string | undefined;
  #isVerified = false;
  #kept: { offsetMs: number; online: boolean } | undefined;
  #live: number | undefined;
  #onLive: (() => void) | undefined;

  constructor(client: MqttClient, trust: TrustKeeper | string) {
    this.#trust = trust;
    client.on('message', (topic, payload, packet) => {
      if (topic !== formatTopic({ of: 'host' })) return;
      const content = this.#opened(payload);
      const state = content && hostState.fromBytes(content);
      if (state?.ok !== true) return;
      const { timeMs, online } = state.value;
      if (packet.retain) this.#kept = { offsetMs: timeMs === undefined ? 0 : Date.now() - timeMs, online };
      else if (timeMs !== undefined) {
        this.#live = Date.now() - timeMs;
        this.#onLive?.();
      }
    });
  }

  #opened(payload: Uint8Array): Uint8Array | undefined {
    const trust = this.#trust;
    const opened = openEnvelope(payload, { kind: 'host' }, (kid) =>
      typeof trust === 'string' ? undefined : trust.keyOf(kid, { kind: 'host' }),
    );
    if (opened.ok) this.#isVerified = true;
    else this.#refused ??= opened.say;
    return opened.ok ? opened.content : undefined;
  }

  /** After `clock`, which waits for a word. */
  trust(): Finding {
    const id = 'trust';
    const todo =
      'No command would be taken. Enrol the gateway again, or put the trust.json of its head-end into its identity folder.';
    if (typeof this.#trust === 'string') return { id, outcome: 'bad', say: this.#trust, todo };
    const { revision } = this.#trust;
    if (revision === undefined) return { id, outcome: 'bad', say: 'there is no list of trusted keys', todo };
    const measured = { revision };
    if (this.#refused !== undefined && !this.#isVerified)
      return { id, outcome: 'bad', say: `what the head-end tells ${this.#refused}`, measured, todo };
    return {
      id,
      outcome: 'ok',
      say: `list ${revision}${this.#isVerified ? ', by which the head-end is believed' : ''}`,
      measured,
    };
  }

  async clock(waitMs: number, signal: AbortSignal): Promise<Finding> {
    await this.#heard(waitMs, signal);
    if (this.#live !== undefined)
      return judgeClock({ offsetMs: this.#live, uncertainMs: 100, by: 'what the head-end just said' });
    if (this.#kept === undefined)
      return {
        id: 'clock',
        outcome: 'left-out',
        say: `the head-end told no time in ${Math.round(waitMs / 1_000)} s`,
        todo: 'Is the head-end running, and on this broker? Without its time the gateway refuses commands.',
      };
    if (!this.#kept.online)
      return {
        id: 'clock',
        outcome: 'left-out',
        say: 'the head-end has gone, and said so',
        todo: 'Start the head-end.',
      };
    const { offsetMs } = this.#kept;
    // An old word may mean that this clock is ahead, or that the head-end is silent.
    if (offsetMs > beaconEveryMs + clockToleranceMs)
      return {
        id: 'clock',
        outcome: 'warning',
        say: `the head-end's last word is ${Math.round(offsetMs / 1_000)} s old by this clock`,
        measured: { offsetMs },
        todo: 'Is the head-end running? If so, this clock is ahead: see to NTP.',
      };
    // It was said at some time within the last interval.
    const halfMs = beaconEveryMs / 2;
    return judgeClock({ offsetMs: offsetMs - halfMs, uncertainMs: halfMs, by: 'what the head-end said last' });
  }

  async #heard(waitMs: number, signal: AbortSignal): Promise<void> {
    if (this.#live !== undefined || signal.aborted) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#onLive = resolve;
      timer = setTimeout(resolve, waitMs);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    clearTimeout(timer);
  }
}
