import type { Measured } from '@tiepoint/protocol';

/** Words of a device by where they begin: '<table> <address>' → hexadecimal words. */
export type Words = Readonly<Record<string, string>>;
export type Golden = {
  readonly profile: string;
  readonly words: Words;
  readonly measured: Measured;
  readonly identity?: object;
};
