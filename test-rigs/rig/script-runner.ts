import type { RigDevice } from './rig-device.ts';
import type { ScriptAction } from './script.ts';

/** Carries a script out as time passes. What cannot be done is said once, before it begins. */
export class ScriptRunner {
  readonly #actions: readonly ScriptAction[];
  readonly #devices: readonly RigDevice[];
  readonly #say: (line: string) => void;
  #startMs: number | undefined;
  #next = 0;

  constructor(actions: readonly ScriptAction[], devices: readonly RigDevice[], say: (line: string) => void) {
    this.#actions = actions;
    this.#devices = devices;
    this.#say = say;
  }

  /** What is wrong with it for these devices, as far as names tell. */
  mistakes(): readonly string[] {
    return this.#actions.flatMap((action) => {
      const device = this.#deviceOf(action);
      if (action.do === 'repeat' || typeof device !== 'string') return [];
      return [`"${action.line}": ${device}`];
    });
  }

  step(nowMs: number): void {
    this.#startMs ??= nowMs;
    // A repetition takes the same time as the script, so that this ends.
    for (let action = this.#actions[this.#next]; action !== undefined; action = this.#actions[this.#next]) {
      if (nowMs - this.#startMs < action.atMs) return;
      this.#next++;
      if (action.do === 'repeat') {
        this.#startMs = nowMs;
        this.#next = 0;
        this.#say('script: from the beginning');
        if (action.atMs <= 0) return;
        continue;
      }
      this.#do(action);
    }
  }

  #do(action: Exclude<ScriptAction, { do: 'repeat' }>): void {
    const device = this.#deviceOf(action);
    if (typeof device === 'string') return this.#say(`script: ${action.line}: ${device}`);
    const done =
      action.do === 'values'
        ? device.override(action.values)
        : action.do === 'faults'
          ? device.change(action.faults)
          : device.prepareFor(action.command)
            ? ({ ok: true } as const)
            : ({ ok: false, say: `${device.id} has no command ${action.command}` } as const);
    this.#say(done.ok ? `script: ${action.line}` : `script: ${action.line}: ${done.say}`);
  }

  #deviceOf({ device }: ScriptAction): RigDevice | string {
    const known = this.#devices.map(({ id }) => id).join(', ');
    if (device === undefined) {
      const [only] = this.#devices;
      return this.#devices.length === 1 && only !== undefined ? only : `say on which device: "on ID …", of ${known}`;
    }
    return this.#devices.find(({ id }) => id === device) ?? `there is no device ${device}; there is ${known}`;
  }
}
