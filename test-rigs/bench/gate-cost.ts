import { Gate } from '@tiepoint/agent/io/gate.ts';
import { TrustKeeper } from '@tiepoint/agent/io/trust.ts';
import { command } from '@tiepoint/protocol';
import type { Command } from '@tiepoint/protocol';
import { signerOf } from '@tiepoint/protocol/envelope';
import { sealFor } from '@tiepoint/headend/nms/link/signed-link.ts';
import { median } from './process-load.ts';

export type GateCost = {
  readonly contentBytes: number;
  readonly sealedBytes: number;
  /** Median of one command, in microseconds. */
  readonly signUs: number;
  readonly verifyUs: number;
};

const commands = 2_000;
const warmUps = 200;
const topic = { of: 'device', gatewayId: 'gw-mill-lane-7', deviceId: 'meter-1', message: 'command' } as const;
const topicText = `tiepoint/v1/${topic.gatewayId}/${topic.deviceId}/command`;

/** Commands through what signs them in the head-end and through the agent's gate, in this very process and under its flags. */
export function gateCost(): GateCost {
  const signer = signerOf(new Uint8Array(32).fill(1));
  const key = Buffer.from(signer.publicKey).toString('base64url');
  const trust = new TrustKeeper({ revision: 1, commandKeys: [key], recoveryKey: key }, undefined);
  trust.load();
  const none = (): void => undefined;
  const log = { debug: none, info: none, warn: none, error: none, child: () => log };
  const gate = new Gate({ trust, log, tell: none, nowMs: () => performance.now() });
  const signs: number[] = [];
  const verifies: number[] = [];
  let [contentBytes, sealedBytes] = [0, 0];
  for (let seq = 0; seq < warmUps + commands; seq++) {
    const content = command.toBytes(commandOf(seq));
    const beganMs = performance.now();
    const sealed = sealFor(topicText, content, signer);
    const signedMs = performance.now();
    if (!(sealed instanceof Uint8Array)) throw new Error(sealed.say);
    const receivedMs = performance.now();
    const opened = gate.open(topic, sealed);
    const openedMs = performance.now();
    if (opened?.length !== content.length) throw new Error('the gate did not open for what was signed for it');
    [contentBytes, sealedBytes] = [content.length, sealed.length];
    if (seq < warmUps) continue;
    signs.push((signedMs - beganMs) * 1_000);
    verifies.push((openedMs - receivedMs) * 1_000);
  }
  return { contentBytes, sealedBytes, signUs: median(signs), verifyUs: median(verifies) };
}

function commandOf(seq: number): Command {
  const issuedAtMs = 1_790_000_000_000 + seq;
  return {
    id: '5d2b1e9c-7a44-4a0f-9d3b-2f6c8e1a0b77',
    gatewayId: topic.gatewayId,
    deviceId: topic.deviceId,
    kind: 'disconnect',
    seq: issuedAtMs,
    issuedAtMs,
    expiresAtMs: issuedAtMs + 30_000,
    operator: 'operator@utility.example',
    parameters: {},
    cause: 'feeder 12 overload',
  };
}
