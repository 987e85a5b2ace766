/** What a pino logger offers, as far as we use it. */
export type Log = {
  debug(fields: object, say: string): void;
  info(fields: object, say: string): void;
  warn(fields: object, say: string): void;
  error(fields: object, say: string): void;
  child(fields: object): Log;
};

/** A fault with the place where it arose. */
export function traceOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
