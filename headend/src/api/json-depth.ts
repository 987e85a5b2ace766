const quote = 0x22;
const backslash = 0x5c;

/** Without reading it: does this JSON nest more lists and objects into each other? Brackets within texts do not count. */
export function nestsDeeperThan(most: number, json: string): boolean {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (isText) {
      if (code === backslash) at += 1;
      else if (code === quote) isText = false;
    } else if (code === quote) isText = true;
    // [ and {, ] and } differ by one bit.
    else if ((code | 0x20) === 0x7b) {
      depth += 1;
      if (depth > most) return true;
    } else if ((code | 0x20) === 0x7d) depth -= 1;
  }
  return false;
}
