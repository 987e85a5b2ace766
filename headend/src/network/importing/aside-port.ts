import { parentPort } from 'node:worker_threads';
import type { Finding } from '../model/finding.ts';
import type { FromThread, ImportProgress, ToThread } from './aside.ts';

const toldOfEach = 200;

/** The other side of `aside.ts`: what the thread says to the head-end that started it. */
export class AsidePort<Question, Done extends { readonly findings: readonly Finding[] }> {
  readonly #port = parentPort;
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  #lastId = 0;

  constructor() {
    if (this.#port === null) throw new Error('this is a thread of the head-end, and no program of its own');
    this.#port.on('message', ({ id, answer }: ToThread) => {
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
  }

  async ask(question: Question): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    return await new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#say({ id, question });
    });
  }

  progress = (progress: ImportProgress): void => this.#say({ progress });

  /** Of millions of lines at fault the first are enough: 200 errors, and 200 others. */
  done(done: Done): void {
    const [errors, others] = [true, false].map((isError) =>
      done.findings.filter(({ severity }) => (severity === 'error') === isError).slice(0, toldOfEach),
    );
    this.#say({ done: { ...done, findings: [...(errors ?? []), ...(others ?? [])] } });
    this.#port?.close();
  }

  #say(message: FromThread<Question, Done>): void {
    this.#port?.postMessage(message);
  }
}
