import { readPoint, WordImage } from '@tiepoint/hardware-profiles';
import type { DeviceModel, ResolvedPoint } from '@tiepoint/hardware-profiles';
import type { FrameWords } from './frame-words.ts';

/** A point of the profile whose registers a frame carries. `value`: where these and earlier frames tell it whole. */
export type NamedPoint = { readonly name: string; readonly value?: number | string };

/**
 * Gives the points of known devices to frames. It keeps the words that were seen of each unit, for a value may need a scale factor
 * that came in another frame.
 */
export class PointNames {
  readonly #models = new Map<number, DeviceModel>();
  readonly #images = new Map<number, WordImage>();
  #any: DeviceModel | undefined;

  /** `unit` undefined: for every unit of which nothing else is known. */
  learn(unit: number | undefined, model: DeviceModel): void {
    if (unit === undefined) this.#any = model;
    else this.#models.set(unit, model);
  }

  of({ unit, role, table, address, values, functionCode }: FrameWords): readonly NamedPoint[] {
    const model = this.#models.get(unit) ?? this.#any;
    const isRead = functionCode <= 4;
    // The request of a read and the echo of a write carry no values of their own; their points are told once, with the others.
    if (model === undefined || table === undefined || address === undefined || values === undefined) return [];
    if (role !== (isRead ? 'reply' : 'request')) return [];
    const image = isRead ? this.#image(unit) : new WordImage();
    image.set(table, address, values, 0);
    const lies = (source: ResolvedPoint['sources'][number]): boolean =>
      source.table === table && source.address < address + values.length && address < source.address + source.words;
    return [...model.points, ...model.nameplate].flatMap((point) => {
      const sources = point.sources.filter(lies);
      if (sources.length === 0 || (sources.every(({ orders }) => orders !== undefined) && isRead)) return [];
      const value = readPoint({ sources }, image);
      return [{ name: point.name, ...(value === undefined ? {} : { value }) }];
    });
  }

  #image(unit: number): WordImage {
    const image = this.#images.get(unit) ?? new WordImage();
    this.#images.set(unit, image);
    return image;
  }
}
