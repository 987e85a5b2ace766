import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';
import type { PasskeyView, SessionView } from '../../../src/api/operator-contract.ts';
import type { Answer } from '../live/asking.ts';
import type { PeopleClient } from '../live/people-client.ts';

/** Whether this browser knows passkeys, and this page was loaded in a way that it trusts. */
export function passkeysAreKnown(): boolean {
  return 'PublicKeyCredential' in globalThis && isSecureContext;
}

/** A new passkey, made by this device or by a key that is plugged in. */
export async function addPasskey(people: PeopleClient, title: string): Promise<Answer<PasskeyView>> {
  const { startRegistration } = await import('@simplewebauthn/browser');
  const asked = await people.passkeyCreation();
  if (!asked.ok) return asked;
  const { challengeId, options } = asked.value;
  const made = await byBrowser(() =>
    startRegistration({ optionsJSON: options as unknown as PublicKeyCredentialCreationOptionsJSON }),
  );
  return made.ok ? await people.addPasskey({ challengeId, title, response: { ...made.value } }) : made;
}

export async function signInByPasskey(people: PeopleClient): Promise<Answer<SessionView>> {
  const { startAuthentication } = await import('@simplewebauthn/browser');
  const asked = await people.passkeyChallenge();
  if (!asked.ok) return asked;
  const { challengeId, options } = asked.value;
  const proven = await byBrowser(() =>
    startAuthentication({ optionsJSON: options as unknown as PublicKeyCredentialRequestOptionsJSON }),
  );
  return proven.ok ? await people.signInByPasskey({ challengeId, response: { ...proven.value } }) : proven;
}

async function byBrowser<T>(ask: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await ask() };
  } catch (error) {
    return { ok: false, reason: 'unauthenticated', say: passkeySay(error instanceof Error ? error.name : '') };
  }
}

/** By the names that WebAuthn gives to what went wrong. */
export function passkeySay(errorName: string): string {
  switch (errorName) {
    case 'NotAllowedError':
    case 'AbortError':
      return 'No passkey was given: it was cancelled, took too long, or this device has none for this address.';
    case 'InvalidStateError':
      return 'This device is registered already.';
    case 'SecurityError':
      return 'The browser gives no passkey to this address: open the console by the name of the head-end, over HTTPS.';
    case 'NotSupportedError':
    case 'ConstraintError':
      return 'This device cannot prove who is before it (by finger, face or PIN): take another one.';
    default:
      return 'The browser could not use a passkey.';
  }
}
