import { add, complex, divided, magnitude, scaled, times } from './complex.ts';
import type { Complex } from './complex.ts';

const mu0 = 4e-7 * Math.PI;

/** Resistance of a metre of round solid wire at a frequency, from that at direct current: by Bessel functions of the first kind. */
export function roundWireResistance(dcOhmPerM: number, frequencyHz: number): number {
  const depth = Math.sqrt((frequencyHz * mu0) / dcOhmPerM);
  const alpha = complex(depth, depth);
  // Beyond, the two functions are the same within the digits of a number.
  const ratio = magnitude(alpha) > 35 ? complex(1) : divided(besselI(0, alpha), besselI(1, alpha));
  return times(complex(1, 1), scaled(ratio, Math.sqrt(dcOhmPerM * frequencyHz * mu0) / 2)).re;
}

/** Modified Bessel function of order 0 or 1, by its series. */
function besselI(order: 0 | 1, z: Complex): Complex {
  const quarter = scaled(times(z, z), 1 / 4);
  let term = order === 0 ? complex(1) : scaled(z, 1 / 2);
  let sum = term;
  for (let k = 1; k < 200 && magnitude(term) > 1e-17 * magnitude(sum); k += 1) {
    term = scaled(times(term, quarter), 1 / (k * (k + order)));
    sum = add(sum, term);
  }
  return sum;
}
