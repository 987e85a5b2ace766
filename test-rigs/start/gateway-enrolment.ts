import { askIdentity, takeIdentity } from '@tiepoint/agent/io/keys/identity-folder.ts';
import { readIdentity } from '@tiepoint/agent/io/keys/gateway-identity.ts';
import type { GatewayTls } from '@tiepoint/agent/io/keys/gateway-identity.ts';
import type { Asking } from '@tiepoint/headend/api/testing/signed-in.ts';
import type { TokenIssued } from '@tiepoint/headend/api/site-contract.ts';

/** What a head-end says when it is ready, as far as it is needed here. `authority`: PEM. */
export type HeadendReady = {
  readonly httpsUrl: string;
  readonly mqttUrl: string;
  readonly fieldUrl: string;
  readonly authority: string;
};

/**
 * Enrols a gateway as operator and technician do: a token from the API, and the agent's own way of turning it into key and certificate.
 * An identity that is there, of this head-end and good for another day, is used again.
 */
export async function enrolGateway(
  headend: HeadendReady,
  ask: Asking,
  gatewayId: string,
  folder: string,
): Promise<GatewayTls> {
  const kept = readIdentity(folder, gatewayId);
  if (kept.ok && kept.identity.tls.ca.startsWith(headend.authority) && Date.now() < kept.identity.notAfterMs - dayMs)
    return kept.identity.tls;
  const token = await issueToken(ask, gatewayId);
  const answer = await askIdentity(folder, headend.fieldUrl, token, { name: enrolledBy });
  if (!answer.ok) throw new Error(answer.say);
  takeIdentity(folder, headend.fieldUrl, answer.value, Date.now());
  const made = readIdentity(folder, gatewayId);
  if (!made.ok) throw new Error(made.say);
  return made.identity.tls;
}

const dayMs = 86_400_000;
const enrolledBy = 'npm start (emulated)';

async function issueToken(ask: Asking, gatewayId: string): Promise<string> {
  const response = await ask(`/api/gateways/${gatewayId}/enrolment-tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ validHours: 1 }),
  });
  if (!response.ok) throw new Error(`no enrolment token for ${gatewayId}: ${await response.text()}`);
  return ((await response.json()) as TokenIssued).token;
}
