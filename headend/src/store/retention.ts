/** How long is kept what. */
export type Retention = { rawMs: number; minutesMs: number; quartersMs: number; eventsMs: number; maxEvents: number };

export const retention: Retention = {
  rawMs: 2 * 3_600_000,
  minutesMs: 48 * 3_600_000,
  quartersMs: 400 * 86_400_000,
  eventsMs: 400 * 86_400_000,
  maxEvents: 2_000_000,
};
