import { argon2, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import type { PasswordHash } from '../store/people-store.ts';
import { isGuessedFirst } from './guessed-passwords.ts';
import type { Vault } from './vault.ts';

/** The first of OWASP's equal choices for Argon2id: 46 MiB, one pass, one lane. */
const cost = { memoryKib: 47_104, passes: 1 };
const minLength = 12;
const maxLength = 256;
/** Of the four threads that Node has for such work, so that the disk is not kept waiting; the rest of the processor is the field's. */
const atOnce = 2;
const maxWaiting = 16;

/** Why this is no password; undefined: it is one. */
export function passwordFault(text: string, name: string): string | undefined {
  const password = text.normalize('NFKC');
  if (password.length < minLength) return `A password has at least ${minLength} characters: a few words do well.`;
  if (password.length > maxLength) return `A password has at most ${maxLength} characters.`;
  if (new Set(password).size < 6) return 'This repeats a few characters: take a few words.';
  if (password.toLowerCase().includes(name)) return 'A password does not contain the name of its account.';
  if (isGuessedFirst(password))
    return 'This is made of what is guessed first: well-known words, years, rows of keys. Take words that only you would put together.';
  return undefined;
}

/**
 * Hashes off the event loop, so many at once; the rest wait, and above that `busy` is answered at once. Who is known at the address it
 * asks from goes before those who are not, so that a flood of guesses keeps nobody out who has work to do.
 */
export class PasswordHasher {
  readonly #vault: Vault;
  readonly #waiting: { go: () => void; known: boolean }[] = [];
  #running = 0;

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  /** 'busy': nothing was computed. */
  async make(password: string): Promise<PasswordHash | 'busy'> {
    const salt = randomBytes(16);
    const hash = await this.#hashed(password, salt, cost, true);
    return hash === 'busy' ? hash : { salt: salt.toString('base64'), hash: hash.toString('base64'), ...cost };
  }

  /** Without a hash to compare with it takes the same time, and is false. */
  async fits(password: string, made: PasswordHash | undefined, known: boolean): Promise<boolean | 'busy'> {
    const { salt, hash, ...of } = made ?? nobodys;
    const found = await this.#hashed(password, Buffer.from(salt, 'base64'), of, known);
    if (found === 'busy') return found;
    return timingSafeEqual(found, Buffer.from(hash, 'base64')) && made !== undefined;
  }

  async #hashed(
    password: string,
    nonce: Buffer,
    { memoryKib, passes }: { memoryKib: number; passes: number },
    known: boolean,
  ): Promise<Buffer | 'busy'> {
    if (!(await this.#turn(known))) return 'busy';
    try {
      return await new Promise((resolve, reject) => {
        argon2(
          'argon2id',
          {
            message: password.normalize('NFKC').slice(0, 2 * maxLength),
            nonce,
            secret: this.#vault.pepper,
            parallelism: 1,
            tagLength: 32,
            memory: memoryKib,
            passes,
          },
          (error, tag) => (error === null ? resolve(tag) : reject(error)),
        );
      });
    } finally {
      this.#running -= 1;
      this.#next();
    }
  }

  async #turn(known: boolean): Promise<boolean> {
    if (this.#running < atOnce) {
      this.#running += 1;
      return true;
    }
    if (this.#waiting.length >= (known ? 2 * maxWaiting : maxWaiting)) return false;
    await new Promise<void>((resolve) => this.#waiting.push({ go: resolve, known }));
    return true;
  }

  #next(): void {
    const at = Math.max(
      0,
      this.#waiting.findIndex(({ known }) => known),
    );
    const [next] = this.#waiting.splice(at, 1);
    if (next === undefined) return;
    this.#running += 1;
    next.go();
  }
}

const nobodys: PasswordHash = {
  salt: Buffer.alloc(16).toString('base64'),
  hash: Buffer.alloc(32).toString('base64'),
  ...cost,
};

/** Without letters and digits that are taken for each other. */
const letters = 'abcdefghjkmnpqrstuvwxyz23456789';

/** Told once and typed by people: 99 bits in four groups, so that a plain hash of it cannot be searched back. */
export function drawOneTimePassword(): string {
  return groups(4, 5);
}

/** 59 bits, good once, and each try counts as a sign-in. */
export function drawRecoveryCode(): string {
  return groups(2, 6);
}

function groups(count: number, length: number): string {
  const letter = (): string => letters[randomInt(letters.length)] ?? '';
  return Array.from({ length: count }, () => Array.from({ length }, letter).join('')).join('-');
}
