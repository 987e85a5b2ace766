export type Complex = { readonly re: number; readonly im: number };

export const complex = (re: number, im = 0): Complex => ({ re, im });
export const add = (a: Complex, b: Complex): Complex => ({ re: a.re + b.re, im: a.im + b.im });
export const subtract = (a: Complex, b: Complex): Complex => ({ re: a.re - b.re, im: a.im - b.im });
export const times = (a: Complex, b: Complex): Complex => ({
  re: a.re * b.re - a.im * b.im,
  im: a.re * b.im + a.im * b.re,
});
export const scaled = (a: Complex, by: number): Complex => ({ re: a.re * by, im: a.im * by });
export const magnitude = (a: Complex): number => Math.hypot(a.re, a.im);

export function divided(a: Complex, b: Complex): Complex {
  const square = b.re * b.re + b.im * b.im;
  return { re: (a.re * b.re + a.im * b.im) / square, im: (a.im * b.re - a.re * b.im) / square };
}

/** The root in the right half-plane. */
export function squareRoot(a: Complex): Complex {
  const length = magnitude(a);
  const re = Math.sqrt((length + a.re) / 2);
  const im = Math.sqrt(Math.max(0, length - a.re) / 2);
  return { re, im: a.im < 0 ? -im : im };
}

export const logarithm = (a: Complex): Complex => ({ re: Math.log(magnitude(a)), im: Math.atan2(a.im, a.re) });
