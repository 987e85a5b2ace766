/** What a pino logger offers, as far as we use it. */
export type Log = {
  debug(fields: object, say: string): void;
  info(fields: object, say: string): void;
  warn(fields: object, say: string): void;
  error(fields: object, say: string): void;
  child(fields: object): Log;
};
