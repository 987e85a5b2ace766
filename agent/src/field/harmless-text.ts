/**
 * What devices, files and the head-end tell is shown as text: what would speak to the terminal (control characters, and those that turn the
 * direction of writing) is a dot. Line ends, tabs and the colours of `paint` stay.
 */
export function harmless(text: string): string {
  return text.replaceAll(commanding, (each) => (kept.test(each) ? each : `·${each.slice(1)}`));
}

/** As `harmless`, of a text of JSON: programs read what it was. */
export function harmlessJson(text: string): string {
  return text.replaceAll(commanding, (each) =>
    each === '\n' || each === '\t'
      ? each
      : Array.from(each, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  );
}

// eslint-disable-next-line no-control-regex
const commanding = /\u001B\[\d{1,2}m|[\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;
// eslint-disable-next-line no-control-regex
const kept = /^(?:[\n\t]|\u001B\[(?:0|1|2|31|32|33|36)m)$/;
