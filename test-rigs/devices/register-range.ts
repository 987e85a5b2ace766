import { addressCount, registerTables, type RegisterTable } from './register-image.ts';

export type RegisterRange = { readonly table: RegisterTable; readonly address: number; readonly count: number };

/** Reads `holding:40000-40200` or `input:12`, in decimal or 0x hex, both ends included; `undefined` where it is none. */
export function readRange(text: string): RegisterRange | undefined {
  const match = /^([a-z]+):(0x[0-9a-f]+|\d+)(?:-(0x[0-9a-f]+|\d+))?$/i.exec(text.trim());
  const table = registerTables.find((name) => name === match?.[1]?.toLowerCase());
  const address = Number(match?.[2]);
  const last = match?.[3] === undefined ? address : Number(match[3]);
  if (table === undefined || !(address <= last) || last >= addressCount) return undefined;
  return { table, address, count: last - address + 1 };
}
