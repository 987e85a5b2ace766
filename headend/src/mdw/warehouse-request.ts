import type { Reason, Result } from '@tiepoint/protocol';

/**
 * A question that the worker answers. It is declared once, imported by who asks and who answers, and types both.
 * `repeatable`: asked twice it does no more than asked once, so that it is asked again when the worker died over it.
 */
export type WarehouseRequest<Ask, Answer> = {
  readonly name: string;
  readonly repeatable: boolean;
  /** It looks through much, and takes seconds: of those that people ask, few at a time are answered. */
  readonly isLong?: true;
  /** Never there; they carry the types. */
  readonly ask?: Ask;
  readonly answer?: Answer;
};

export type WarehouseProgress = { readonly done: number; readonly total?: number; readonly say?: string };

export type AskOptions = {
  /** Unless set, one minute. At the bound the answer is a failure; the worker may still do it. */
  readonly withinMs?: number;
  readonly onProgress?: (progress: WarehouseProgress) => void;
};

/** Answers are made of what structured clones can carry. */
export type Asker = <Ask, Answer>(
  request: WarehouseRequest<Ask, Answer>,
  ask: Ask,
  options?: AskOptions,
) => Promise<Result<Answer>>;

/** Thrown by who answers, where the question cannot be: becomes the failure that the asker gets. */
export class Refusal extends Error {
  readonly reason: Reason;

  constructor(reason: Reason, say: string) {
    super(say);
    this.reason = reason;
  }
}
