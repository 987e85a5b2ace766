import { join } from 'node:path';
import { certificateRequest } from '@tiepoint/agent/io/keys/certificate-request.ts';
import { keyFileName } from '@tiepoint/agent/io/keys/gateway-identity.ts';
import { takeIdentity } from '@tiepoint/agent/io/keys/identity-folder.ts';
import { makeKeyFile } from '@tiepoint/agent/io/keys/key-file.ts';
import type { TokenIssued } from '@tiepoint/headend/api/site-contract.ts';
import type { Asking } from '@tiepoint/headend/api/testing/signed-in.ts';
import { fieldCall } from '@tiepoint/headend/nms/testing/field-client.ts';
import type { GatewayTls } from '@tiepoint/headend/nms/testing/field-client.ts';
import { fieldRoutes, parseEnrolmentToken } from '@tiepoint/protocol/field';
import type { Enrolment } from '@tiepoint/protocol/field';
import type { HeadendReady } from '../start/gateway-enrolment.ts';
import type { FleetMember } from './fleet.ts';

const enrolledAtOnce = 4;

/** What a member shows at the routes for gateways. */
export type EnrolledMember = FleetMember & { readonly tls: GatewayTls };

/** Enrols gateways one by one, each from an address of its own on the loopback net; identities come below `folder`. */
export async function enrolFleet(
  headend: Pick<HeadendReady, 'fieldUrl' | 'authority'>,
  ask: Asking,
  ids: readonly string[],
  folder: string,
): Promise<readonly EnrolledMember[]> {
  const members: EnrolledMember[] = [];
  for (let from = 0; from < ids.length; from += enrolledAtOnce) {
    const some = ids.slice(from, from + enrolledAtOnce);
    members.push(
      ...(await Promise.all(some.map(async (id, at) => await enrol(headend, ask, { id, number: from + at, folder })))),
    );
  }
  return members;
}

async function enrol(
  { fieldUrl, authority }: Pick<HeadendReady, 'fieldUrl' | 'authority'>,
  ask: Asking,
  { id, number, folder }: { id: string; number: number; folder: string },
): Promise<EnrolledMember> {
  const identity = join(folder, id);
  const key = makeKeyFile(join(`${identity}.pending`, keyFileName));
  const issued = await ask(`/api/gateways/${id}/enrolment-tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  if (!issued.ok) throw new Error(`no token for ${id}: ${await issued.text()}`);
  const { token } = (await issued.json()) as TokenIssued;
  const secret = parseEnrolmentToken(token)?.secret;
  const json = { token: secret, certificateRequest: await certificateRequest(key), name: 'fleet' };
  const from = { ca: authority, localAddress: addressOf(number) };
  const { status, body } = await fieldCall<Enrolment>(fieldUrl + fieldRoutes.enrolments, from, {
    method: 'POST',
    json,
  });
  if (status !== 201) throw new Error(`${id} was not enrolled: ${status} ${JSON.stringify(body)}`);
  takeIdentity(identity, fieldUrl, body, Date.now());
  return { id, identity, tls: { key: key.tls.key, cert: body.certificate, ca: body.authority } };
}

/** One of 65,000 addresses of this machine. */
function addressOf(number: number): string {
  return `127.1.${Math.floor(number / 250) % 256}.${(number % 250) + 1}`;
}
