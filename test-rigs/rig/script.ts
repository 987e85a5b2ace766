import { parseDocument } from 'yaml';
import { seededRandom } from '../devices/seeded-random.ts';
import { commandKinds, type CommandKind } from '@tiepoint/protocol';

/** One thing that a script does at its time. `device` is absent where the rig has one alone. */
export type ScriptAction = { readonly atMs: number; readonly line: string; readonly device?: string } & (
  | { readonly do: 'values'; readonly values: Readonly<Record<string, unknown>> }
  | { readonly do: 'faults'; readonly faults: Readonly<Record<string, unknown>> }
  | { readonly do: 'prepare'; readonly command: CommandKind }
  | { readonly do: 'repeat' }
);

export type ScriptRead = { ok: true; actions: readonly ScriptAction[] } | { ok: false; say: string };

/**
 * Reads scripted behaviour, YAML or JSON:
 *
 *     at 10s: set voltageV 0
 *     at 20s: fault stuckSwitch; fault lateRepliesMs 900
 *     at 25s-35s: on meter-2 set frequencyHz 47.2     # some time between, by the seed
 *     at 1m: release voltageV; heal stuckSwitch
 *     at 2m: prepare connect
 *     at 5m: repeat                                   # from the beginning
 *
 * Every error names file and line.
 */
export function parseScript(text: string, file: string, seed: number): ScriptRead {
  const document = parseDocument(text, { prettyErrors: true });
  const [broken] = document.errors;
  if (broken !== undefined) return { ok: false, say: `${file}: ${broken.message}` };
  let given: unknown;
  try {
    given = document.toJS();
  } catch (error) {
    return { ok: false, say: `${file}: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return { ok: false, say: `${file}: must hold lines such as "at 10s: set voltageV 0"` };
  const random = seededRandom(seed);
  const actions: ScriptAction[] = [];
  for (const [when, what] of Object.entries(given)) {
    const line = text.slice(0, text.indexOf(when)).split('\n').length;
    const fail = (say: string): ScriptRead => ({ ok: false, say: `${file}:${line}: ${say}` });
    const atMs = timeOf(when, () => random.next());
    if (atMs === undefined) return fail(`"${when}" is no time; write for example "at 10s", "at 1m30s" or "at 10s-20s"`);
    if (typeof what !== 'string') return fail(`"${when}" must say what happens, such as "set voltageV 0"`);
    for (const part of what.split(';').map((each) => each.trim())) {
      if (part === '') continue;
      const action = actionOf(part);
      if (typeof action === 'string') return fail(action);
      actions.push({ atMs, line: part, ...action });
    }
  }
  return { ok: true, actions: actions.toSorted((a, b) => a.atMs - b.atMs) };
}

/** A value of the command line or of a script: number, true or false, a list with commas, else a word. */
export function valueOf(text: string): unknown {
  const plain = text.trim();
  if (plain === 'true') return true;
  if (plain === 'false' || plain === 'null') return plain === 'null' ? null : false;
  if (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain)) return Number(plain);
  if (/^0x[0-9a-f]+$/i.test(plain)) return Number(plain);
  return plain;
}

/** Faults that take a list take one name, too. */
export function faultValue(name: string, text: string | undefined): unknown {
  if (text === undefined || text === '') return true;
  if (name === 'unknownPoints' || name === 'holes') return text.split(',').map((each) => each.trim());
  return valueOf(text);
}

/** Values of alarms are a list. */
export function pointValue(name: string, text: string): unknown {
  if (name !== 'alarms') return valueOf(text);
  return text.trim() === '' || text.trim() === 'none' ? [] : text.split(',').map((each) => each.trim());
}

function timeOf(text: string, random: () => number): number | undefined {
  const match = /^at\s+([\d.hms]+)(?:\s*-\s*([\d.hms]+))?$/.exec(text.trim());
  const from = match?.[1] === undefined ? undefined : durationMs(match[1]);
  if (from === undefined || match?.[2] === undefined) return from;
  const to = durationMs(match[2]);
  return to === undefined || to < from ? undefined : Math.round(from + (to - from) * random());
}

function durationMs(text: string): number | undefined {
  const match = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?$/.exec(text);
  if (match === null || text === '') return undefined;
  const [, hours = '0', minutes = '0', seconds = '0'] = match;
  return Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000);
}

type Plain = ScriptAction extends infer A ? (A extends ScriptAction ? Omit<A, 'atMs' | 'line'> : never) : never;

function actionOf(part: string): Plain | string {
  const on = /^on\s+(\S+)\s+(.*)$/.exec(part);
  const device = on?.[1] === undefined ? {} : { device: on[1] };
  const [verb = '', name = '', ...rest] = (on?.[2] ?? part).split(/\s+/);
  const value = rest.join(' ');
  switch (verb) {
    case 'set':
      if (name === '' || value === '') return `"${part}": write for example "set voltageV 0"`;
      return { ...device, do: 'values', values: { [name]: pointValue(name, value) } };
    case 'release':
      return name === ''
        ? `"${part}": write for example "release voltageV"`
        : { ...device, do: 'values', values: { [name]: null } };
    case 'fault':
      if (name === '') return `"${part}": write for example "fault stuckSwitch" or "fault lateRepliesMs 900"`;
      return { ...device, do: 'faults', faults: { [name]: faultValue(name, value) } };
    case 'heal':
      return name === ''
        ? `"${part}": write for example "heal stuckSwitch"`
        : { ...device, do: 'faults', faults: { [name]: null } };
    case 'prepare': {
      const command = commandKinds.find((kind) => kind === name);
      return command === undefined
        ? `"${part}": there is no command ${name}; there is ${commandKinds.join(', ')}`
        : { ...device, do: 'prepare', command };
    }
    case 'repeat':
      return { do: 'repeat' };
    default:
      return `"${part}": a script knows set, release, fault, heal, prepare and repeat`;
  }
}
