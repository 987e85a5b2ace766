import { identify, type DeviceModel, type Profile, type ReadRequest } from '@tiepoint/hardware-profiles';
import type { ReadBus } from '@tiepoint/agent/io/bus/bus.ts';
import { isBitTable, RegisterImage, registerTables } from '../devices/register-image.ts';
import type { RegisterRange } from '../devices/register-range.ts';
import { driveOverBus } from './over-bus.ts';

export type Recorded = { ok: true; image: RegisterImage; holes: number } | { ok: false; say: string };

/** A block of silence is asked again so often before the device counts as lost. */
const maxSilences = 3;

/**
 * Reads every register of these ranges into an image; one that the device refuses is recorded as a hole. A refused block is halved
 * until the single registers are known. Ends with a sentence where the device falls silent. Reads alone: the bus has no write.
 */
export async function record(
  bus: ReadBus,
  unit: number,
  ranges: readonly RegisterRange[],
  { maxRegisters, signal, progress }: { maxRegisters: number; signal: AbortSignal; progress: (share: number) => void },
): Promise<Recorded> {
  const image = new RegisterImage();
  const queue: ReadRequest[] = ranges.flatMap((range) => blocks(range, maxRegisters));
  const total = ranges.reduce((sum, { count }) => sum + count, 0);
  let done = 0;
  let holes = 0;
  let silences = 0;
  for (let request = queue.shift(); request !== undefined; request = queue.shift()) {
    if (signal.aborted) return { ok: false, say: 'interrupted' };
    const { table, address, quantity } = request;
    const result = await bus.read({ unit, ...request, maxQuantity: quantity }, 'command');
    if (result.ok) {
      silences = 0;
      image.set(table, address, result.value.slice(0, quantity));
      done += quantity;
    } else if (result.reason === 'exception' && quantity > 1) {
      const half = Math.floor(quantity / 2);
      queue.unshift({ table, address, quantity: half }, { table, address: address + half, quantity: quantity - half });
    } else if (result.reason === 'exception') {
      // Busy is not refused.
      if (result.code === 5 || result.code === 6) {
        if (++silences > maxSilences) return { ok: false, say: `${table} ${address}: ${result.say}` };
        queue.unshift(request);
        continue;
      }
      image.makeHole(table, address);
      holes++;
      done++;
    } else {
      if (++silences > maxSilences) return { ok: false, say: `${table} ${address}: ${result.say}` };
      queue.unshift(request);
    }
    progress(total === 0 ? 1 : done / total);
  }
  return { ok: true, image, holes };
}

/** The registers that a device of this profile has: its points, its nameplate, by SunSpec its whole chain, and what lies between near ones. */
export async function rangesOfProfile(
  bus: ReadBus,
  unit: number,
  profile: Profile,
): Promise<{ ok: true; ranges: readonly RegisterRange[]; model: DeviceModel } | { ok: false; say: string }> {
  const found = await driveOverBus(identify(profile, {}, 'all'), bus, unit);
  if (!found.ok) return found;
  const model = found.value;
  const spans = [...model.points, ...model.nameplate].flatMap(({ reads }) => reads);
  const chain = model.sunspecModels ?? [];
  const [first] = chain;
  const ranges: RegisterRange[] = spans.map(({ table, address, words }) => ({ table, address, count: words }));
  if (first !== undefined) {
    const last = chain.at(-1) ?? first;
    // From the marker to the two registers that end the chain.
    ranges.push({
      table: 'holding',
      address: first.address - 2,
      count: last.address + last.length + 4 - first.address + 2,
    });
  }
  if ('probes' in profile.identify)
    for (const { source, block, length, type } of profile.identify.probes) {
      const words = type === 'text' ? (length ?? 1) : type.endsWith('64') ? 4 : type.endsWith('32') ? 2 : 1;
      ranges.push(
        block === undefined
          ? { ...source, count: words }
          : { table: source.table, address: block.address, count: block.registers },
      );
    }
  return { ok: true, ranges: joined(ranges), model };
}

/** Registers between two ranges that are recorded with them, so that a reader of the image may read across. */
const nearGap = 16;

/** In rising order, overlapping and near ones as one. */
export function joined(ranges: readonly RegisterRange[]): readonly RegisterRange[] {
  return registerTables.flatMap((table) => {
    const runs: { table: typeof table; address: number; count: number }[] = [];
    for (const { address, count } of ranges
      .filter((range) => range.table === table)
      .toSorted((a, b) => a.address - b.address)) {
      const last = runs.at(-1);
      if (last !== undefined && address <= last.address + last.count + nearGap)
        last.count = Math.max(last.count, address + count - last.address);
      else runs.push({ table, address, count });
    }
    return runs;
  });
}

function blocks({ table, address, count }: RegisterRange, maxRegisters: number): ReadRequest[] {
  const most = isBitTable(table) ? 2000 : maxRegisters;
  return Array.from({ length: Math.ceil(count / most) }, (_, index) => ({
    table,
    address: address + index * most,
    quantity: Math.min(most, count - index * most),
  }));
}
