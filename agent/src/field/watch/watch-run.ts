import { wholeOption } from '../connection-options.ts';
import type { ExitCode, FieldInput } from '../field-command.ts';
import { paint } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { Rounds } from './rounds.ts';
import { canPaint, WatchScreen } from './watch-screen.ts';
import type { ScreenStreams, WatchKey } from './watch-screen.ts';
import { targetsOf } from './watch-targets.ts';
import type { Target } from './watch-targets.ts';
import { jsonOf, lineOf, tableOf } from './watch-view.ts';
import type { DeviceView } from './watch-view.ts';
import { WatchedSite } from './watched-site.ts';

const defaultEveryMs = 1_000;
const leastEveryMs = 100;
/** Counters and set-points are read so often, or at every look where looks are rarer. */
const slowMs = 10_000;

/** Exit code 0: a device answered, or it was ended by a key; 1: none ever did; 2: the command line; 130: interrupted. */
export async function runWatch({ values }: FieldInput, terminal: Terminal, streams: ScreenStreams): Promise<ExitCode> {
  const everyMs = wholeOption(values, 'every', leastEveryMs, 3_600_000);
  const forS = wholeOption(values, 'for', 1, 31_536_000);
  const targets = targetsOf(values);
  for (const each of [everyMs, forS, targets]) {
    if (each.ok) continue;
    terminal.complain(each.say);
    return 2;
  }
  if (!everyMs.ok || !forS.ok || !targets.ok) return 2;
  const settings = {
    everyMs: everyMs.value ?? defaultEveryMs,
    forMs: forS.value === undefined ? undefined : forS.value * 1_000,
    raw: values['raw'] === true,
  };
  return await watchTargets(targets.value, settings, terminal, streams);
}

type WatchSettings = { readonly everyMs: number; readonly forMs: number | undefined; readonly raw: boolean };

async function watchTargets(
  targets: readonly Target[],
  settings: WatchSettings,
  terminal: Terminal,
  streams: ScreenStreams,
): Promise<ExitCode> {
  const site = new WatchedSite(targets, { slowMs: Math.max(slowMs, settings.everyMs) });
  try {
    const { closed, anyOpen } = await site.start();
    for (const say of closed) terminal.complain(say);
    // A port that is missing from the beginning is more likely a wrong name than one that will come back.
    if (!anyOpen) return 1;
    return canPaint(streams, terminal)
      ? await new LiveWatch(site, settings, terminal, streams).run()
      : await plainWatch(site, settings, terminal);
  } finally {
    await site.stop();
  }
}

async function plainWatch(
  site: WatchedSite,
  { everyMs, forMs, raw }: WatchSettings,
  terminal: Terminal,
): Promise<ExitCode> {
  const rounds = new Rounds(everyMs, forMs, terminal.signal);
  let everAnswered = false;
  do {
    const views = await site.look(terminal.signal);
    if (terminal.signal.aborted) return 130;
    everAnswered ||= views.some(({ trouble }) => trouble === undefined);
    for (const view of views)
      terminal.print(terminal.json ? JSON.stringify(jsonOf(view, { raw })) : lineOf(view, { raw }));
  } while (await rounds.next());
  if (terminal.signal.aborted) return 130;
  return everAnswered ? 0 : 1;
}

/** The table that is painted again and again. */
class LiveWatch {
  readonly #site: WatchedSite;
  readonly #settings: WatchSettings;
  readonly #terminal: Terminal;
  readonly #screen: WatchScreen;
  readonly #ending = new AbortController();
  #views: readonly DeviceView[] = [];
  #raw: boolean;
  #paused = false;
  #interrupted = false;
  #offset = 0;
  #most = 0;

  constructor(site: WatchedSite, settings: WatchSettings, terminal: Terminal, streams: ScreenStreams) {
    this.#site = site;
    this.#settings = settings;
    this.#terminal = terminal;
    this.#raw = settings.raw;
    this.#screen = new WatchScreen(streams, (key) => this.#onKey(key));
  }

  async run(): Promise<ExitCode> {
    const { everyMs, forMs } = this.#settings;
    const signal = AbortSignal.any([this.#ending.signal, this.#terminal.signal]);
    const rounds = new Rounds(everyMs, forMs, signal);
    let everAnswered = false;
    this.#screen.open();
    try {
      this.#paint();
      do {
        if (this.#paused) continue;
        const views = await this.#site.look(signal);
        if (signal.aborted) break;
        everAnswered ||= views.some(({ trouble }) => trouble === undefined);
        this.#views = views;
        this.#paint();
      } while (await rounds.next());
    } finally {
      this.#screen.close();
    }
    // What was seen last stays on the terminal.
    for (const line of this.#body()) this.#terminal.print(line);
    if (this.#interrupted || this.#terminal.signal.aborted) return 130;
    return everAnswered || this.#ending.signal.aborted ? 0 : 1;
  }

  #onKey(key: WatchKey): void {
    switch (key) {
      case 'interrupt':
        this.#interrupted = true;
        return this.#ending.abort();
      case 'quit':
        return this.#ending.abort();
      case 'raw':
        this.#raw = !this.#raw;
        break;
      case 'pause':
        this.#paused = !this.#paused;
        break;
      case 'up':
      case 'down':
      case 'page-up':
      case 'page-down':
        this.#offset = Math.max(0, Math.min(this.#most, this.#offset + steps[key]));
        break;
    }
    this.#paint();
  }

  #body(): string[] {
    return tableOf(this.#views, { raw: this.#raw, paints: this.#terminal, width: this.#screen.columns });
  }

  #paint(): void {
    const state =
      this.#views.length === 0 ? 'asking …' : this.#paused ? 'paused' : `every ${this.#settings.everyMs} ms`;
    const foot = paint(this.#terminal, 'dim', `${state}   q end  r raw words  p pause  ↑↓ scroll   * changed`);
    this.#most = this.#screen.paint(this.#body(), foot, this.#offset);
  }
}

const steps = { up: -1, down: 1, 'page-up': -10, 'page-down': 10 } as const;
