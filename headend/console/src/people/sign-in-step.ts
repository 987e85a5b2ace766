import type { OidcRefusal } from '../../../src/api/operator-contract.ts';

const refusals: Readonly<Record<OidcRefusal, string>> = {
  'oidc-failed':
    'The identity provider did not confirm who you are, or cannot be reached. Try again, or sign in with a password.',
  'oidc-no-role':
    'You are known at the identity provider, but none of your groups has a role here: ask an administrator.',
  'oidc-name-taken':
    'There is an account of your name here already that is not of the identity provider: ask an administrator.',
  'oidc-disabled': 'Your account here is disabled: ask an administrator.',
  'oidc-too-late': 'Signing in at the identity provider took too long: begin again.',
};

/** What the way back from the identity provider told, as the part of the address behind `#`. */
export function refusalAt(hash: string): string | undefined {
  const reason = /^#\/sign-in\/([a-z-]+)$/.exec(hash)?.[1];
  return reason !== undefined && Object.hasOwn(refusals, reason) ? refusals[reason as OidcRefusal] : undefined;
}

/** Codes as people type them: in groups, with spaces. A recovery code keeps its dashes. */
export function codeTyped(text: string): string {
  return text.replaceAll(/\s/g, '');
}
