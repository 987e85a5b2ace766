import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Bench, BenchResult } from './bench.ts';

const suffix = '.bench.ts';
const usage = 'npm run bench -- NAME [--json], or --list';

/**
 * Runs one benchmark by name. The last line of the standard output is the result: one JSON object with `--json`, a sentence
 * without. Ends with 0, 1 where the limit was not kept or nothing could be measured, 2 for a wrong command line.
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
  const { name, json } = asked;
  if (name === undefined) return refuse('Which benchmark?', names);
  if (!names.includes(name)) return refuse(`There is no benchmark "${name}".`, names);

  const { default: bench } = (await import(pathToFileURL(join(folder, name + suffix)).href)) as { default: Bench };
  const result = await bench({ json, log: print });
  if (!Number.isFinite(result.value)) throw new Error(`${name}: measured ${result.value}, which is no figure`);
  print(json ? JSON.stringify(result) : sentence(result));
  return result.kept === false ? 1 : 0;
}

type Asked = { ok: true; name: string | undefined; json: boolean; list: boolean } | { ok: false; say: string };

function readArguments(args: readonly string[]): Asked {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, list: { type: 'boolean', default: false } },
    });
    if (positionals.length > 1) return { ok: false, say: `One benchmark at a time, not ${positionals.join(', ')}.` };
    return { ok: true, name: positionals[0], ...values };
  } catch (error) {
    return { ok: false, say: error instanceof Error ? error.message : String(error) };
  }
}

function sentence({ name, value, unit, limit, kept, peer, ratio }: BenchResult): string {
  return [
    `${name}: ${value} ${unit}`,
    ...(ratio === undefined ? [] : [`ratio ${ratio}${peer === undefined ? '' : ` to ${peer}`}`]),
    ...(limit === undefined ? [] : [`limit ${limit}${kept === undefined ? '' : kept ? ', kept' : ', NOT kept'}`]),
  ].join('; ');
}

function refuse(say: string, names: readonly string[]): number {
  process.stderr.write(`bench: ${say} Known: ${names.join(', ') || 'none yet'}. Usage: ${usage}\n`);
  return 2;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  process.exitCode = await main(process.argv.slice(2), import.meta.dirname);
} catch (error) {
  process.stderr.write(`bench: could not measure. ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
}
// A handle that a benchmark left open must not keep the caller waiting; unref'd, so that a clean end is not delayed.
setTimeout(() => process.exit(), 3_000).unref();
