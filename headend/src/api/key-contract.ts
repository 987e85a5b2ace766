/**
 * The keys that commands are signed with, as types alone; a part of `contract.ts`. Keys by their public half, in base64url.
 *
 *     GET    /api/command-keys                      CommandKeyView
 *     POST   /api/command-keys/rotation             CommandKeyView                { wish: RotationWish, cause? }; 409 where it does not fit the phase
 */
export type CommandKeyView = {
  phase: 'settled' | 'announced' | 'switched';
  /** Of the newest list that gateways were given. */
  revision: number;
  /** Signs commands now. */
  current: string;
  /** While `announced`: will sign when the gateways know it. */
  next?: string;
  /** While `switched`: has signed until now, and is obeyed still. */
  previous?: string;
  sinceMs: number;
  /** Gateways that the rotation waits for, and those that it goes on without. */
  waitingForIds: readonly string[];
  withoutIds: readonly string[];
  /** It should be elsewhere: export it. */
  isRecoveryKeyHere: boolean;
};

/** The next key; not to wait for the gateways that lack it; or not the next key after all. */
export type RotationWish = 'announce' | 'go-on' | 'withdraw';
