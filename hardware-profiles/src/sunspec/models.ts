import { batteryModels } from './battery-models.ts';
import { curveModels } from './curve-models.ts';
import { derModels } from './der-models.ts';
import { inverterModels } from './inverter-models.ts';
import { meterModels } from './meter-models.ts';
import type { SunSpecModel } from './notation.ts';

const models: ReadonlyMap<number, SunSpecModel> = new Map(
  [...inverterModels, ...meterModels, ...derModels, ...curveModels, ...batteryModels].map((model) => [model.id, model]),
);

/** The definition of a model, where we know it; devices carry many that we do not. */
export function findModel(id: number): SunSpecModel | undefined {
  return models.get(id);
}
