import { trustList } from '@tiepoint/protocol';
import { seal } from '@tiepoint/protocol/envelope';
import type { Signer } from '@tiepoint/protocol/envelope';
import type { Trust } from '@tiepoint/protocol/field';
import type { KeyFolder } from './key-folder.ts';
import { rotationStep } from './key-rotation.ts';
import type { Rotation, RotationEffect, RotationInput } from './key-rotation.ts';
import { kidOf, newKeyPem, signerOfPem } from './key-vault.ts';
import type { KeyVault } from './key-vault.ts';

const stateName = 'command-keys.json';
const recoveryName = 'recovery-key.pem';
/** For whoever sets a gateway up by hand. Nothing of it is secret. */
export const trustName = 'trust.json';

/** A list as it goes out, for all gateways alike. */
type SealedList = { readonly revision: number; readonly bytes: string };
type Kept = {
  readonly rotation: Rotation;
  readonly recoveryKey: string;
  /** As they were signed, the oldest first: the key that signed one may be gone when a gateway that was away needs it. */
  readonly lists: readonly SealedList[];
};

/** Two a rotation. A gateway that missed more than these is enrolled again. */
const maxLists = 64;

/**
 * The keys that commands are signed with, and the lists by which gateways know them. Every step is on disk before it shows: a list before
 * it is sent, a key before it signs. The recovery key is made at the first start; its private half is here only until it was
 * exported, and signs nothing but lists. Everything throws an Error for people where the disk or a key fails.
 */
export class CommandKeys {
  readonly #folder: KeyFolder;
  readonly #vault: KeyVault;
  #kept: Kept | undefined;
  #signer: Signer | undefined;

  constructor(folder: KeyFolder, vault: KeyVault) {
    this.#folder = folder;
    this.#vault = vault;
  }

  /** Takes up what is there, or makes the first keys. */
  start(nowMs: number): void {
    this.#folder.open();
    const kept = this.#read();
    if (kept !== undefined) this.#adopt(kept);
    else this.#begin(nowMs);
    this.#folder.write(trustName, `${JSON.stringify(this.trust, undefined, 2)}\n`);
  }

  /** Only looks at what is there; nothing is signed. Throws where the head-end never ran. */
  read(): void {
    const kept = this.#read();
    if (kept === undefined)
      throw new Error(`${this.#folder.path}: there are no command keys: the head-end makes them at its first start`);
    this.#kept = kept;
  }

  /**
   * With the recovery key, where the command keys are lost, or somebody else may have them: makes a new one, and a list of it alone that
   * every gateway takes by the recovery key. The folder may be that of a head-end that was lost wholly, and empty. `pem` is not kept.
   */
  recover(pem: string, nowMs: number): void {
    this.#folder.open();
    const recovery = signerOfPem(pem);
    const recoveryKey = textOf(recovery.publicKey);
    const before = this.#read();
    if (before !== undefined && before.recoveryKey !== recoveryKey)
      throw new Error(
        `${this.#folder.path} has another recovery key. Is it that of another head-end? Gateways that were enrolled with this one are won back into an empty data folder`,
      );
    const current = textOf(this.#vault.create().publicKey);
    // Above all that the lost head-end can have given out, for it counted from 1.
    const revision = Math.max((before?.rotation.revision ?? 0) + 1, Math.floor(nowMs / 1_000));
    const rotation: Rotation = { phase: 'settled', revision, current, sinceMs: nowMs, withoutIds: [] };
    this.#keep({ rotation, recoveryKey, lists: [{ revision, bytes: sealedList(revision, [current], recovery) }] });
    for (const key of before === undefined ? [] : trustedKeys(before.rotation)) this.#vault.erase(kidOfText(key));
  }

  /** Undefined: it was taken away. */
  recoveryPem(): string | undefined {
    return this.#folder.read(recoveryName);
  }

  eraseRecoveryKey(): void {
    this.#folder.erase(recoveryName);
  }

  /** Signs whatever goes down. */
  get signer(): Signer {
    if (this.#signer === undefined) throw new Error('the command keys were not started');
    return this.#signer;
  }

  get rotation(): Rotation {
    return this.#state.rotation;
  }

  /** What a gateway is enrolled with. */
  get trust(): Trust {
    const { rotation, recoveryKey } = this.#state;
    return { revision: rotation.revision, commandKeys: trustedKeys(rotation), recoveryKey };
  }

  /** The recovery key has not been taken away yet. */
  get isRecoveryKeyHere(): boolean {
    return this.recoveryPem() !== undefined;
  }

  /** Signed lists that a gateway with this revision is missing, in the order in which it needs them. */
  listsAbove(revision: number): readonly Uint8Array[] {
    return this.#state.lists
      .filter((each) => each.revision > revision)
      .map(({ bytes }) => Buffer.from(bytes, 'base64'));
  }

  /** Makes the next key and announces it. False where a rotation is under way. */
  announce(nowMs: number): boolean {
    if (this.rotation.phase !== 'settled') return false;
    return this.step({ kind: 'announce', next: textOf(this.#vault.create().publicKey) }, nowMs);
  }

  /** True: something changed, and is on disk. */
  step(input: RotationInput, nowMs: number): boolean {
    const before = this.#state;
    const { state: rotation, effects } = rotationStep(before.rotation, input, nowMs);
    if (rotation === before.rotation) return false;
    const fresh = effects.flatMap((effect) => (effect.kind === 'list' ? [this.#sealed(effect)] : []));
    this.#keep({ ...before, rotation, lists: [...before.lists, ...fresh].slice(-maxLists) });
    // What is trusted no more may be lost now, and not earlier.
    for (const effect of effects) if (effect.kind === 'erase') this.#vault.erase(kidOfText(effect.key));
    return true;
  }

  #read(): Kept | undefined {
    const text = this.#folder.read(stateName);
    return text === undefined ? undefined : parsed(text, this.#folder.fileOf(stateName));
  }

  #begin(nowMs: number): void {
    const current = textOf(this.#vault.create().publicKey);
    // The recovery key lies apart from the vault: it is to be taken away.
    const pem = this.#folder.read(recoveryName) ?? newKeyPem();
    this.#folder.write(recoveryName, pem);
    const rotation: Rotation = { phase: 'settled', revision: 1, current, sinceMs: nowMs, withoutIds: [] };
    this.#keep({ rotation, recoveryKey: textOf(signerOfPem(pem).publicKey), lists: [] });
  }

  #sealed({ revision, keys, signedBy }: Extract<RotationEffect, { kind: 'list' }>): SealedList {
    const signer = this.#vault.signer(kidOfText(signedBy));
    if (signer === undefined) throw new Error(`${this.#folder.path}: the command key ${signedBy} is missing`);
    return { revision, bytes: sealedList(revision, keys, signer) };
  }

  #keep(kept: Kept): void {
    this.#folder.write(stateName, `${JSON.stringify(kept, undefined, 2)}\n`);
    this.#adopt(kept);
    this.#folder.write(trustName, `${JSON.stringify(this.trust, undefined, 2)}\n`);
  }

  #adopt(kept: Kept): void {
    const { current } = kept.rotation;
    const signer = this.#vault.signer(kidOfText(current));
    if (signer === undefined)
      throw new Error(
        `${this.#folder.path}: the command key ${current} is missing, so that nothing can be signed. Put back the folder from the backup, or see \`keys recover\``,
      );
    this.#kept = kept;
    this.#signer = signer;
  }

  get #state(): Kept {
    if (this.#kept === undefined) throw new Error('the command keys were not started');
    return this.#kept;
  }
}

function trustedKeys({ current, next, previous }: Rotation): readonly string[] {
  return [current, ...(next === undefined ? [] : [next]), ...(previous === undefined ? [] : [previous])];
}

function sealedList(revision: number, keys: readonly string[], signer: Signer): string {
  const commandKeys = keys.map((key) => Buffer.from(key, 'base64url'));
  const sealed = seal(trustList.toBytes({ revision, commandKeys }), { kind: 'trust' }, signer);
  return Buffer.from(sealed).toString('base64');
}

function parsed(text: string, file: string): Kept {
  try {
    const kept = JSON.parse(text) as Kept;
    if (typeof kept.rotation.current === 'string' && Array.isArray(kept.lists)) return kept;
  } catch {
    // Told below.
  }
  throw new Error(`${file} is damaged: put back the folder of keys from the backup`);
}

const textOf = (publicKey: Uint8Array): string => Buffer.from(publicKey).toString('base64url');

function kidOfText(key: string): string {
  return kidOf({ publicKey: Buffer.from(key, 'base64url') });
}
