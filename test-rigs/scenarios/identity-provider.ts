import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

const people: Readonly<Record<string, { name: string; groups: readonly string[] }>> = {
  olga: { name: 'Olga of the utility', groups: ['nms-switching', 'everybody'] },
  paul: { name: 'Paul without a group', groups: ['everybody'] },
  admin: { name: 'Not our admin', groups: ['nms-switching'] },
};
const clientSecret = 'a secret of the client, long enough';

export type IdentityProvider = { readonly issuer: string; readonly clientSecret: string; stop(): Promise<void> };

/** A certified implementation of OpenID Connect with its own pages, on a free port. Any password is right there. */
export async function startIdentityProvider(callback: string): Promise<IdentityProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const answer = providerAt(issuer, callback).callback();
  server.on('request', (request, response) => void answer(request, response));
  return {
    issuer,
    clientSecret,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function providerAt(issuer: string, callback: string): Provider {
  return new Provider(issuer, {
    clients: [
      {
        client_id: 'tiepoint',
        client_secret: clientSecret,
        redirect_uris: [callback],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    pkce: { required: () => true },
    scopes: ['openid', 'profile', 'email', 'groups'],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email'], groups: ['groups'] },
    features: { devInteractions: { enabled: true } },
    cookies: { keys: ['for a test alone'] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: id, name: people[id]?.name, groups: people[id]?.groups }),
    }),
    // Consent is the utility's own business.
    loadExistingGrant: async (context) => {
      const { oidc } = context;
      const grant = new oidc.provider.Grant({
        clientId: oidc.client?.clientId ?? '',
        accountId: oidc.session?.accountId ?? '',
      });
      grant.addOIDCScope('openid profile email groups');
      await grant.save();
      return grant;
    },
  });
}
