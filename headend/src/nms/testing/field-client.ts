import { request } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { createPrivateKey, webcrypto } from 'node:crypto';
import { parseEnrolmentToken } from '@tiepoint/protocol/field';
import type { Enrolment } from '@tiepoint/protocol/field';
import { Pkcs10CertificateRequestGenerator } from '../../authority/x509.ts';

/** What a gateway shows, and whom it trusts: PEM. */
export type GatewayTls = { readonly key: string; readonly cert: string; readonly ca: string };
export type FieldAnswer<T> = { status: number; headers: IncomingHttpHeaders; body: T };

/** One question to the routes for gateways. Without `key` and `cert` it shows no certificate, as one that enrols. */
export async function fieldCall<T>(
  url: string,
  tls: { ca: string; key?: string; cert?: string },
  { method = 'GET', json, text }: { method?: string; json?: unknown; text?: string } = {},
): Promise<FieldAnswer<T>> {
  const body = json === undefined ? text : JSON.stringify(json);
  return await new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const asked = request(url, { method, headers, agent: false, ...tls }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const told = Buffer.concat(chunks).toString();
        const isJson = response.headers['content-type']?.includes('json') === true;
        const value = (isJson ? JSON.parse(told) : told) as T;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: value });
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** A new key, and what a gateway asks with. */
export async function newRequest(): Promise<{ key: string; certificateRequest: string }> {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: 'CN=gateway',
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return { key: key.export({ format: 'pem', type: 'pkcs8' }), certificateRequest: request.toString('pem') };
}

/** Asks the API as somebody who may issue tokens. */
type Asking = (path: string, init?: RequestInit) => Promise<Response>;

/** Issues a token and redeems it, as operator and technician do. */
export async function enrolGateway(
  { fieldUrl, authority }: { readonly fieldUrl: string; readonly authority: string },
  ask: Asking,
  gatewayId: string,
): Promise<GatewayTls> {
  const issued = await ask(`/api/gateways/${gatewayId}/enrolment-tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  if (!issued.ok) throw new Error(`no token for ${gatewayId}: ${issued.status} ${await issued.text()}`);
  const { token } = (await issued.json()) as { token: string };
  const { key, certificateRequest } = await newRequest();
  const json = { token: parseEnrolmentToken(token)?.secret, name: 'test', certificateRequest };
  const url = `${fieldUrl}/field/v1/enrolments`;
  const { status, body } = await fieldCall<Enrolment>(url, { ca: authority }, { method: 'POST', json });
  if (status !== 201) throw new Error(`${gatewayId} was not enrolled: ${status} ${JSON.stringify(body)}`);
  return { key, cert: body.certificate, ca: body.authority };
}
