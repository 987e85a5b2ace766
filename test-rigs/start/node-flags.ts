import { readFileSync } from 'node:fs';

/** The flags of Node in the first line of a program (`#!/usr/bin/env -S node ...`), which the kernel would pass; none without. */
export function nodeFlagsOf(program: string): readonly string[] {
  const [first = ''] = readFileSync(program, 'utf8').split('\n', 1);
  const flags = /^#!\S*env -S node (.*)$/.exec(first)?.[1] ?? '';
  return flags.split(' ').filter((flag) => flag !== '');
}
