/** Hours of a meter at a transformer or at the head of a circuit, beside what its customers came to; NaN is unknown. */
export type MeteredHours = {
  /** Net, as the head's meter counted. */
  readonly headWh: Float64Array;
  /** Net, of all customers, none of them missing or estimated in that hour. */
  readonly customersWh: Float64Array;
  /** What equipment between them takes. */
  readonly lossWh: Float64Array;
};

export type EnergyResidual = {
  /** Went in and reached no customer: what losses do not explain. Below zero: customers counted more than went in. */
  readonly residualWh: number;
  readonly headWh: number;
  /** Of what went in. */
  readonly share: number;
  readonly days: number;
  /** Days whose residual has the sign of all. */
  readonly daysAlike: number;
};

const dayHours = 24;
/** A meter of class 0.5 at the head and class 1 at the customers, with the model of losses, is that far off at most. */
const leastShare = 0.03;
const leastDays = 7;
/** Theft and wrong maps are there day after day; a stray hour is not. */
const leastAlike = 0.8;

/** Undefined: nothing is wrong, or too little is known to say. `allowance`: a further share of losses that nobody can reckon. */
export function energyResidual(
  { headWh, customersWh, lossWh }: MeteredHours,
  allowance: number,
): EnergyResidual | undefined {
  const days: number[] = [];
  let [residual, total, hours] = [0, 0, 0];
  for (let fromHour = 0; fromHour < headWh.length; fromHour += dayHours) {
    let [day, known] = [0, 0];
    for (let hour = fromHour; hour < Math.min(headWh.length, fromHour + dayHours); hour += 1) {
      const left = headWh[hour]! - customersWh[hour]! - lossWh[hour]!;
      if (Number.isNaN(left)) continue;
      day += left;
      known += 1;
      total += Math.abs(headWh[hour]!);
    }
    if (known < dayHours / 2) continue;
    days.push(day);
    residual += day;
    hours += known;
  }
  if (days.length < leastDays || hours === 0 || total === 0) return undefined;
  const share = residual / total;
  const daysAlike = days.filter((day) => Math.sign(day) === Math.sign(residual)).length;
  // Losses that nobody reckons with explain what is missing, never what is too much.
  const least = leastShare + (share > 0 ? allowance : 0);
  if (Math.abs(share) < least || daysAlike < leastAlike * days.length) return undefined;
  return { residualWh: Math.round(residual), headWh: Math.round(total), share, days: days.length, daysAlike };
}
