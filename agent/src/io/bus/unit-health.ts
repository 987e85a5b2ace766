import type { Priority } from './bus.ts';

/** How one unit answers. A unit that does not answer is left alone for a growing time, so that it costs its neighbours little. */
export type UnitHealth = {
  failuresInARow: number;
  /** The pause now in force, 0 when there is none. */
  pauseMs: number;
  untilMs: number | undefined;
};

export type BackOff = { afterTimeouts: number; firstMs: number; maxMs: number };

export const healthy: UnitHealth = { failuresInARow: 0, pauseMs: 0, untilMs: undefined };

/** May it be asked now? A poll waits for the end of the pause; a command is tried all the same. */
export function mayAsk(health: UnitHealth, nowMs: number, priority: Priority, { maxMs }: BackOff): boolean {
  if (health.untilMs === undefined || priority === 'command') return true;
  // A clock that was set back must not make the pause longer than any pause can be.
  return nowMs >= health.untilMs || health.untilMs - nowMs > maxMs;
}

/** After a whole time-out without an answer. A command's failure inside a pause changes nothing: the pause is for polls. */
export function afterTimeout(health: UnitHealth, nowMs: number, backOff: BackOff): UnitHealth {
  const failuresInARow = health.failuresInARow + 1;
  if (failuresInARow < backOff.afterTimeouts) return { ...health, failuresInARow };
  if (health.untilMs !== undefined && nowMs < health.untilMs) return health;
  const pauseMs = Math.min(health.pauseMs === 0 ? backOff.firstMs : health.pauseMs * 2, backOff.maxMs);
  return { failuresInARow, pauseMs, untilMs: nowMs + pauseMs };
}
