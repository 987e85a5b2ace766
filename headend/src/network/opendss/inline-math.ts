/** What an expression in reverse Polish notation comes to (`8 1000 /`), or what is wrong with it. */
export type MathRead = { readonly ok: true; readonly value: number } | { readonly ok: false; readonly say: string };

const degree = Math.PI / 180;

type Operation = { readonly takes: 1 | 2; readonly result: (x: number, y: number) => number };

/** `x` is what was entered last. Angles are in degrees. */
const operations: Readonly<Record<string, Operation>> = {
  '+': { takes: 2, result: (x, y) => y + x },
  '-': { takes: 2, result: (x, y) => y - x },
  '*': { takes: 2, result: (x, y) => y * x },
  '/': { takes: 2, result: (x, y) => y / x },
  '^': { takes: 2, result: (x, y) => y ** x },
  sqrt: { takes: 1, result: Math.sqrt },
  sqr: { takes: 1, result: (x) => x * x },
  inv: { takes: 1, result: (x) => 1 / x },
  ln: { takes: 1, result: Math.log },
  log10: { takes: 1, result: Math.log10 },
  exp: { takes: 1, result: Math.exp },
  sin: { takes: 1, result: (x) => Math.sin(x * degree) },
  cos: { takes: 1, result: (x) => Math.cos(x * degree) },
  tan: { takes: 1, result: (x) => Math.tan(x * degree) },
  asin: { takes: 1, result: (x) => Math.asin(x) / degree },
  acos: { takes: 1, result: (x) => Math.acos(x) / degree },
  atan: { takes: 1, result: (x) => Math.atan(x) / degree },
  atan2: { takes: 2, result: (x, y) => Math.atan2(y, x) / degree },
};

/** The stack of a pocket calculator is endless here; its four registers would only lose what was entered first. */
export function inlineMath(text: string): MathRead {
  const stack: number[] = [];
  for (const token of text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((each) => each !== '')) {
    const number = plainNumber(token);
    const say = number === undefined ? operate(stack, token) : undefined;
    if (say !== undefined) return { ok: false, say };
    if (number !== undefined) stack.push(number);
  }
  const value = stack.at(-1);
  if (value === undefined) return { ok: false, say: 'is empty where a number is due' };
  return Number.isFinite(value) ? { ok: true, value } : { ok: false, say: `'${text}' comes to no number` };
}

function operate(stack: number[], token: string): string | undefined {
  if (token === 'pi') stack.push(Math.PI);
  else if (token === 'swap') stack.push(...stack.splice(-2).toReversed());
  else if (token === 'rollup') stack.unshift(...stack.splice(-1));
  else if (token === 'rolldn') stack.push(...stack.splice(0, 1));
  else {
    const operation = Object.hasOwn(operations, token) ? operations[token] : undefined;
    if (operation === undefined) return `'${token}' is neither a number nor an operation of inline math`;
    if (stack.length < operation.takes) return `'${token}' needs ${operation.takes} numbers before it`;
    const x = stack.pop() ?? 0;
    stack.push(operation.takes === 1 ? operation.result(x, 0) : operation.result(x, stack.pop() ?? 0));
  }
  return undefined;
}

export function plainNumber(text: string): number | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}
