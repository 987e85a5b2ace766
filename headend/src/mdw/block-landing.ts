import { intervalFlags } from '@tiepoint/protocol';
import type { IntervalBlock, Result } from '@tiepoint/protocol';
import type { IntervalRow } from './interval-row.ts';
import type { Landed, RegisterRow } from './requests.ts';
import { flagBit } from './vee-rules.ts';
import type { Warehouse } from './warehouse.ts';

/** What a gateway told of a meter, by the name under which the meter is kept, and when it was heard. */
export type ReadBlock = { readonly meter: string; readonly block: IntervalBlock; readonly readAtMs: number };

/** Takes blocks as gateways send them into the warehouse. Remembers the numbers of meters, which never change. */
export class BlockLanding {
  readonly #warehouse: Warehouse;
  readonly #numbers = new Map<string, number>();

  constructor(warehouse: Warehouse) {
    this.#warehouse = warehouse;
  }

  /** Answered well when all of them are on the disk. */
  async land(blocks: readonly ReadBlock[]): Promise<Result<Landed>> {
    const unknown = [...new Set(blocks.map(({ meter }) => meter).filter((meter) => !this.#numbers.has(meter)))];
    if (unknown.length > 0) {
      const numbered = await this.#warehouse.numberMeters(unknown.map((name) => ({ name })));
      if (!numbered.ok) return numbered;
      for (const [index, name] of unknown.entries()) this.#numbers.set(name, numbered.value[index] ?? 0);
    }
    const numberOf = (meter: string): number => this.#numbers.get(meter) ?? 0;
    const registers = blocks.flatMap(({ meter, block }) => registerOf(numberOf(meter), block));
    if (registers.length > 0) {
      const kept = await this.#warehouse.landRegisters(registers);
      if (!kept.ok) return kept;
    }
    return await this.#warehouse.land(blocks.flatMap((each) => rowsOf(numberOf(each.meter), each)));
  }
}

export function rowsOf(meter: number, { block, readAtMs }: Omit<ReadBlock, 'meter'>): readonly IntervalRow[] {
  const lengthS = block.intervalS;
  return block.intervals.map(({ endMs, flags, importedWh, exportedWh, reactiveVarh, voltageV }) => ({
    meter,
    startS: endMs / 1_000 - lengthS,
    lengthS,
    importWh: importedWh,
    exportWh: exportedWh,
    reactiveVarh,
    voltageV,
    flags: intervalFlags.filter((flag) => flags.includes(flag)).reduce((sum, flag) => sum + flagBit(flag), 0),
    source: 'meter',
    readS: Math.floor(readAtMs / 1_000),
  }));
}

function registerOf(meter: number, block: IntervalBlock): readonly RegisterRow[] {
  const { importedRegisterWh: importWh, exportedRegisterWh: exportWh, intervals } = block;
  const atS = (intervals.at(-1)?.endMs ?? 0) / 1_000;
  if (importWh === undefined && exportWh === undefined) return [];
  return [
    {
      meter,
      atS,
      ...(importWh === undefined ? {} : { importWh: Math.round(importWh) }),
      ...(exportWh === undefined ? {} : { exportWh: Math.round(exportWh) }),
    },
  ];
}
