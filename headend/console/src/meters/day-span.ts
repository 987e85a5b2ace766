import type { Times } from '../live/meter-client.ts';

const shifted = (day: string, by: number): string => {
  const at = new Date(`${day}T12:00:00Z`);
  at.setUTCDate(at.getUTCDate() + by);
  return at.toISOString().slice(0, 10);
};

export const daysBefore = (day: string, count: number): string => shifted(day, -count);
export const timesFrom = (from: string, days: number): Times => ({ from, to: shifted(from, days) });
