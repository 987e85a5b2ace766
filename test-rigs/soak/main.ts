import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Soak, SoakResult } from './soak.ts';

const suffix = '.soak.ts';
const usage = 'npm run soak -- NAME [--seed N] [--seeds N] [--input TARGET:SEED] [--trace] [--json], or --list';

/**
 * Runs one campaign by name. The last line of the standard output is the result: one JSON object with `--json`, a sentence without.
 * Ends with 0, 1 where a promise was broken or the campaign could not run, 2 for a wrong command line.
 */
async function main(args: readonly string[], folder: string): Promise<number> {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(suffix))
    .map((file) => file.slice(0, -suffix.length))
    .toSorted();
  const asked = readArguments(args);
  if (!asked.ok) return refuse(asked.say, names);
  if (asked.list) {
    for (const each of names) print(each);
    return 0;
  }
  const { name, json, seed, seeds, input, trace } = asked;
  if (name === undefined) return refuse('Which campaign?', names);
  if (!names.includes(name)) return refuse(`There is no campaign "${name}".`, names);

  const { default: soak } = (await import(pathToFileURL(join(folder, name + suffix)).href)) as { default: Soak };
  const result = await soak({ seed: seed ?? 1, amount: seeds ?? (trace ? 1 : undefined), input, trace, log: print });
  print(json ? JSON.stringify(result) : sentence(result));
  return result.kept ? 0 : 1;
}

type Asked =
  | {
      ok: true;
      name: string | undefined;
      json: boolean;
      list: boolean;
      trace: boolean;
      seed: number | undefined;
      seeds: number | undefined;
      input: string | undefined;
    }
  | { ok: false; say: string };

function readArguments(args: readonly string[]): Asked {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        trace: { type: 'boolean', default: false },
        seed: { type: 'string' },
        seeds: { type: 'string' },
        input: { type: 'string' },
      },
    });
    if (positionals.length > 1) return { ok: false, say: `One campaign at a time, not ${positionals.join(', ')}.` };
    const { json, list, trace } = values;
    return {
      ok: true,
      name: positionals[0],
      json,
      list,
      trace,
      seed: whole('seed', values.seed),
      seeds: whole('seeds', values.seeds),
      input: values.input,
    };
  } catch (error) {
    return { ok: false, say: error instanceof Error ? error.message : String(error) };
  }
}

function whole(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${option} is a whole number, not ${text}`);
  return Number(text);
}

function sentence({ name, value, unit, kept }: SoakResult): string {
  return `${name}: ${value} ${unit}${kept ? '' : ': a promise was BROKEN'}`;
}

function refuse(say: string, names: readonly string[]): number {
  process.stderr.write(`soak: ${say} Known: ${names.join(', ')}. Usage: ${usage}\n`);
  return 2;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  process.exitCode = await main(process.argv.slice(2), import.meta.dirname);
} catch (error) {
  process.stderr.write(`soak: could not run. ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
}
