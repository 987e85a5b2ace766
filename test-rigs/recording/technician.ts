import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { DemonstrationSite } from '../devices/behaviours/demonstration-site.ts';
import { seenOf } from './transcript.ts';

const program = join(import.meta.dirname, '../../agent/bin/tiepoint-agent.mjs');

/** What is typed at the question that stands there now; `undefined`: nobody knows. */
export type Typist = (question: string, heading: string) => string | undefined;

/**
 * `tiepoint-agent ARGS` at a pseudo-terminal made by socat, whose driver echoes what is typed. Resolves to all that was written there.
 * Throws where a question has no answer, or the command failed.
 */
export async function atTerminal(args: readonly string[], type: Typist): Promise<string> {
  const words = [process.execPath, program, ...args].map((word) => word.replaceAll(/([\\:,!'" ])/g, '\\$1'));
  const child = spawn('socat', [`EXEC:${words.join(' ')},pty,ctty,setsid,stderr`, 'STDIO'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TERM: 'xterm' },
  });
  let raw = '';
  let answeredTo = 0;
  let trouble: string | undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    raw += chunk.toString();
    process.stdout.write(chunk);
    if (!/(?:\?|yes \/ no|\/ export|it fails) $/.test(raw) || raw.length === answeredTo) return;
    answeredTo = raw.length;
    const lines = seenOf(raw).split('\n');
    const heading = lines.findLast((line) => /^(?:meter|pv)-1: /.test(line)) ?? '';
    const answer = type(lines.at(-1) ?? '', heading);
    if (answer === undefined) {
      trouble = `nobody answers: ${lines.at(-1)}`;
      child.kill();
    } else setTimeout(() => child.stdin.write(`${answer}\n`), typingMs);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (trouble !== undefined || code !== 0) throw new Error(trouble ?? `${args[0]} ended with ${code}`);
  return raw;
}

/** A person reads before they type. */
const typingMs = 300;

const header: readonly (readonly [RegExp, string])[] = [
  [/^Your name/, 'A. Fitter'],
  [/^Your organisation/, 'Line crew 3'],
  [/^Your instrument/, 'Emulated clamp meter'],
  [/serial number/, 'K-17'],
  [/^Calibrated/, '2026-05-31'],
  [/accuracy/, '1'],
  [/Go on\?/, 'yes'],
  [/ratio on the plate|phase [BC]|^Number of an item/, ''],
];

/** Answers a commissioning of the home with what an instrument shows there now. */
export function fitterAt(site: DemonstrationSite): Typist {
  const shown = (value: number, digits: number): string => String(Number(value.toPrecision(digits)));
  return (question, heading) => {
    const { home, pv } = site.plant;
    const isPv = heading.startsWith('pv-1');
    const currentA = Math.abs(isPv ? pv.currentA : home.currentA);
    const powerW = isPv ? pv.activePowerW : home.activePowerW;
    if (/^ {2}voltage/.test(question)) return shown(isPv ? pv.voltageV : home.supplyV, 4);
    if (/^ {2}current/.test(question) && !/phase [BC]/.test(question)) return shown(currentA, 3);
    if (/^ {2}active power/.test(question)) return shown(powerW, 4);
    if (/^ {2}frequency/.test(question)) return shown(isPv ? pv.frequencyHz : home.supply.frequencyHz, 4);
    if (question.includes('which way')) return isPv || powerW < 0 ? 'export' : 'import';
    return header.find(([asked]) => asked.test(question))?.[1];
  };
}
