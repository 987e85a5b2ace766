import { smoothNoise } from './noise.ts';

export const dayS = 86_400;
const hourS = 3600;

/** What the load of a home is at each full hour, as a share of its peak: low at night, a morning bump, an evening peak. */
const homeByHour = [
  0.22, 0.19, 0.17, 0.16, 0.17, 0.22, 0.36, 0.52, 0.48, 0.4, 0.37, 0.38, 0.42, 0.4, 0.38, 0.41, 0.52, 0.74, 0.92, 1,
  0.94, 0.76, 0.5, 0.32,
] as const;

/** Load of a home as a share of its peak, from 0.05 up to about 1.2. `clockS`: seconds since some midnight, local time. */
export function homeLoadShare(clockS: number, seed: number): number {
  const hour = (((clockS % dayS) + dayS) % dayS) / hourS;
  const before = Math.floor(hour);
  const share = hour - before;
  const smooth = hourly(before) * (1 - share) + hourly(before + 1) * share;
  // Slow: people come and go. Quick: a kettle, a refrigerator.
  const wander = 0.12 * smoothNoise(seed, clockS / 600) + 0.06 * smoothNoise(seed + 1, clockS / 20);
  return Math.max(0.05, smooth * (1 + wander));
}

const hourly = (hour: number): number => homeByHour[hour % homeByHour.length] ?? 0;

/** Light on the panels as a share of full sun: 0 from 18:00 to 06:00, seeded clouds between. */
export function sunShare(clockS: number, seed: number): number {
  const angle = (((((clockS % dayS) + dayS) % dayS) / hourS - 6) / 12) * Math.PI;
  const clear = angle <= 0 || angle >= Math.PI ? 0 : Math.sin(angle) ** 1.3;
  const cover = Math.max(0, smoothNoise(seed, clockS / 240) * 0.7 + smoothNoise(seed + 1, clockS / 45) * 0.3);
  return clear * (1 - 0.75 * cover);
}
