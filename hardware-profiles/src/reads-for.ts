import type { PointName } from '@tiepoint/protocol';
import type { DeviceModel, Span } from './device-model.ts';
import type { Condition, Every, SetpointName, Step } from './profile.ts';

/** The spans of the named points; a name that this device lacks is left out. */
export function readsFor(model: DeviceModel, names: readonly (PointName | SetpointName)[]): readonly Span[] {
  // Presence on the load side may be told by its voltage alone.
  const wanted = names.includes('loadSideVoltage') ? [...names, 'loadSideVoltageV'] : names;
  return model.points.filter(({ name }) => wanted.includes(name)).flatMap(({ reads }) => reads);
}

/** The spans of all points with one of these periods. */
export function readsEvery(model: DeviceModel, periods: readonly Every[]): readonly Span[] {
  return model.points.filter(({ every }) => periods.includes(every)).flatMap(({ reads }) => reads);
}

/** The spans that must be read freshly to judge these conditions. */
export function readsForConditions(model: DeviceModel, conditions: readonly Condition[]): readonly Span[] {
  return readsFor(
    model,
    conditions.flatMap((condition) => ('belowPct' in condition ? [condition.point, condition.of] : [condition.point])),
  );
}

/**
 * What must be read freshly before a step: for a write its scale factor, the word of a bit, and whether the point is implemented;
 * nothing for an order.
 */
export function readsForStep(model: DeviceModel, step: Step): readonly Span[] {
  switch (step.do) {
    case 'write':
      return readsFor(model, [step.point]);
    case 'await':
      return readsForConditions(model, step.until);
    case 'require':
      return readsForConditions(model, step.that);
  }
}
