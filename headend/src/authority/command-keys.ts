import { trustList } from '@tiepoint/protocol';
import { z } from 'zod';
import { seal } from '@tiepoint/protocol/envelope';
import type { Signer } from '@tiepoint/protocol/envelope';
import type { Trust } from '@tiepoint/protocol/field';
import type { KeyFolder } from './key-folder.ts';
import { rotationStep } from './key-rotation.ts';
import type { Rotation, RotationEffect, RotationInput } from './key-rotation.ts';
import { kidOf, newKeyPem, putBack, signerIn, signerOfPem } from './key-vault.ts';
import type { KeyVault } from './key-vault.ts';

export const stateName = 'command-keys.json';
const recoveryName = 'recovery-key.pem';
/** For whoever sets a gateway up by hand. Nothing of it is secret. */
export const trustName = 'trust.json';

const keptSchema = z.strictObject({
  rotation: z
    .strictObject({
      phase: z.enum(['settled', 'announced', 'switched']),
      revision: z.int().min(1),
      current: z.string(),
      next: z.string().exactOptional(),
      previous: z.string().exactOptional(),
      sinceMs: z.number(),
      withoutIds: z.array(z.string()).readonly(),
    })
    .readonly(),
  recoveryKey: z.string(),
  /** Somebody has taken the recovery key away; absent where that was not kept. */
  isRecoveryKeyTaken: z.boolean().exactOptional(),
  /** The list of this revision is signed by the recovery key: whoever has one before it takes it. */
  recoveredAt: z.int().exactOptional(),
  /** As they go out and were signed, the oldest first: the key that signed one may be gone when a gateway that was away needs it. */
  lists: z.array(z.strictObject({ revision: z.int(), bytes: z.base64() })).readonly(),
});
type Kept = z.infer<typeof keptSchema>;
type SealedList = Kept['lists'][number];

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

  /**
   * Takes up what is there, or makes the first keys: who has gateways that obey others looks before (`lost-keys.ts`). `anew`: they do, and
   * nothing that is counted here must pass for what they know.
   */
  start(nowMs: number, anew = false): void {
    this.#folder.open();
    const kept = this.#read();
    if (kept === undefined) this.#begin(nowMs, anew ? Math.floor(nowMs / 1_000) : 1);
    else {
      this.#kept = kept;
      this.#signer = this.#signerOf(kept);
      this.#checkRecoveryKey(kept.recoveryKey);
    }
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
    this.#keep({
      rotation,
      recoveryKey,
      isRecoveryKeyTaken: before?.isRecoveryKeyTaken ?? true,
      recoveredAt: revision,
      lists: [{ revision, bytes: sealedList(revision, [current], recovery) }],
    });
    for (const key of before === undefined ? [] : trustedKeys(before.rotation)) this.#vault.erase(kidOfText(key));
  }

  /** Undefined: it was taken away. */
  recoveryPem(): string | undefined {
    return this.#folder.read(recoveryName);
  }

  eraseRecoveryKey(): void {
    this.#keep({ ...this.#state, isRecoveryKeyTaken: true });
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

  /** It is gone, and nobody took it away. */
  get isRecoveryKeyLost(): boolean {
    return this.#state.isRecoveryKeyTaken === false && !this.isRecoveryKeyHere;
  }

  /** Does a gateway with this list obey, when it has heard the lists that it is missing? */
  isObeyedAt(revision: number): boolean {
    const { rotation, recoveredAt = 0, lists } = this.#state;
    if (revision >= rotation.revision) return revision === rotation.revision;
    return lists.some((each) => each.revision === revision + 1 || each.revision === recoveredAt);
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

  #begin(nowMs: number, revision: number): void {
    const current = textOf(this.#vault.create().publicKey);
    // The recovery key lies apart from the vault: it is to be taken away.
    const before = signerIn(this.#folder, recoveryName);
    const pem = before === undefined ? newKeyPem() : undefined;
    if (pem !== undefined) this.#folder.write(recoveryName, pem);
    const { publicKey } = before ?? signerOfPem(pem ?? '');
    const rotation: Rotation = { phase: 'settled', revision, current, sinceMs: nowMs, withoutIds: [] };
    this.#keep({ rotation, recoveryKey: textOf(publicKey), isRecoveryKeyTaken: false, lists: [] });
  }

  /** Who exports it must not find then that it wins nobody back. */
  #checkRecoveryKey(recoveryKey: string): void {
    const here = signerIn(this.#folder, recoveryName);
    if (here === undefined || textOf(here.publicKey) === recoveryKey) return;
    throw new Error(
      `${this.#folder.fileOf(recoveryName)} is the recovery key of another head-end: ${putBack}, or, where this one's was exported, remove it`,
    );
  }

  #sealed({ revision, keys, signedBy }: Extract<RotationEffect, { kind: 'list' }>): SealedList {
    const signer = this.#vault.signer(kidOfText(signedBy));
    if (signer === undefined) throw new Error(`${this.#folder.path}: the command key ${signedBy} is missing`);
    return { revision, bytes: sealedList(revision, keys, signer) };
  }

  #keep(kept: Kept): void {
    // What cannot sign is not written down as what signs.
    const signer = this.#signerOf(kept);
    this.#folder.write(stateName, `${JSON.stringify(kept, undefined, 2)}\n`);
    this.#kept = kept;
    this.#signer = signer;
    this.#folder.write(trustName, `${JSON.stringify(this.trust, undefined, 2)}\n`);
  }

  #signerOf({ rotation: { current } }: Kept): Signer {
    const signer = this.#vault.signer(kidOfText(current));
    if (signer !== undefined) return signer;
    throw new Error(
      `${this.#folder.path}: the command key ${current} is missing, so that nothing can be signed: ${putBack}, or see \`keys recover\``,
    );
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
    return keptSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`${file} is damaged: ${putBack}, or remove it and see \`keys recover\``, { cause: error });
  }
}

const textOf = (publicKey: Uint8Array): string => Buffer.from(publicKey).toString('base64url');

function kidOfText(key: string): string {
  return kidOf({ publicKey: Buffer.from(key, 'base64url') });
}
