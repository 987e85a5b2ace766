import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { StreamHub } from './api/stream-hub.ts';
import type { OidcSettings } from './operators/oidc.ts';
import { People } from './operators/people.ts';
import { roles } from './operators/permissions.ts';
import type { Vault } from './operators/vault.ts';
import type { PeopleStore } from './store/people-store.ts';
import type { EventEntry } from './store/store.ts';

const text = z.string().min(1).max(200);

/** The section `operators` of the settings. */
export const operatorSettings = z
  .strictObject({
    /** `required`: whoever may command, configure, enter sites, enrol gateways or administer signs in with two factors. `optional`: for demonstration alone. */
    secondFactor: z.enum(['required', 'optional']).default('required'),
    /** So many devices may one operator disconnect within so many minutes; what goes beyond takes a second one. */
    groupSize: z.int().min(1).max(100).default(10),
    groupMinutes: z.number().min(1).max(1_440).default(10),
    /** How long the second operator has. */
    approvalMinutes: z.number().min(0.5).max(30).default(5),
    /** The utility's identity provider. */
    oidc: z
      .strictObject({
        title: text.default('Single sign-on'),
        issuer: z.url({ protocol: /^https?$/, error: 'begins with https:// and names a host' }).refine(isSafe, {
          error: 'begins with https://: only a provider on this machine may do without',
        }),
        clientId: text,
        /** A file that holds the client's secret, readable by this user alone. */
        clientSecretFile: text.optional(),
        scopes: text.default('openid profile email groups'),
        groupsClaim: text.default('groups'),
        nameClaim: text.default('preferred_username'),
        roles: z
          .array(
            z.strictObject({
              group: text,
              role: z.enum(roles),
              areas: z.union([z.literal('all'), z.array(z.string().min(1).max(64)).min(1)]).default('all'),
            }),
          )
          .min(1),
      })
      .optional(),
  })
  .prefault({});

export type OperatorSettings = z.infer<typeof operatorSettings>;

type Parts = {
  vault: Vault;
  event: (entry: EventEntry) => void;
  hub: () => StreamHub;
  now: () => number;
};

/** Everybody who may act, as the store has them. Throws an Error for people where the settings' files cannot be read. */
export function peopleOf(
  { operators }: { operators: OperatorSettings },
  store: PeopleStore,
  { vault, event, hub, now }: Parts,
): People {
  const people = new People({
    store,
    vault,
    secondFactor: operators.secondFactor,
    oidc: oidcOf(operators.oidc),
    // At once, and not only at the next tick.
    onSessionEnd: () => hub().endOver(),
    onLockOut: (say) => event({ atMs: now(), source: 'head-end', kind: 'sign-ins-failing', late: false, say }),
    now,
  });
  people.load();
  return people;
}

function oidcOf(settings: OperatorSettings['oidc']): OidcSettings | undefined {
  if (settings === undefined) return undefined;
  const { clientSecretFile, ...rest } = settings;
  return { ...rest, clientSecret: clientSecretFile === undefined ? undefined : readSecret(clientSecretFile) };
}

function readSecret(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const say = error instanceof Error ? error.message : String(error);
    throw new Error(`operators.oidc.clientSecretFile ${file} cannot be read: ${say}`, { cause: error });
  }
}

function isSafe(issuer: string): boolean {
  const { protocol, hostname } = new URL(issuer);
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}
