import type { Terminal } from '../terminal.ts';

/** A terminal without a person: gives `answers` in turn, keeps what is written. `interrupt` is Ctrl-C. */
export function fakeTerminal({
  json = false,
  answers = [],
}: { json?: boolean; answers?: readonly string[] } = {}): Terminal & FakeTerminal {
  const controller = new AbortController();
  const waiting = [...answers];
  const kept: FakeTerminal = {
    printed: [],
    complaints: [],
    asked: [],
    progressed: [],
    interrupt: () => controller.abort(),
  };
  return {
    ...kept,
    json,
    colour: false,
    interactive: answers.length > 0,
    width: 100,
    signal: controller.signal,
    print: (text) => void kept.printed.push(text),
    complain: (text) => void kept.complaints.push(text),
    progress: (text) => void (text !== undefined && kept.progressed.push(text)),
    ask(question) {
      kept.asked.push(question);
      return Promise.resolve(controller.signal.aborted ? undefined : waiting.shift());
    },
  };
}

type FakeTerminal = {
  readonly printed: string[];
  readonly complaints: string[];
  readonly asked: string[];
  readonly progressed: string[];
  interrupt(): void;
};
